"""The refold: when a lead's history changes, fold it again from nothing and say only the differences.

Late facts, merges, un-merges, imports, fixed dead letters and withdrawn breaches are all this one
mechanism. A conclusion that is found again keeps its id and is not said again; one whose words differ is
restated; one that is no longer true is withdrawn.
"""

from collections import defaultdict
from collections.abc import Iterable

from infra.agreements import AgreementBook
from infra.fold import FIRST, Place, place_of, place_said
from infra.memory import History
from schemas.entries import Cause, Change, Concluded, Entry
from schemas.step import AgreementChanged
from schemas.vocabulary import LeadId


def events_of(
    lead_id: LeadId, history: History, book: AgreementBook, upto_seq: int, after: Place | None = None
) -> list[Entry | AgreementChanged]:
    """Return a lead's history, or what of it comes after a place, as a rule's events, in their order."""
    said: dict[Cause, list[Concluded]] = defaultdict(list)
    for concluded in history.said:
        said[concluded.cause].append(concluded)
    events = [_with(fact, said.pop(fact.seq, [])) for fact in history.facts]
    events += [_without_fact(lead_id, cause, group) for cause, group in said.items()]
    if after is not None:
        events = [event for event in events if place_of(event) > after]
    events.sort(key=place_of)
    begun = after or (place_of(events[0]) if events else None)
    changes = book.changes(lead_id, begun, upto_seq) if begun else []
    # Sorting is stable: a signing comes before what an upstream worker concluded from it.
    return sorted([*changes, *events], key=place_of) if changes else list(events)


def changed_from(entry: Entry) -> Place:
    """Return the earliest place in its lead's history that an entry says something new of."""
    if entry.rewritten:
        return FIRST
    if not entry.refold:
        return place_of(entry)
    return min([place_of(entry), *map(place_said, entry.conclusions)])


def _with(fact: Entry, said: list[Concluded]) -> Entry:
    if not said:
        return fact
    return Entry(
        fact.lead_id,
        fact.seq,
        fact.at,
        fact.stamp,
        fact.version,
        fact.fact,
        fact.source,
        fact.event_id,
        fact.test,
        fact.flags,
        fact.traits,
        conclusions=_ordered(said),
    )


def _without_fact(lead_id: LeadId, cause: Cause, said: list[Concluded]) -> Entry:
    at = said[0].at
    seq, timer = (cause, None) if isinstance(cause, int) else (0, cause)
    return Entry(lead_id, seq, at, at, 0, timer=timer, conclusions=_ordered(said))


def _ordered(said: list[Concluded]) -> tuple[Concluded, ...]:
    return tuple(sorted(said, key=lambda one: one.ordinal))


def standing_after(said: Iterable[Concluded]) -> dict[str, Concluded]:
    """Return what conclusions come to once restatements and withdrawals are applied, by id."""
    standing: dict[str, Concluded] = {}
    stand(standing, said)
    return standing


def stand(standing: dict[str, Concluded], said: Iterable[Concluded]) -> None:
    """Let more that was said, restated or withdrawn stand, by id."""
    for one in said:
        if one.change is Change.WITHDRAWN:
            standing.pop(one.id, None)
        else:
            standing[one.id] = one


def differences(before: dict[str, Concluded], after: list[Concluded]) -> list[Concluded]:
    """Return what a refold has to say: new conclusions, restated ones, and withdrawals.

    Args:
        before: What stands, by id; it is used up.
        after: What the fold concluded.
    """
    found: list[Concluded] = []
    for new in after:
        old = before.pop(new.id, None)
        if old is None:
            found.append(new)
        elif (old.body, old.ordinal) != (new.body, new.ordinal):
            found.append(_changed(new, Change.RESTATED, old))
    found += [_changed(old, Change.WITHDRAWN, old) for old in before.values()]
    return found


def _changed(one: Concluded, change: Change, old: Concluded) -> Concluded:
    return Concluded(
        one.id,
        one.worker,
        one.lead_id,
        one.at,
        one.cause,
        one.agreement,
        one.body,
        change,
        old.body,
        one.ordinal,
    )
