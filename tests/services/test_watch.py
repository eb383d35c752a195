"""Numbers out of bounds over the days of a running line: found, said again, and over."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import services.sequencer
from infra.embedded.line import Line
from infra.store.database import Database
from infra.store.reading.notices import AlertRow, alerts_like
from schemas.facts import Captured, Fact, Won
from schemas.vocabulary import Actor, Side
from services.pipeline import WORKERS
from services.watch import numbers
from tests.histories import START, Said, document, event, signing, subject
from tests.stores import Clock, append, new_store

DAY = timedelta(days=1)
BOUND = {"metric": "won_count", "at_least": 1, "over_days": 28, "at_least_count": 0}
TWO_DAYS = {"on": "out_of_bounds", "severity": "critical", "channels": ["desk"], "repeat_every_minutes": 2880}


class Running:
    """A line that looks at its numbers, and the clock that it goes by."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._clock = Clock(START)
        self._line = Line(database, WORKERS, services.sequencer, self._clock, watch=numbers)

    def say(self, fact: Fact) -> None:
        """Have a tool say a fact now."""
        said = event(fact, subject(1), event_id=fact.kind, time=self._clock.now)
        append(self._database, [Said(self._clock.now, said)])

    def sign(self, changes: dict[str, Any]) -> None:
        """Have an agreement signed now."""
        append(self._database, [signing(self._clock.now, document(changes), changes["version"])])

    def run_until(self, instant: datetime) -> None:
        """Let hours go by."""
        while self._clock.now < instant:
            self._line.drain()
            self._clock.now += timedelta(hours=1)
        self._line.drain()

    def stand_still(self, span: timedelta) -> None:
        """Let time go by while nothing runs."""
        self._clock.now += span

    def alerts(self) -> list[AlertRow]:
        """Return the alerts about numbers, over or not."""
        with self._database.reading() as connection:
            return alerts_like(connection, open_only=False, kind="out_of_bounds")


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with new_store(tmp_path / "relevo.db") as database:
        line = Running(database)
        line.sign({"version": "v1", "bounds": [BOUND], "alerts": [TWO_DAYS], "channels": []})
        line.say(Captured(origin="web"))
        yield line


def test_a_number_out_of_bounds_is_said_again_as_the_policy_says_and_ends_when_it_comes_back(
    running: Running,
) -> None:
    running.run_until(START + 6 * DAY)
    (alert,) = running.alerts()
    assert (alert.severity, alert.recipients, alert.resolved_at) == ("critical", ("desk",), None)
    assert alert.opened_at == START
    assert (alert.said_count, alert.last_said_at) == (4, START.replace(hour=23) + 5 * DAY)
    running.say(Won(by=Actor(side=Side.SALES)))
    running.run_until(START + 8 * DAY)
    (alert,) = running.alerts()
    assert alert.resolved_reason == "back_in_bounds"
    assert alert.said_count == 4


@pytest.mark.parametrize("bounds", [[], [{**BOUND, "at_least": 2}], [{**BOUND, "over_days": 7}]])
def test_an_alert_ends_when_its_bound_is_agreed_no_more(running: Running, bounds: list[Any]) -> None:
    running.run_until(START + 2 * DAY)
    running.sign({"version": "v2", "bounds": bounds, "alerts": [TWO_DAYS], "channels": []})
    running.run_until(START + 4 * DAY)
    over = [alert.resolved_reason for alert in running.alerts() if alert.resolved_at]
    assert over == ["no_longer_agreed"]
    assert len(running.alerts()) == 1 + len(bounds)


def test_a_line_that_stood_still_says_it_once(running: Running) -> None:
    running.run_until(START + DAY)
    running.stand_still(9 * DAY)
    running.run_until(START + 10 * DAY)
    assert [alert.said_count for alert in running.alerts()] == [2]
