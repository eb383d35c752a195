"""What the lifecycle says of one clock and one stage, as short as tests want it."""

from typing import Any

from schemas.agreement import Agreement
from schemas.alerts import Alert, NoticeOpened
from schemas.entries import Conclusion
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
from schemas.lifecycle import LeadStalled, MoveReason, OwnerChanged, StageChanged, StallEnded
from schemas.vocabulary import WorkerName
from services.alerts.rule import AlertsState, step
from tests.builders import agreement, instant
from tests.timeline import Timeline

HANDOFF = "L1-h1"
WARNING = "L1/sla_warning/L1-h1/acceptance/1"
BREACH = "L1/sla_breach/L1-h1/acceptance/1"
ESCALATION = "L1/escalation/L1-h1/acceptance/1/1"
STALL = "L1/stalled/1/lead"
EVERY_4_HOURS = {"on": "sla_breach", "severity": "critical", "repeat_every_minutes": 240}


def line(terms: Agreement | None = None) -> Timeline[AlertsState]:
    """Return one lead in the hands of the alerts rule."""
    return Timeline(WorkerName.ALERTS, step, terms or agreement())


def alerting(*policies: dict[str, Any], **changes: Any) -> Agreement:
    """Return the small agreement with these alert policies, and parts of it replaced by dotted path."""
    return agreement({"alerts": list(policies), **changes})


def warned(
    due: str = "2026-03-02 13:00", rate: float = 0.5, owner: str | None = "ana", turn: int = 1
) -> SlaWarned:
    return SlaWarned(
        handoff_id=HANDOFF, clock="acceptance", turn=turn, used_rate=rate, due_at=instant(due), owner=owner
    )


def breached(at: str = "2026-03-02 13:00", owner: str | None = "ana", turn: int = 1) -> SlaBreached:
    return SlaBreached(
        handoff_id=HANDOFF, clock="acceptance", turn=turn, breached_at=instant(at), owner=owner
    )


def escalated(number: int = 1, to: str = "marta") -> Escalated:
    return Escalated(handoff_id=HANDOFF, clock="acceptance", step=number, to=to)


def moved(due: str | None, reason: Any = "owner") -> ClockMoved:
    return ClockMoved(
        handoff_id=HANDOFF,
        clock="acceptance",
        due_at=instant(due) if due else None,
        reason=reason,
        used_seconds=7200,
    )


def ended(end: ClockEnd = ClockEnd.BREACHED, at: str = "2026-03-02 15:00") -> ClockEnded:
    return ClockEnded(
        handoff_id=HANDOFF,
        clock="acceptance",
        ended_at=instant(at),
        end=end,
        elapsed_seconds=21600,
        working_seconds=18000,
    )


def closed(reason: CloseReason) -> HandoffClosed:
    return HandoffClosed(handoff_id=HANDOFF, closed_at=instant("2026-03-02 16:00"), reason=reason)


def stalled(owner: str | None = "ana", cycle: int = 1) -> LeadStalled:
    return LeadStalled(
        stage="lead",
        cycle=cycle,
        since=instant("2026-01-01 09:00"),
        due_at=instant("2026-03-02 09:00"),
        owner=owner,
    )


def stall_ended() -> StallEnded:
    return StallEnded(stage="lead", cycle=1, stalled_seconds=60)


def stage_changed() -> StageChanged:
    return StageChanged(
        from_stage="lead",
        to_stage="mql",
        entered_at=instant("2026-03-02 10:00"),
        cycle=1,
        reason=MoveReason.SCORE,
    )


def owned_by(owner: str | None, team: str | None = None) -> OwnerChanged:
    return OwnerChanged(owner=owner, team=team, reason="assigned")


def ids(said: list[Conclusion], kind: type[Conclusion]) -> list[str]:
    """Return the ids of the alerts that notices of a kind are about, in order."""
    return [one.alert.alert_id for one in said if isinstance(one, kind)]  # type: ignore[union-attr]


def only_opened(timeline: Timeline[AlertsState]) -> Alert:
    """Return the alert of the one notice that was said since the last look."""
    (notice,) = timeline.fresh
    assert isinstance(notice, NoticeOpened)
    return notice.alert
