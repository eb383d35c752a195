"""Whose lead a subject is, when its identifiers name one lead, several, or none.

Strong identifiers are those that the agreement merges on: they decide, and two leads that they name are
one. The others are shared (a switchboard by colleagues, a browser by a family), so they name a lead only
while nothing better is known. A phone number does not once the lead and the fact have strong identifiers of
one sort: two e-mail addresses at one phone are two people. An anonymous id does not once both are named by
anything else. An anonymous lead joins whoever turns out to sit at its browser.

What a person has taken apart is not put together again, and nobody joins a lead that was erased.
"""

from collections.abc import Iterable
from enum import IntEnum

from schemas.agreement import Agreement
from schemas.sequencing import Desk, Identifier
from schemas.vocabulary import LeadId

ANONYMOUS = "anonymous_id"

_ORDER = ("external_id", "email", "phone", ANONYMOUS)
"""Which identifier decides among equals."""


class Strength(IntEnum):
    """How sure an identifier is."""

    SHARED_BROWSER = 0
    SHARED = 1
    STRONG = 2


def find(desk: Desk, named: Iterable[Identifier], agreement: Agreement) -> list[LeadId]:
    """Return the leads that a subject names: the one that it is first, then those to be merged with it."""
    fact = tuple(named)
    ranked = sorted(fact, key=lambda one: (-_strength(one.kind, agreement), _ORDER.index(one.kind)))
    found: list[LeadId] = []
    for one in ranked:
        lead_id = _named_by(desk, one)
        if lead_id is None or lead_id in found:
            continue
        if (
            _may_join(desk, one, lead_id, found, agreement)
            if found
            else _is(desk, one, lead_id, fact, agreement)
        ):
            found.append(lead_id)
    return found


def is_forgotten(desk: Desk, named: Iterable[Identifier], agreement: Agreement) -> bool:
    """Say whether a subject is a person who asked to be forgotten.

    That is so when the lead that it names was erased, or when any strong identifier names one that was. A
    shared one alone does not make somebody else at the same phone, or browser, the person who was erased.
    """
    fact = tuple(named)
    meant = (_named_by(desk, one) for one in fact)
    if not any(lead_id is not None and desk.files[lead_id].erased for lead_id in meant):
        return False  # nearly always; it is asked of every fact
    decisive = find(desk, fact, agreement)[:1]
    decisive += [
        lead_id
        for one in fact
        if _strength(one.kind, agreement) is Strength.STRONG and (lead_id := _named_by(desk, one))
    ]
    return any(desk.files[lead_id].erased for lead_id in decisive)


def bindings(desk: Desk, named: Iterable[Identifier], lead_id: LeadId) -> dict[Identifier, LeadId]:
    """Return what a fact's identifiers come to name.

    A known identifier keeps the lead that it named first, so that an un-merge finds it, and so that an erased
    lead's stays a tombstone. An anonymous id follows whom it was last seen with.
    """
    bound = {}
    for one in named:
        known = _named_by(desk, one)
        if known is None or (one.kind == ANONYMOUS and known != lead_id and _is_taken(desk, known)):
            bound[one] = lead_id
    return bound


def parted(
    desk: Desk, mine: Iterable[Identifier], other: Iterable[Identifier], agreement: Agreement
) -> tuple[LeadId, list[LeadId]]:
    """Return the lead that two subjects are today, and what of it an un-merge makes leads of their own.

    Nothing, when they are not one lead. Who survived a merge is not for people to know, so that it does not
    matter which of the two is named first.
    """
    lead_id = next(iter(find(desk, mine, agreement)), "")
    theirs = _homes(desk, other, agreement)
    if not any(survivor(desk, home) == lead_id for home in theirs):
        return lead_id, []
    for homes in (theirs, _homes(desk, mine, agreement)):
        found = {home for home in homes if home != lead_id == survivor(desk, home)}
        if found:  # a home within another of them goes with it
            return lead_id, sorted(home for home in found if found.isdisjoint(_absorbers(desk, home)))
    return lead_id, []


def survivor(desk: Desk, lead_id: LeadId) -> LeadId:
    """Follow merges to the lead that a lead is now."""
    while (into := desk.files[lead_id].merged_into) is not None:
        lead_id = into
    return lead_id


def _absorbers(desk: Desk, lead_id: LeadId) -> list[LeadId]:
    """Return who absorbed a lead, and who absorbed that one, up to the survivor."""
    found = []
    while (into := desk.files[lead_id].merged_into) is not None:
        lead_id = into
        found.append(into)
    return found


def _strength(kind: str, agreement: Agreement) -> Strength:
    if kind in agreement.identity.merge_on:
        return Strength.STRONG
    return Strength.SHARED_BROWSER if kind == ANONYMOUS else Strength.SHARED


def _named_by(desk: Desk, one: Identifier) -> LeadId | None:
    home = desk.bound.get(one)
    return None if home is None else survivor(desk, home)


def _homes(desk: Desk, named: Iterable[Identifier], agreement: Agreement) -> set[LeadId]:
    """Return the leads that a subject named before any merge: its strongest identifiers say which."""
    known = [(_strength(one.kind, agreement), desk.bound[one]) for one in named if one in desk.bound]
    strongest = max((strength for strength, _ in known), default=None)
    return {lead_id for strength, lead_id in known if strength is strongest}


def _is(
    desk: Desk, one: Identifier, lead_id: LeadId, fact: tuple[Identifier, ...], agreement: Agreement
) -> bool:
    """Say whether the first identifier that names a lead says whose the fact is."""
    match _strength(one.kind, agreement):
        case Strength.STRONG:
            return True
        case Strength.SHARED:
            strong = {each.sort for each in fact if _strength(each.kind, agreement) is Strength.STRONG}
            return strong.isdisjoint(desk.files[lead_id].known_by)
        case _:
            return _is_anonymous(desk, lead_id) or all(each.kind == ANONYMOUS for each in fact)


def _may_join(
    desk: Desk, one: Identifier, lead_id: LeadId, found: list[LeadId], agreement: Agreement
) -> bool:
    """Say whether another identifier makes another lead one with those found."""
    file = desk.files[lead_id]
    if file.erased or any(_are_apart(desk, lead_id, each) for each in found):
        return False
    strong = _strength(one.kind, agreement) is Strength.STRONG
    return strong or (one.kind == ANONYMOUS and _is_anonymous(desk, lead_id))


def _are_apart(desk: Desk, one: LeadId, other: LeadId) -> bool:
    return any(
        survivor(desk, lead_id) == theirs
        for mine, theirs in ((one, other), (other, one))
        for lead_id in desk.files[mine].apart
    )


def _is_anonymous(desk: Desk, lead_id: LeadId) -> bool:
    return {*desk.files[lead_id].known_by} <= {ANONYMOUS}


def _is_taken(desk: Desk, lead_id: LeadId) -> bool:
    return not desk.files[lead_id].erased and not _is_anonymous(desk, lead_id)
