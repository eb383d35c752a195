"""After a refold: what to tell people when what was open and what is open differ.

A refold (a late fact, a merge, an import, a breach withdrawn) folds a lead's whole history in silence. Only
the difference is said: what is newly open, and what is not open after all. What history opened and resolved
on its way is nobody's news, and what goes on being open goes on as if nothing had been folded: as often
said, to the same people, due again at the same instant. What is opened here is said for the first time,
however often the fold would have repeated it.
"""

from collections.abc import Iterable
from datetime import datetime

from schemas.alerts import NoticeResolved
from schemas.entries import Conclusion
from schemas.records import replace
from schemas.step import Step, Timer
from schemas.vocabulary import LeadId
from services.alerts.state import EMPTY, REPEAT, AlertsState, OpenAlert, next_repeat_at
from services.alerts.telling import first_after, opened, resolved


def resumes(state: AlertsState | None) -> bool:
    """Say whether a fold may go on from a state: of what is open it knows what people were told."""
    return state is None or not (state.open or state.held)


def settled(
    before: AlertsState | None,
    after: AlertsState | None,
    lead_id: LeadId,
    at: datetime,
    folded: Iterable[Conclusion] = (),
) -> Step[AlertsState]:
    """Return what a refold comes to: the difference, and the fold's state with the memory of what was said.

    Args:
        before: What was open; None: nothing, ever.
        after: What the fold left open; None: the lead has no history any more (absorbed by a merge).
        lead_id: Whose.
        at: The log's time in hand.
        folded: What the fold concluded in silence from where history has changed on; it knows how an alert
            ended that was open before. Without it every end is a withdrawal.

    Returns:
        The state and the timer to go on with, in place of the fold's, and the notices.
    """
    was = {one.found.key: one for one in (before or EMPTY).open}
    left = (after or EMPTY).open
    now = {one.found.key: _remembered(one, was.get(one.found.key), at) for one in left}
    ends = {said.alert.alert_id: said for said in folded if isinstance(said, NoticeResolved)}
    opening = [opened(one, lead_id) for key, one in now.items() if key not in was]
    ending = [_ended(one, lead_id, at, ends) for key, one in was.items() if key not in now]
    state = replace(after or EMPTY, open=tuple(now.values()))
    return Step(state, (*opening, *ending), (Timer(REPEAT, next_repeat_at(state.open)),))


def _remembered(one: OpenAlert, known: OpenAlert | None, at: datetime) -> OpenAlert:
    """Return an alert that the fold left open, as people know it."""
    if known is not None:
        return replace(known, found=one.found, opened_at=one.opened_at)
    due = first_after(at, one.every, at) if one.every else None
    return replace(one, told=one.recipients, said_count=1, said_at=at, next_repeat_at=due)


def _ended(one: OpenAlert, lead_id: LeadId, at: datetime, ends: dict[str, NoticeResolved]) -> NoticeResolved:
    withdrawn = resolved(one, lead_id, at, "withdrawn")
    known = ends.get(withdrawn.alert.alert_id)
    if known is None:
        return withdrawn
    return resolved(one, lead_id, known.resolved_at, known.reason)
