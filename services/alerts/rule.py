"""The alerts rule: the lifecycle's conclusions in, notices that open, repeat and resolve out.

=================  =============================  =======================================================
alert              opens on                       is over with
=================  =============================  =======================================================
``sla_warning``    ``SlaWarned``                  ``SlaBreached`` (superseded) and as below
``sla_breach``     ``SlaBreached``                ``ClockEnded``, ``HandoffClosed``, ``ClockMoved``
``escalation``     ``Escalated``, one each step   as a breach
``stalled``        ``LeadStalled``                ``StallEnded``, ``StageChanged``
=================  =============================  =======================================================

``Erased`` ends all of them. Kinds that the agreement has no policy for, and leads known from tests alone,
open nothing. Upstream conclusions are taken as they stand: where one is restated or withdrawn the host
folds the lead again and asks ``services.alerts.settling`` what to say of it.
"""

from typing import TypeAlias, TypeGuard, assert_never, get_args

from schemas.agreement import Agreement
from schemas.alerts import AlertKind, ResolveReason
from schemas.entries import Conclusion, Entry
from schemas.facts import Erased
from schemas.handoffs import (
    ClockEnd,
    ClockEnded,
    ClockMoved,
    CloseReason,
    Escalated,
    HandoffClosed,
    SlaBreached,
    SlaWarned,
)
from schemas.lifecycle import LeadStalled, OwnerChanged, StageChanged, StallEnded
from schemas.records import replace
from schemas.step import AgreementChanged, Event, Step, Timer, TimerDue
from services.alerts import findings
from services.alerts.desk import Desk
from services.alerts.state import (
    EMPTY,
    EMPTY_TEST,
    REPEAT,
    AlertsState,
    Finding,
    OpenAlert,
    loud,
    next_repeat_at,
    state_of,
)
from services.alerts.telling import again, interval, passed_over, repeated, rescheduled

__all__ = ["AlertsState", "matters", "step"]

Heard: TypeAlias = (
    SlaWarned
    | SlaBreached
    | Escalated
    | ClockMoved
    | ClockEnded
    | HandoffClosed
    | LeadStalled
    | StallEnded
    | StageChanged
    | OwnerChanged
)
"""What this rule listens to."""

# By exact type: pydantic's isinstance runs Python code for every class that does not match.
_HEARD = frozenset(get_args(Heard))

_ENDED: dict[ClockEnd, ResolveReason] = {
    ClockEnd.MET: "answered",
    ClockEnd.BREACHED: "answered",
    ClockEnd.UNANSWERED: "moved",
    ClockEnd.CANCELLED: "moved",
}
_ANSWERED = {CloseReason.WORKED, CloseReason.REJECTED, CloseReason.WON, CloseReason.LOST}
"""How a hand-off closes when somebody dealt with it; otherwise the lead moved on."""


def matters(entry: Entry, _agreement: Agreement) -> bool:
    """Say whether the entry's place in time changes what is open: whether it is worth a refold when late."""
    return isinstance(entry.fact, Erased) or any(_is_heard(one.body) for one in entry.conclusions)


def step(state: AlertsState | None, event: Event, agreement: Agreement) -> Step[AlertsState]:
    """Decide one event of one lead: which alerts open, are said again, and end.

    Args:
        state: What is open; None for a lead not heard of before.
        event: An entry with the lifecycle's conclusions, the repeat timer, or a new agreement.
        agreement: The one in force.

    Returns:
        The state (the same object where nothing changed), the notices, and the one repeat timer.
    """
    match event:
        case Entry():
            return _hear(_known(state, event), event, agreement)
        case TimerDue():
            return _repeat(state or EMPTY, event, agreement)
        case AgreementChanged():
            return _reschedule(state or EMPTY, event, agreement)
        case _:
            assert_never(event)


def _known(state: AlertsState | None, entry: Entry) -> AlertsState:
    """Return the lead as it is known; it is a test for as long as it has no fact but tests."""
    if state is None:
        return EMPTY_TEST if entry.test else EMPTY
    if state.test and entry.fact is not None and not entry.test:
        return EMPTY
    return state


def _is_heard(said: Conclusion) -> TypeGuard[Heard]:
    return type(said) in _HEARD


def _hear(before: AlertsState, entry: Entry, agreement: Agreement) -> Step[AlertsState]:
    erased = isinstance(entry.fact, Erased)
    heard = [one.body for one in entry.conclusions if _is_heard(one.body)]
    if not heard and not erased:
        return Step(before)
    desk = Desk(
        before,
        entry.lead_id,
        agreement,
        at=entry.at,
        said_at=max(entry.at, entry.stamp),
        mute=erased or entry.test or before.test,
    )
    if erased:
        desk.drop(desk.findings(), "withdrawn")
    for said in _in_order(heard):
        _take(desk, said)
    return desk.done()


def _in_order(heard: list[Heard]) -> list[Heard]:
    """Put the new owner first, too: what an entry says is said of them, wherever in it they are named.

    Clocks that end because their hand-off closes are left out: its reason tells an answer from a recycling.
    """
    closed = {said.handoff_id for said in heard if isinstance(said, HandoffClosed)}
    owners = [said for said in heard if isinstance(said, OwnerChanged)]
    return [
        *owners,
        *(said for said in heard if not isinstance(said, ClockEnded) or said.handoff_id not in closed),
    ]


def _take(desk: Desk, said: Heard) -> None:
    match said:
        case SlaWarned():
            _warn(desk, said)
        case SlaBreached():
            _breach(desk, said)
        case Escalated():
            known = desk.about(findings.clock_of(said))
            desk.open(findings.escalated(said, desk.at, known[-1] if known else None, desk.agreement))
        case ClockMoved():
            _move(desk, said)
        case ClockEnded():
            desk.drop(desk.about(findings.clock_of(said)), _ENDED[said.end])
        case HandoffClosed():
            of_it = [
                found
                for found in desk.findings()
                if found.clock and found.clock.handoff_id == said.handoff_id
            ]
            desk.drop(of_it, "answered" if said.reason in _ANSWERED else "moved")
        case LeadStalled():
            desk.open(findings.stalled(said, desk.lead_id, desk.agreement))
        case StallEnded() | StageChanged():
            desk.drop((found for found in desk.findings() if found.kind is AlertKind.STALLED), "moved")
        case OwnerChanged():
            desk.assign(said.owner, said.team or findings.team_of(said.owner, desk.agreement))
        case _:
            assert_never(said)


def _warn(desk: Desk, said: SlaWarned) -> None:
    if all(map(_is_warning, desk.about(findings.clock_of(said)))):
        desk.open(findings.warned(said, desk.agreement))


def _breach(desk: Desk, said: SlaBreached) -> None:
    warnings = filter(_is_warning, desk.about(findings.clock_of(said)))
    # Opened before the warning ends: at no moment is nothing open about the clock.
    desk.open(findings.breached(said, desk.agreement))
    desk.drop(warnings, "superseded")


def _is_warning(found: Finding) -> bool:
    return found.kind is AlertKind.SLA_WARNING


def _move(desk: Desk, moved: ClockMoved) -> None:
    """Keep what is true of the new deadline and end the rest; hold all of it while the clock stands still.

    A warning speaks of the share that is used up: it stays, with the new deadline, unless the clock began
    anew. A breach speaks of a deadline that passed: it stays unless the new one is still to come.
    """
    clock = findings.clock_of(moved)
    if moved.due_at is None:
        desk.hold(clock)
        return
    restarted = _restarts(moved, desk.agreement)
    for found in desk.about(clock):
        if _is_warning(found) and not restarted:
            desk.open(replace(found, due_at=moved.due_at))
        elif not _is_warning(found) and moved.due_at <= desk.at:
            desk.open(found)
        else:
            desk.drop((found,), "moved")


def _restarts(moved: ClockMoved, agreement: Agreement) -> bool:
    if agreement.handoff is None:
        return False
    change = agreement.handoff.on_change
    carried = {"owner": change.owner, "calendar": change.calendar, "policy": change.policy}
    return carried.get(moved.reason) == "restart"


def _repeat(before: AlertsState, due: TimerDue, agreement: Agreement) -> Step[AlertsState]:
    ready = {
        one.found.key for one in loud(before.open) if one.next_repeat_at and one.next_repeat_at <= due.at
    }
    after = tuple(_say_again(one, due, agreement) if one.found.key in ready else one for one in before.open)
    said = tuple(
        repeated(now, due.lead_id)
        for was, now in zip(before.open, after, strict=True)
        if now.said_count > was.said_count
    )
    after = passed_over(after, due.at)
    next_at = next_repeat_at(after)
    return Step(state_of(after, before.held, before), said, (Timer(REPEAT, next_at),) if next_at else ())


def _say_again(one: OpenAlert, due: TimerDue, agreement: Agreement) -> OpenAlert:
    policy = agreement.policy_on(one.found.kind)
    if policy is None or policy.repeat_every_minutes is None:
        return rescheduled(one, None, due.at)
    return again(one, policy, said_at=due.at, noticed_at=due.noticed_at)


def _reschedule(before: AlertsState, change: AgreementChanged, agreement: Agreement) -> Step[AlertsState]:
    """Take the new intervals at once; severity and channels are taken when an alert is next said."""
    after = tuple(
        rescheduled(one, interval(agreement.policy_on(one.found.kind)), change.at) for one in before.open
    )
    next_at = next_repeat_at(after)
    timers = (Timer(REPEAT, next_at),) if next_at != next_repeat_at(before.open) else ()
    return Step(state_of(after, before.held, before), (), timers)
