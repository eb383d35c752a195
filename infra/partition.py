"""One worker's share of the leads: load, decide a batch, and say what the commit must write.

The heart of both hosts, with no I/O of its own: it is handed a ``Memory`` (a store in the midst of a
transaction) and returns a ``Decision``. It
knows the shape of a rule and no rule. Three things may be asked of it, each for one batch:

``decide``
    entries, in the order of the topic. A record whose version the lead has seen is dropped (a repeat after
    a crash, a zombie's late send, a database set back); one beyond the next is passed over where what is
    missing may still come, and is a ``Gap`` elsewhere (``infra.gaps``).
``fire``
    timers due by a tick, in order, at most so many. A worker passes a tick on only once nothing is left to
    fire.
``visit``
    every lead, after a signing, in chunks with a cursor.

An entry that lies before something already decided, and whose place matters to the rule, is not decided:
its lead is folded again (``infra.refold``), once the last that came together with it is there.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from infra.agreements import AgreementBook
from infra.decision import Decision, Kept, TimelineRow
from infra.fold import BEGINNING, FIRST, Folding, Place, fold, place_of, place_said, read_place
from infra.gaps import Awaited, NothingAwaited
from infra.held import Held
from infra.keeping import keep, show_said
from infra.memory import Ask, Memory
from infra.recent import NEVER, Recent
from infra.refold import changed_from, differences, events_of
from infra.worker import Worker
from schemas.entries import Concluded, Conclusion, Entry, FiredTimer, Signing, conclusion_id
from schemas.step import AgreementChanged, TimerDue
from schemas.vocabulary import LeadId

MOST_A_RECORD = 1000
"""Conclusions of one worker in a record: about half a megabyte. A long life folded again may come to more."""


class Partition:
    """One worker's share of the leads."""

    def __init__(
        self,
        worker: Worker,
        number: int,
        book: AgreementBook,
        clock: datetime | None = None,
        cached_leads: int = 1000,
        awaited: Awaited | None = None,
    ) -> None:
        self.worker = worker
        self.number = number
        self.clock = clock
        self._book = book
        self._cached_leads = cached_leads
        self._awaited = awaited or NothingAwaited(worker.name)
        self._held: OrderedDict[LeadId, Held] = OrderedDict()
        self._touched: dict[LeadId, Held] = {}
        self._pending: dict[LeadId, list[Concluded]] = {}
        self._decision = Decision()

    # --- what a host asks

    def decide(self, memory: Memory, entries: Sequence[Entry]) -> Decision:
        """Decide entries in their order.

        Raises:
            Gap: A lead's next record is not here, and nobody awaits it.
        """
        self._hold(memory, [entry.lead_id for entry in entries])
        self._foresee(memory, entries)
        for entry in entries:
            self._take(memory, entry)
        return self._finish()

    def fire(self, memory: Memory, stamp: datetime, limit: int = 1000) -> Decision | None:
        """Fire timers due by ``stamp``, at most about ``limit``; None once there are none left."""
        due = memory.due(self.worker.name, self.number, stamp, limit)
        if not due:
            return None
        self._hold(memory, [lead_id for lead_id, _ in due])
        for lead_id, due_at in due:
            self._fire_until(self._settled(memory, lead_id, stamp), due_at, noticed_at=stamp)
        return self._finish()

    def visit(self, memory: Memory, signing: Signing, after: LeadId, limit: int = 500) -> Decision | None:
        """Tell the next leads of a new agreement; None once every lead has been told.

        The decision's ``cursor`` is the ``after`` to go on from.
        """
        lead_ids = memory.leads_after(self.worker.name, self.number, after, limit)
        if not lead_ids:
            return None
        self._hold(memory, lead_ids)
        for lead_id in lead_ids:
            self._change_agreement(self._settled(memory, lead_id, signing.stamp), signing)
        decision = self._finish()
        decision.cursor = lead_ids[-1]
        return decision

    def forget(self) -> None:
        """Drop what is cached: the commit failed, or another process has taken over."""
        self._held.clear()
        self._touched.clear()
        self._pending.clear()
        self._decision = Decision()

    # --- one lead at a time

    def _take(self, memory: Memory, entry: Entry) -> None:
        held = self._held[entry.lead_id]
        if entry.version <= held.taken:
            return
        if entry.version != held.taken + 1:
            self._awaited.pass_over(entry, held.taken)
            return
        self._awaited.took(entry)
        self._touched[entry.lead_id] = held
        held.taken = entry.version
        refolds = held.overtaken is not None or self._asks_for_refold(held, entry)
        if not refolds and held.folding.timers:
            self._fire_until(held, entry.at, noticed_at=entry.stamp, more=True)
        held.last_seq = max(held.last_seq, entry.seq)  # which the timers before it do not know of
        held.recent.take(entry, self.worker.upstream)
        if not refolds:
            self._say(held, entry, held.folding.apply(entry), refold=False)
        elif entry.more:
            held.overtake(changed_from(entry))
            self._say(held, entry, [], refold=False)  # the last that came with it speaks for it
        else:
            self._refold(memory, held, entry)

    def _asks_for_refold(self, held: Held, entry: Entry) -> bool:
        return entry.rewritten or entry.refold or self._is_late(held, entry)

    def _is_late(self, held: Held, entry: Entry) -> bool:
        frontier = held.folding.frontier
        if frontier is None:
            return self._book.changed_after(place_of(entry), entry.seq)
        return place_of(entry) < frontier and self._matters(entry)

    def _matters(self, entry: Entry) -> bool:
        return self.worker.matters(entry, self._book.at_place(place_of(entry)))

    def _fire_until(self, held: Held, until: datetime, noticed_at: datetime, *, more: bool = False) -> None:
        while due := held.folding.next_due(until, noticed_at):
            said = held.folding.apply(due)
            if said:  # a timer may fire in vain, and then there is nothing to pass on
                self._say(held, self._born_of(held, due, more=more), said, refold=False)

    def _born_of(self, held: Held, due: TimerDue, *, more: bool) -> Entry:
        timer = FiredTimer(self.worker.name, due.kind, due.at)
        return Entry(due.lead_id, held.last_seq, due.at, due.noticed_at, 0, timer=timer, more=more)

    def _change_agreement(self, held: Held, signing: Signing) -> None:
        frontier = held.folding.frontier
        place: Place = (signing.stamp, 1, signing.seq)
        if frontier is None or frontier >= place:
            return
        held.last_seq = max(held.last_seq, signing.seq)
        self._fire_until(held, signing.stamp, noticed_at=signing.stamp)
        change = AgreementChanged(held.folding.lead_id, signing.seq, signing.stamp)
        entry = Entry(held.folding.lead_id, signing.seq, signing.stamp, signing.stamp, 0)
        said = held.folding.apply(change)
        if said:
            self._say(held, entry, said, refold=False)

    def _refold(self, memory: Memory, held: Held, entry: Entry) -> None:
        found = self._folded_again(memory, held, entry)
        plain = all(one.cause == entry.cause and one.was is None for one in found)
        self._say(held, entry, found, refold=not plain)

    def _folded_again(self, memory: Memory, held: Held, entry: Entry) -> list[Concluded]:
        """Fold a lead again as of an entry; return what there is to say of it."""
        lead_id = entry.lead_id
        before, fresh, changed = held.folding, self._new_folding(lead_id), held.overtake(changed_from(entry))
        fresh.resume(before, changed, self.worker.resumes)
        held.overtaken = None
        begun = fresh.frontier
        if not held.recent.covers(begun):
            held.recent = self._recalled(memory, held, entry, begun)
        events = events_of(lead_id, held.recent.history(begun), self._book, held.last_seq, begun)
        said = fold(fresh, events, self.clock or BEGINNING)
        held.folding = fresh
        held.refolded_by = entry
        if self.worker.settle is not None:
            bodies = [one.body for one in said if place_said(one) >= changed]  # the rest was so before
            settled = self.worker.settle(before.state, fresh.state, lead_id, entry.stamp, bodies)
            fresh.take(settled)
            return self._placed(entry, settled.conclusions)
        return differences(held.recent.said_after(begun), said) if self.worker.relays else []

    def _recalled(self, memory: Memory, held: Held, entry: Entry, begun: Place | None) -> Recent:
        """Return what the store knows of a lead behind a place, as of an entry."""
        lead_id, since = held.folding.lead_id, begun[0] if begun else BEGINNING
        ask = Ask(lead_id, held.last_seq, entry.version, since)
        history = memory.history(self.worker.upstream, ask)
        facts, heard = {one.seq: one for one in history.facts}, {one.id: one for one in history.said}
        recent = Recent(begun or FIRST, facts, heard)
        if self.worker.relays:
            recent.say(memory.standing(self.worker.name, lead_id, since))
            recent.say(self._pending.get(lead_id, ()))
        return recent

    def _placed(self, entry: Entry, bodies: Sequence[Conclusion]) -> list[Concluded]:
        """Return messages to people as conclusions that follow from the entry in hand."""
        agreement = self._book.at(entry.stamp)
        name, lead_id, seq = self.worker.name, entry.lead_id, entry.seq
        return [
            Concluded(
                conclusion_id(name, lead_id, body, seq),
                name,
                lead_id,
                entry.stamp,
                seq,
                agreement.version,
                body,
                ordinal=ordinal,
            )
            for ordinal, body in enumerate(bodies)
        ]

    def _say(self, held: Held, entry: Entry, said: list[Concluded], *, refold: bool) -> None:
        if not (self.worker.relays or said):
            return
        for first in range(0, len(said) or 1, MOST_A_RECORD):
            whole = self.worker.relays and first == 0
            part = entry if whole else Entry(entry.lead_id, entry.seq, entry.at, entry.stamp, 0)
            more = entry.more or first + MOST_A_RECORD < len(said)
            self._pass_on(held, part, said[first : first + MOST_A_RECORD], refold=refold, more=more)

    def _pass_on(self, held: Held, entry: Entry, said: list[Concluded], *, refold: bool, more: bool) -> None:
        held.said += 1
        lead_id = held.folding.lead_id
        if said:
            self._decision.timeline += [TimelineRow(one, held.said, entry.stamp) for one in said]
            self._pending.setdefault(lead_id, []).extend(said)
            if self.worker.relays:
                held.recent.say(said)
        self._decision.outgoing.append(
            Entry(
                lead_id,
                held.last_seq if entry.timer else entry.seq,
                entry.at,
                entry.stamp,
                held.said,
                entry.fact,
                entry.source,
                entry.event_id,
                entry.test,
                entry.flags,
                entry.traits,
                entry.timer,
                entry.rewritten,
                refold,
                (*entry.conclusions, *said) if said else entry.conclusions,
                more,
            )
        )

    # --- what is in hand

    def _new_folding(self, lead_id: LeadId) -> Folding[Any]:
        return Folding(self.worker.name, lead_id, self.worker.step, self._book.at_place)

    def _hold(self, memory: Memory, lead_ids: Iterable[LeadId]) -> None:
        wanted = dict.fromkeys(lead_ids)
        missing = [lead_id for lead_id in wanted if lead_id not in self._held]
        kept = memory.kept(self.worker.name, self.number, missing) if missing else {}
        for lead_id in missing:
            self._held[lead_id] = self._held_from(lead_id, kept.get(lead_id))
        for lead_id in wanted:
            self._held.move_to_end(lead_id)

    def _held_from(self, lead_id: LeadId, kept: Kept | None) -> Held:
        folding = self._new_folding(lead_id)
        if kept is None:
            return Held(folding, 0, 0, 0, None, None, {}, Recent(FIRST))
        if kept.state is not None:
            folding.state = self.worker.state.validate_json(kept.state)
        folding.timers = kept.timers
        folding.frontier = read_place(kept.frontier)
        owed = FIRST if kept.owes else None
        known_from = NEVER if kept.owes or folding.frontier is None else folding.frontier
        return Held(
            folding,
            kept.taken,
            kept.said,
            kept.last_seq,
            folding.state,
            kept.state,
            kept.timers,
            Recent(known_from),
            known=True,
            overtaken=owed,
        )

    def _settled(self, memory: Memory, lead_id: LeadId, stamp: datetime) -> Held:
        """Return a lead that owes nothing: time does not come on over a fold that was put off."""
        held = self._touched[lead_id] = self._held[lead_id]
        if held.overtaken is not None:
            bare = Entry(lead_id, held.last_seq, stamp, stamp, held.taken)
            found = self._folded_again(memory, held, bare)
            if found:
                self._say(held, bare, found, refold=True)
        return held

    def _foresee(self, memory: Memory, entries: Sequence[Entry]) -> None:
        """Read ahead for the leads that are sure to be folded again."""
        frontiers: dict[LeadId, Place] = {}
        taken: dict[LeadId, int] = {}
        refolds: dict[LeadId, None] = {}
        for entry in entries:
            lead_id, place, held = entry.lead_id, place_of(entry), self._held[entry.lead_id]
            if entry.version != taken.get(lead_id, held.taken) + 1:
                continue
            taken[lead_id] = entry.version
            frontier = frontiers.get(lead_id) or held.folding.frontier
            told = entry.rewritten or entry.refold or held.overtaken is not None
            refolded = told or (frontier is not None and place < frontier and self._matters(entry))
            if refolded and (entry.rewritten or not self._has_in_hand(held, changed_from(entry))):
                refolds[lead_id] = None
            frontiers[lead_id] = place if frontier is None else max(place, frontier)
        if refolds:
            memory.prepare(self.worker.name, self.worker.upstream, list(refolds))

    def _has_in_hand(self, held: Held, place: Place) -> bool:
        """Say whether what a fold that changes from a place on needs is in hand."""
        return held.recent.covers(held.folding.resumed_from(place, self.worker.resumes))

    def _finish(self) -> Decision:
        decision, self._decision = self._decision, Decision()
        for lead_id, held in self._touched.items():
            keep(decision, self.worker, lead_id, held)
            if held.folding.milestones:
                held.recent.trim(held.folding.milestones[0].place)
        show_said(decision, self.worker, self._held)
        self._touched, self._pending = {}, {}
        while len(self._held) > self._cached_leads:
            self._held.popitem(last=False)
        return decision
