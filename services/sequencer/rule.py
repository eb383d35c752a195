"""The sequencer's rule: valid? new? whose lead? when?

One call a fact. It is checked against what only the whole line knows (duplicates, imports, currency, time),
its lead is found or made, leads that turn out to be one are merged, and it gets its place: ``seq``,
``stamp`` and ``at``. Personal data ends here: the fact that travels on is stripped (``strip.py``).

Merging. Strong identifiers (the agreement's ``identity.merge_on``) that name two leads make them one; the
survivor is the lead with the earliest fact. An anonymous id joins a lead only while nothing else names its
own: two people at one browser stay two. Phones find a lead and merge none, unless the agreement says so:
colleagues share them. What a person has taken apart is not put together again.
"""

from dataclasses import replace
from datetime import datetime
from hashlib import blake2b

from schemas.agreement import Agreement
from schemas.dead_letters import DeadLetter, DeadReason
from schemas.entries import Entry
from schemas.facts import FactEvent, LeadFact, Merged, Unmerged
from schemas.sequencing import Bound, Desk, Identified, Identifier, LeadFile, Placed, Received, Sequenced
from schemas.vocabulary import Flag, LeadId
from services.sequencer.place import business_time, refused_time
from services.sequencer.strip import strip

_FINDS_FIRST = ("external_id", "email", "anonymous_id", "phone")
"""Which identifier decides when several name different leads."""


def step(desk: Desk, received: Received, agreement: Agreement, other: Identified | None = None) -> Sequenced:
    """Decide one fact about a lead.

    Args:
        desk: What is known; it is read and not changed.
        received: The fact.
        agreement: The one in force.
        other: For ``merged`` and ``unmerged``: the other subject.
    """
    event = received.event
    if (event.source, event.id) in desk.seen:
        return Sequenced()
    dead = _refusal(desk, received, agreement)
    if dead is not None:
        return Sequenced(dead=dead)
    if isinstance(event.data.fact, Unmerged):
        return _unmerge(desk, received, agreement, other)
    named = received.identified.identifiers
    found = _find(desk, named, agreement)
    if isinstance(event.data.fact, Merged) and other is not None:
        found += [lead for lead in _find(desk, other.identifiers, agreement) if lead not in found]
        named += other.identifiers
    return _place(desk, received, agreement, named, found)


def _refusal(desk: Desk, received: Received, agreement: Agreement) -> DeadLetter | None:
    event, identified = received.event, received.identified
    fact = event.data.fact
    if any(bound.erased for key in identified.identifiers if (bound := desk.bound.get(key))):
        return _dead(event, DeadReason.ERASED, "the subject is a lead that was erased")
    if not identified.identifiers:
        reason = DeadReason.BAD_IDENTITY if identified.unusable else DeadReason.NO_IDENTITY
        return _dead(event, reason, identified.unusable or "data.subject names nobody")
    amount = getattr(fact, "amount", None)
    if amount is not None and amount.currency != agreement.currency:
        detail = f"data.fact.amount.currency is {amount.currency}; the agreement's is {agreement.currency}"
        return _dead(event, DeadReason.CURRENCY, detail)
    if event.data.import_id is not None and not desk.imports.get(event.data.import_id, False):
        return _dead(event, DeadReason.UNKNOWN_IMPORT, f"import {event.data.import_id} is not open")
    problem = refused_time(event)
    return _dead(event, DeadReason.BAD_INSTANT, problem) if problem else None


def _dead(event: FactEvent, reason: DeadReason, detail: str) -> DeadLetter:
    return DeadLetter(reason=reason, detail=detail, source=event.source[:128], event_id=event.id[:128])


def _find(desk: Desk, named: tuple[Identifier, ...], agreement: Agreement) -> list[LeadId]:
    """Return the leads that a subject names: the one that it is first, then those to be merged with it."""
    by_rank = sorted(named, key=lambda one: _FINDS_FIRST.index(one.kind))
    hits = [(one.kind, survivor(desk, desk.bound[one].lead_id)) for one in by_rank if one in desk.bound]
    if not hits:
        return []
    first = hits[0][1]
    found = [first]
    for kind, lead_id in hits[1:]:
        if lead_id not in found and _joins(desk, kind, lead_id, first, agreement):
            found.append(lead_id)
    return found


def _joins(desk: Desk, kind: str, lead_id: LeadId, first: LeadId, agreement: Agreement) -> bool:
    mine, other = desk.files[first], desk.files[lead_id]
    if lead_id in mine.apart or first in other.apart:
        return False
    if kind == "anonymous_id":
        return not other.identified
    return kind in agreement.identity.merge_on


def survivor(desk: Desk, lead_id: LeadId) -> LeadId:
    """Follow merges to the lead that a lead is now."""
    while (into := desk.files[lead_id].merged_into) is not None:
        lead_id = into
    return lead_id


def new_lead_id(event: FactEvent) -> LeadId:
    """Return the id of the lead whose first fact this is: ``L`` and 16 hexadecimal digits."""
    return "L" + blake2b(f"{event.source}\n{event.id}".encode(), digest_size=8).hexdigest()


def _place(
    desk: Desk, received: Received, agreement: Agreement, named: tuple[Identifier, ...], found: list[LeadId]
) -> Sequenced:
    event = received.event
    seq, stamp = _next(desk, received)
    at, flags = business_time(event, received.received_at, agreement)
    lead_id, absorbed = _survivor_of(desk, event, found)
    file = desk.files.get(lead_id) or LeadFile(at, seq, test=event.data.test)
    if _before_capture(event.data.fact, at, file):
        flags = (*flags, Flag.BEFORE_CAPTURE)
    if received.identified.unusable:
        flags = (*flags, Flag.UNUSABLE_IDENTITY)
    placed = Placed(
        seq,
        stamp,
        at,
        lead_id,
        strip(_lead_fact(event), agreement.attributes_read),
        flags,
        received.identified.traits,
    )
    files = {lead_id: _filed(file, [desk.files[one] for one in absorbed], received, placed, named)}
    files |= {one: replace(desk.files[one], merged_into=lead_id) for one in absorbed}
    deferred = event.data.import_id is not None
    entries = _entries(files, placed, event, absorbed, deferred=deferred)
    for entry in entries:
        files[entry.lead_id] = replace(files[entry.lead_id], version=entry.version)
    erased = event.data.fact.kind == "erased"
    return Sequenced(
        placed=placed,
        entries=entries,
        files=files,
        bound=_bindings(desk, named, lead_id),
        merged=tuple((one, lead_id) for one in absorbed),
        erased=(lead_id,) if erased else (),
    )


def _next(desk: Desk, received: Received) -> tuple[int, datetime]:
    """Return the next ``seq`` and the ``stamp``: the log's time, which never goes back."""
    stamp = received.received_at if desk.stamp is None else max(desk.stamp, received.received_at)
    return desk.seq + 1, stamp


def _lead_fact(event: FactEvent) -> LeadFact:
    return event.data.fact  # type: ignore[return-value]


def _survivor_of(desk: Desk, event: FactEvent, found: list[LeadId]) -> tuple[LeadId, list[LeadId]]:
    if not found:
        return new_lead_id(event), []
    first = min(found, key=lambda one: (desk.files[one].first_at, desk.files[one].first_seq))
    return first, [one for one in found if one != first]


def _before_capture(fact: object, at: datetime, file: LeadFile) -> bool:
    outcome = getattr(fact, "kind", "") in ("won", "lost", "opportunity_opened")
    return outcome and file.captured_at is not None and at < file.captured_at


def _filed(
    file: LeadFile,
    absorbed: list[LeadFile],
    received: Received,
    placed: Placed,
    named: tuple[Identifier, ...],
) -> LeadFile:
    captured = [one.captured_at for one in (file, *absorbed) if one.captured_at is not None]
    if placed.fact.kind == "captured":
        captured.append(placed.at)
    external_ids = {system: key for one in (*absorbed, file) for system, key in one.external_ids.items()}
    return replace(
        file,
        first_at=min(placed.at, file.first_at, *(one.first_at for one in absorbed)),
        captured_at=min(captured, default=None),
        identified=file.identified or any(one.kind != "anonymous_id" for one in named),
        external_ids=external_ids | received.event.data.subject.external_ids,
        erased=file.erased or placed.fact.kind == "erased",
    )


def _entries(
    files: dict[LeadId, LeadFile], placed: Placed, event: FactEvent, absorbed: list[LeadId], *, deferred: bool
) -> tuple[Entry, ...]:
    """Return what the journal says: those absorbed fold to nothing, the survivor folds both histories."""
    told = [one for one in absorbed if files[one].version]
    entries = [again(one, files[one], placed.seq, placed.stamp) for one in told]
    file = files[placed.lead_id]
    if deferred:
        if told or (absorbed and file.version):
            entries.append(again(placed.lead_id, file, placed.seq, placed.stamp))
        return tuple(entries)
    entry = Entry(
        placed.lead_id,
        placed.seq,
        placed.at,
        placed.stamp,
        file.version + 1,
        placed.fact,
        event.source,
        event.id,
        event.data.test,
        placed.flags,
        placed.traits,
        refold=bool(absorbed),
    )
    return (*entries, entry)


def again(lead_id: LeadId, file: LeadFile, seq: int, stamp: datetime) -> Entry:
    """Return the entry that has a lead folded again: its history has changed."""
    return Entry(lead_id, seq, stamp, stamp, file.version + 1, refold=True)


def _bindings(desk: Desk, named: tuple[Identifier, ...], lead_id: LeadId) -> dict[Identifier, Bound]:
    """Return what the fact's identifiers come to name.

    A known identifier keeps the lead that it named first, so that an un-merge finds it; an anonymous id
    follows whom it was last seen with.
    """
    bound = {}
    for one in named:
        known = desk.bound.get(one)
        elsewhere = known is not None and survivor(desk, known.lead_id) != lead_id
        if known is None or (
            one.kind == "anonymous_id" and elsewhere and desk.files[known.lead_id].identified
        ):
            bound[one] = Bound(lead_id)
    return bound


def _unmerge(desk: Desk, received: Received, agreement: Agreement, other: Identified | None) -> Sequenced:
    event = received.event
    homes = {desk.bound[one].lead_id for one in (other.identifiers if other else ()) if one in desk.bound}
    parted = sorted(home for home in homes if desk.files[home].merged_into is not None)
    if not parted:
        return Sequenced(
            dead=_dead(event, DeadReason.NOT_MERGED, "data.fact.other names no lead that was merged")
        )
    seq, stamp = _next(desk, received)
    at, flags = business_time(event, received.received_at, agreement)
    files: dict[LeadId, LeadFile] = {}
    unmerged = []
    for home in parted:
        file = desk.files[home]
        into = survivor(desk, home)
        keeper = files.get(into, desk.files[into])
        files[into] = replace(keeper, apart=(*keeper.apart, home))
        files[home] = replace(file, merged_into=None, apart=(*file.apart, into))
        unmerged.append((home, into))
    keeper_id = unmerged[0][1]
    fact = strip(_lead_fact(event), frozenset())
    placed = Placed(seq, stamp, at, keeper_id, fact, flags, {})
    entries = tuple(again(lead_id, file, seq, stamp) for lead_id, file in files.items())
    files = {lead_id: replace(file, version=file.version + 1) for lead_id, file in files.items()}
    return Sequenced(placed=placed, entries=entries, files=files, unmerged=tuple(unmerged))
