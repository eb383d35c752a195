"""The sequencer's rule: valid? new? whose lead? when?

One call a fact. It is checked against what only the whole line knows (duplicates, imports, currency, time),
its lead is found or made, leads that turn out to be one are merged, and it gets its place: ``seq``,
``stamp`` and ``at``. Personal data ends here: the fact that travels on is stripped (``strip.py``).

Whose lead a subject is, and which leads it makes one, is ``finding.py``'s to say. The survivor of a merge is
the lead with the earliest fact; those absorbed are told to fold to nothing, the survivor to fold over all
their histories. An un-merge is the reverse.
"""

from datetime import datetime
from hashlib import blake2b

from schemas.agreement import Agreement
from schemas.dead_letters import DeadLetter, DeadReason
from schemas.entries import Entry
from schemas.facts import FactEvent, LeadFact, Priced, Unmerged
from schemas.records import replace
from schemas.sequencing import Desk, Identified, Identifier, LeadFile, Placed, Received, Sequenced
from schemas.vocabulary import Flag, LeadId
from services.sequencer.finding import bindings, find, is_forgotten, parted, survivor
from services.sequencer.place import business_time, refused_time
from services.sequencer.strip import strip

NOBODY = Identified((), {})


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
    dead = _refusal(desk, received, agreement, other)
    if dead is not None:
        return Sequenced(dead=dead)
    theirs = (other or NOBODY).identifiers
    if isinstance(event.data.fact, Unmerged):
        return _unmerge(desk, received, agreement, theirs)
    mine = received.identified.identifiers
    found = find(desk, mine, agreement)
    found += [lead_id for lead_id in find(desk, theirs, agreement) if lead_id not in found]
    return _place(desk, received, agreement, mine + theirs, found)


def _refusal(
    desk: Desk, received: Received, agreement: Agreement, other: Identified | None
) -> DeadLetter | None:
    event = received.event
    subjects = [("data.subject", received.identified)]
    if other is not None:
        subjects.append(("data.fact.other", other))
    if any(is_forgotten(desk, one.identifiers, agreement) for _, one in subjects):
        return _dead(event, DeadReason.ERASED, "the subject is a lead that was erased")
    for path, one in subjects:
        if not one.identifiers:
            reason = DeadReason.BAD_IDENTITY if one.unusable else DeadReason.NO_IDENTITY
            return _dead(event, reason, one.unusable or f"{path} names nobody")
    amount = event.data.fact.amount if isinstance(event.data.fact, Priced) else None
    if amount is not None and amount.currency != agreement.currency:
        detail = f"data.fact.amount.currency is {amount.currency}; the agreement's is {agreement.currency}"
        return _dead(event, DeadReason.CURRENCY, detail)
    import_id = event.data.import_id
    if import_id is not None and not desk.imports.get(import_id, False):
        problem = "is closed; open another" if import_id in desk.imports else "was never opened"
        return _dead(event, DeadReason.UNKNOWN_IMPORT, f"import {import_id} {problem}")
    wrong_time = refused_time(event)
    return _dead(event, DeadReason.BAD_INSTANT, wrong_time) if wrong_time else None


def _dead(event: FactEvent, reason: DeadReason, detail: str) -> DeadLetter:
    return DeadLetter(reason=reason, detail=detail, source=event.source[:128], event_id=event.id[:128])


def new_lead_id(event: FactEvent) -> LeadId:
    """Return the id of the lead whose first fact this is: ``L`` and 16 hexadecimal digits."""
    return "L" + blake2b(event.unique_name.encode(), digest_size=8).hexdigest()


def _place(
    desk: Desk, received: Received, agreement: Agreement, named: tuple[Identifier, ...], found: list[LeadId]
) -> Sequenced:
    event = received.event
    lead_id, absorbed = _survivor_of(desk, event, found)
    parts = [desk.files[one] for one in (lead_id, *absorbed) if one in desk.files]
    placed = _placed(desk, received, agreement, lead_id, parts)
    file = desk.files.get(lead_id) or LeadFile(placed.at, placed.seq, test=event.data.test)
    files = {lead_id: replace(_filed(file, parts, placed, named), apart=_apart(desk, lead_id, absorbed))}
    files |= {one: replace(desk.files[one], merged_into=lead_id) for one in absorbed}
    begins = lead_id in desk.files and placed.at < file.first_at
    entries = _entries(files, placed, event, absorbed, begins=begins)
    return Sequenced(
        placed=placed,
        entries=entries,
        files=_told(files, entries),
        bound=bindings(desk, named, lead_id),
        merged=tuple((one, lead_id) for one in absorbed),
        erased=(lead_id,) if placed.fact.kind == "erased" else (),
    )


def _placed(
    desk: Desk, received: Received, agreement: Agreement, lead_id: LeadId, parts: list[LeadFile]
) -> Placed:
    event, identified = received.event, received.identified
    stamp = received.received_at if desk.stamp is None else max(desk.stamp, received.received_at)
    at, flags = business_time(event, received.received_at, agreement)
    if _before_capture(event, at, parts):
        flags = (*flags, Flag.BEFORE_CAPTURE)
    if identified.unusable:
        flags = (*flags, Flag.UNUSABLE_IDENTITY)
    fact = strip(_lead_fact(event), agreement.attributes_read)
    return Placed(desk.seq + 1, stamp, at, lead_id, fact, flags, identified.traits)


def _lead_fact(event: FactEvent) -> LeadFact:
    return event.data.fact  # type: ignore[return-value]


def _survivor_of(desk: Desk, event: FactEvent, found: list[LeadId]) -> tuple[LeadId, list[LeadId]]:
    if not found:
        return new_lead_id(event), []
    first = min(found, key=lambda one: (desk.files[one].first_at, desk.files[one].first_seq))
    return first, [one for one in found if one != first]


def _before_capture(event: FactEvent, at: datetime, parts: list[LeadFile]) -> bool:
    captured_at = _captured_at(parts)
    outcome = event.data.fact.kind in ("won", "lost", "opportunity_opened")
    return outcome and captured_at is not None and at < captured_at


def _captured_at(parts: list[LeadFile]) -> datetime | None:
    return min((one.captured_at for one in parts if one.captured_at is not None), default=None)


def _filed(file: LeadFile, parts: list[LeadFile], placed: Placed, named: tuple[Identifier, ...]) -> LeadFile:
    """Return the survivor's file: what is known of all the parts, and of this fact."""
    captured_at = _captured_at(parts)
    if placed.fact.kind == "captured":
        captured_at = min(placed.at, captured_at or placed.at)
    return replace(
        file,
        first_at=min(placed.at, *(one.first_at for one in (file, *parts))),
        captured_at=captured_at,
        known_by=tuple(sorted({one.sort for one in named}.union(*(one.known_by for one in parts)))),
        erased=placed.fact.kind == "erased",
    )


def _apart(desk: Desk, lead_id: LeadId, absorbed: list[LeadId]) -> tuple[LeadId, ...]:
    """Return whom the survivor is not, by what people said of any part of it; they may have thought again."""
    one_now = [lead_id, *absorbed]
    apart = [one for part in one_now if part in desk.files for one in desk.files[part].apart]
    return tuple(dict.fromkeys(one for one in apart if survivor(desk, one) not in one_now))


def _entries(
    files: dict[LeadId, LeadFile], placed: Placed, event: FactEvent, absorbed: list[LeadId], *, begins: bool
) -> tuple[Entry, ...]:
    """Return what the journal says: those absorbed fold to nothing, the survivor folds all histories.

    What an import says is not told before its close; a lead that nobody has been told of need not be untold.
    """
    told = [one for one in absorbed if files[one].version]
    entries = [_again(one, files[one], placed.seq, placed.stamp) for one in told]
    file = files[placed.lead_id]
    if event.data.import_id is not None:
        if told or (absorbed and file.version):
            entries.append(_again(placed.lead_id, file, placed.seq, placed.stamp))
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
        rewritten=bool(absorbed) or begins,
    )
    return (*entries, entry)


def _again(lead_id: LeadId, file: LeadFile, seq: int, stamp: datetime) -> Entry:
    """Return the entry that has a lead folded again: its history has changed."""
    return Entry(lead_id, seq, stamp, stamp, file.version + 1, rewritten=True)


def _told(files: dict[LeadId, LeadFile], entries: tuple[Entry, ...]) -> dict[LeadId, LeadFile]:
    versions = {entry.lead_id: entry.version for entry in entries}
    return {one: replace(file, version=versions.get(one, file.version)) for one, file in files.items()}


def _unmerge(
    desk: Desk, received: Received, agreement: Agreement, theirs: tuple[Identifier, ...]
) -> Sequenced:
    event = received.event
    lead_id, homes = parted(desk, received.identified.identifiers, theirs, agreement)
    if not homes:
        detail = "data.subject and data.fact.other are no lead that was merged"
        return Sequenced(dead=_dead(event, DeadReason.NOT_MERGED, detail))
    placed = _placed(desk, received, agreement, lead_id, [])
    files = {lead_id: desk.files[lead_id]}
    unmerged = []
    for home in homes:
        file = files.get(home, desk.files[home])
        into = file.merged_into or lead_id
        former = files.get(into, desk.files[into])
        files[into] = replace(former, apart=_with(former.apart, home))
        files[home] = replace(file, merged_into=None, apart=_with(file.apart, into))
        unmerged.append((home, into))
    parts = (lead_id, *homes)
    known = event.data.import_id is None or any(files[one].version for one in parts)
    entries = tuple(_again(one, files[one], placed.seq, placed.stamp) for one in parts if known)
    return Sequenced(placed=placed, entries=entries, files=_told(files, entries), unmerged=tuple(unmerged))


def _with(apart: tuple[LeadId, ...], lead_id: LeadId) -> tuple[LeadId, ...]:
    return apart if lead_id in apart else (*apart, lead_id)
