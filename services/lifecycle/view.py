"""What people may query of the lifecycle: its columns of ``leads``, and the rows of hand-offs and SLA clocks.

Rows say what the state holds. The brief is not kept in the state, because sales reads it and the rule never
does: ``said_rows`` makes it a row when it is said.
"""

from collections.abc import Iterator

from schemas.entries import Change, Concluded
from schemas.handoffs import HandoffOpened
from schemas.read_model import Row, Value
from schemas.vocabulary import LeadId
from services.lifecycle.running import calendar_name
from services.lifecycle.state import HandoffState, LifecycleState, SlaClock


def rows(lead_id: LeadId, state: LifecycleState) -> tuple[Row, ...]:
    """Return the lead's columns, its hand-offs and their clocks, oldest first."""
    return (_lead(lead_id, state), *_handoffs(lead_id, state))


def said_rows(concluded: Concluded) -> tuple[Row, ...]:
    """Return the brief of a hand-off that opened."""
    body = concluded.body
    if not isinstance(body, HandoffOpened) or concluded.change is Change.WITHDRAWN:
        return ()
    values: tuple[tuple[str, Value], ...] = (
        ("lead_id", concluded.lead_id),
        ("brief", body.brief.model_dump_json()),
    )
    return (Row("handoffs", (body.handoff_id,), values),)


def _lead(lead_id: LeadId, state: LifecycleState) -> Row:
    return Row(
        "leads",
        (lead_id,),
        (
            ("stage", state.stage),
            ("stage_since", state.since),
            ("cycle", state.cycle),
            ("owner", state.owner),
            ("team", state.team),
            ("stalled_since", state.stale_at if state.stalled else None),
            ("outcome", state.outcome.value if state.outcome else None),
        ),
    )


def _handoffs(lead_id: LeadId, state: LifecycleState) -> Iterator[Row]:
    for handoff in state.handoffs:
        yield _handoff(lead_id, handoff, erased=state.erased)
        for clock in (*handoff.ended, *handoff.running):
            yield _clock(lead_id, handoff, clock)


def _handoff(lead_id: LeadId, handoff: HandoffState, *, erased: bool) -> Row:
    blank: tuple[tuple[str, Value], ...] = (("brief", None),) if erased else ()
    return Row(
        "handoffs",
        (handoff.handoff_id,),
        (
            ("lead_id", lead_id),
            ("number", handoff.number),
            ("cycle", handoff.cycle),
            ("team", handoff.team),
            ("owner", handoff.owner),
            ("opened_at", handoff.opened_at),
            ("accepted_at", handoff.accepted_at),
            ("rejected_at", handoff.rejected_at),
            ("rejection_reason", handoff.rejection_reason),
            ("closed_at", handoff.closed_at),
            ("close_reason", handoff.close_reason.name.lower() if handoff.close_reason else None),
            *blank,
        ),
    )


def _clock(lead_id: LeadId, handoff: HandoffState, clock: SlaClock) -> Row:
    ended = clock.ended_at
    elapsed = ended - clock.started_at if ended else None
    return Row(
        "sla_clocks",
        (handoff.handoff_id, clock.clock, clock.turn),
        (
            ("lead_id", lead_id),
            ("owner", clock.owner),
            ("calendar", calendar_name(clock.calendar)),
            ("started_at", clock.started_at),
            ("due_at", clock.due_at),
            ("paused", clock.paused and ended is None),
            ("warned_rate", None if clock.warned_rate is None else str(clock.warned_rate)),
            ("breached_at", clock.breached_at),
            ("escalated_step", clock.escalated),
            ("ended_at", ended),
            ("ended_as", clock.end.name.lower() if clock.end else None),
            ("elapsed_seconds", None if elapsed is None else int(elapsed.total_seconds())),
            ("working_seconds", None if clock.working is None else int(clock.working.total_seconds())),
        ),
    )
