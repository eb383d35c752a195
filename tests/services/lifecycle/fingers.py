"""A clock counted on fingers: minute by minute, from what was said and concluded, with no arithmetic.

A minute counts when the office that the clock goes by is open in it and nothing pauses the clock. Slow,
short, and written without a look at the rule.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from schemas.entries import Concluded, Entry
from schemas.facts import ConsentChanged, Engaged, Enriched, Touched
from schemas.handoffs import ClockEnded, ClockStarted, HandoffClosed, HandoffOpened, SlaBreached
from schemas.lifecycle import MoveRefused, OwnerChanged
from schemas.step import AgreementChanged

MINUTE = timedelta(minutes=1)
MADRID = (ZoneInfo("Europe/Madrid"), {0, 1, 2, 3, 4}, ((540, 840), (900, 1080)))
LISBON = (ZoneInfo("Europe/Lisbon"), {0, 1, 2, 3, 5}, ((510, 1035),))
AROUND_THE_CLOCK = {"feedback"}


def worked(
    said: list[Concluded], clock: ClockEnded | SlaBreached, events: list[Entry | AgreementChanged]
) -> int:
    """Return the minutes that a clock counted from its start to this conclusion."""
    start = next(
        one.at for one in said if isinstance(one.body, ClockStarted) and one.body.subject == clock.subject
    )
    end = clock.ended_at if isinstance(clock, ClockEnded) else clock.breached_at
    stops = _stops(said, clock, events)
    owners = [(one.at, one.body.owner) for one in said if isinstance(one.body, OwnerChanged)]
    return sum(
        _counts(start + MINUTE * number, clock.clock, stops, owners)
        for number in range((end - start) // MINUTE)
    )


def _counts(
    at: datetime, clock: str, stops: list[tuple[datetime, bool]], owners: list[tuple[datetime, str | None]]
) -> bool:
    if [on for since, on in stops if since <= at][-1:] == [True]:
        return False
    if clock in AROUND_THE_CLOCK:
        return True
    owner = ([None] + [who for since, who in owners if since <= at])[-1]
    zone, days, openings = LISBON if owner == "bo" else MADRID
    local = at.astimezone(zone)
    minute = local.hour * 60 + local.minute
    holiday = zone is MADRID[0] and (local.month, local.day) in {(1, 1), (1, 6)}
    return local.weekday() in days and not holiday and any(a <= minute < b for a, b in openings)


def _stops(
    said: list[Concluded], clock: ClockEnded | SlaBreached, events: list[Entry | AgreementChanged]
) -> list[tuple[datetime, bool]]:
    """Return from when on the clock stood, and from when on it went on again."""
    refused = {one.cause for one in said if isinstance(one.body, MoveRefused)}
    opened, closed = _life(said, clock.handoff_id)
    waits = silent = False
    found = []
    for event in events:
        if not isinstance(event, Entry) or event.seq in refused or not opened < event.seq <= closed:
            continue
        match event.fact:
            case Touched(outcome="call_later"):
                waits = True
            case Engaged() | Touched(outcome="connected"):
                waits = False
            case ConsentChanged():
                silent = clock.clock == "acceptance"
            case Enriched():
                silent = False
            case _:
                pass
        found.append((event.at, waits or silent))
    return found


def _life(said: list[Concluded], handoff_id: str) -> tuple[int, int]:
    """Return the numbers of the facts with which a hand-off opened and closed."""
    opened = next(
        one.cause for one in said if isinstance(one.body, HandoffOpened) and one.body.handoff_id == handoff_id
    )
    closed = next(
        (
            one.cause
            for one in said
            if isinstance(one.body, HandoffClosed) and one.body.handoff_id == handoff_id
        ),
        None,
    )
    assert isinstance(opened, int)
    return opened, closed if isinstance(closed, int) else 10**9
