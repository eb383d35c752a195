"""What people were told of the alerts that are open, recalled from the notices themselves.

Which alerts are open follows from a lead's facts; how often each was said, and when it is said again, from
when the log heard of them: a late fact's alert is said late. Who checks a store puts the two together: the
alerts that the fold leaves open, with the memory that the notices on record leave of each.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from schemas.alerts import Alert, NoticeOpened, NoticeRepeated, NoticeResolved
from schemas.entries import Conclusion
from schemas.vocabulary import LeadId, Name
from services.alerts.state import AlertsState, OpenAlert, alert_of, loud
from services.alerts.telling import first_after


@dataclass(frozen=True, slots=True)
class _Memory:
    last: Alert
    told: tuple[Name, ...]
    count: int
    said_at: datetime


def recalled(
    folded: AlertsState, lead_id: LeadId, notices: Iterable[tuple[Conclusion, datetime]], now: datetime
) -> AlertsState:
    """Return what is open with what people know of it, and when each is said again.

    Args:
        folded: What a fold of the lead's history leaves open.
        lead_id: Whose.
        notices: Everything that was said of the lead, in order, and when.
        now: The log's time in hand; what was due by then has been said.
    """
    memories: dict[str, _Memory] = {}
    for body, said_at in notices:
        match body:
            case NoticeOpened(alert=alert):
                memories[alert.alert_id] = _Memory(alert, alert.recipients, 1, said_at)
            case NoticeRepeated(alert=alert, count=count):
                before = memories.get(alert.alert_id)
                told = tuple(dict.fromkeys((*(before.told if before else ()), *alert.recipients)))
                memories[alert.alert_id] = _Memory(alert, told, count, said_at)
            case NoticeResolved(alert=alert):
                memories.pop(alert.alert_id, None)
            case _:
                pass
    still = (_known(one, memories.get(alert_of(one, lead_id).alert_id), now) for one in folded.open)
    return scheduled(replace(folded, open=tuple(still)))


def scheduled(state: AlertsState) -> AlertsState:
    """Return a state without the repeats of alerts that a greater one speaks for: they are not awaited."""
    heard = {id(one) for one in loud(state.open)}
    quiet = (one if id(one) in heard else replace(one, next_repeat_at=None) for one in state.open)
    return replace(state, open=tuple(quiet))


def _known(one: OpenAlert, memory: _Memory | None, now: datetime) -> OpenAlert:
    if memory is None:
        return one
    return replace(
        one,
        severity=memory.last.severity,
        recipients=memory.last.recipients,
        told=memory.told,
        said_count=memory.count,
        said_at=memory.said_at,
        next_repeat_at=first_after(memory.said_at, one.every, now) if one.every else None,
    )
