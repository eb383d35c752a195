"""What every host keeps to: inherit ``HostContract`` and give it a ``host``, an ``append`` and a ``drain``.

A host is looked at through its store alone, so that it does not matter what runs where.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Protocol

import pytest
from sqlalchemy import select

from infra.store.database import Database
from infra.store.tables.read_model import timeline
from schemas.facts import Accepted, Captured, Engaged
from schemas.vocabulary import EngagementChannel
from services.pipeline import WORKERS
from services.verify import verify
from tests.histories import START, Plan, Said, document, event, history, signing, subject
from tests.stores import end_of, picture, unlike

DEMO = Engaged(channel=EngagementChannel.FORM, action="submit", name="demo")
BIG = Captured(attributes={"country": "ES", "employees": 400})


class Host(Protocol):
    """A host on a store of its own, in a world whose time a test sets."""

    database: Database

    def append(self, said: Iterable[Said]) -> None:
        """Append facts to the log at the times at which the log has them."""

    def drain(self, now: datetime) -> None:
        """Decide everything in the log and let time come."""


def handed_over() -> list[Said]:
    """Return a lead that is handed to sales at nine: four open hours to accept it, so until 13:00."""
    nine = START + timedelta(hours=1)
    return [
        signing(START, document(), "first"),
        Said(START, event(BIG, subject(1), event_id="e1", time=START)),
        Said(nine, event(DEMO, subject(1), event_id="e2", time=nine)),
    ]


DUE_AT = START + timedelta(hours=5)


def kinds(host: Host) -> list[str]:
    """Return the kinds of conclusions, in the order in which they were said."""
    with host.database.reading() as connection:
        return list(connection.execute(select(timeline.c.kind).order_by(timeline.c.id)).scalars())


class HostContract:
    """What every host keeps to."""

    def make(self, folder: Path) -> Host:
        """Return a new host; each call another one."""
        raise NotImplementedError

    @pytest.fixture
    def host(self, tmp_path: Path) -> Host:
        return self.make(tmp_path)

    def test_what_is_appended_is_decided(self, host: Host) -> None:
        host.append(handed_over())
        host.drain(START + timedelta(hours=1))
        assert {"score_changed", "stage_changed", "handoff_opened", "clock_started"} <= set(kinds(host))
        assert verify(host.database, WORKERS).agrees

    def test_to_drain_again_changes_nothing(self, host: Host) -> None:
        host.append(handed_over())
        host.drain(DUE_AT)
        before, said = picture(host.database), kinds(host)
        host.drain(DUE_AT)
        assert unlike(before, picture(host.database)) == {}
        assert kinds(host) == said

    def test_the_same_facts_come_to_the_same_conclusions_anywhere(self, tmp_path: Path) -> None:
        said = history(Random(11), Plan(facts=20))
        pictures = []
        for name in ("one", "other"):
            host = self.make(tmp_path / name)
            host.append(said)
            host.drain(end_of(said))
            pictures.append(picture(host.database))
        assert unlike(*pictures) == {}

    def test_facts_that_come_twice_change_nothing(self, host: Host) -> None:
        host.append(handed_over())
        host.drain(DUE_AT)
        before, said = picture(host.database), kinds(host)
        host.append(handed_over())
        host.drain(DUE_AT)
        assert unlike(before, picture(host.database)) == {}
        assert kinds(host) == said

    def test_a_timer_fires_at_its_instant_and_not_before(self, host: Host) -> None:
        host.append(handed_over())
        host.drain(DUE_AT - timedelta(microseconds=1))
        assert "sla_breached" not in kinds(host)
        host.drain(DUE_AT)
        assert kinds(host).count("sla_breached") == 1

    def test_a_timer_fires_once_however_often_time_comes(self, host: Host) -> None:
        host.append(handed_over())
        for _ in range(3):
            host.drain(DUE_AT + timedelta(minutes=1))
        assert kinds(host).count("sla_breached") == 1

    def test_an_answer_cancels_the_timer(self, host: Host) -> None:
        ten = START + timedelta(hours=2)
        answer = Said(ten, event(Accepted(), subject(1), source="crm", event_id="e3", time=ten))
        host.append([*handed_over(), answer])
        host.drain(ten)
        host.drain(START + timedelta(hours=2, minutes=1))
        assert "sla_breached" not in kinds(host)
        assert "clock_ended" in kinds(host)

    def test_an_answer_in_time_that_arrives_late_withdraws_the_breach(self, host: Host) -> None:
        host.append(handed_over())
        host.drain(DUE_AT + timedelta(minutes=10))
        ten, late = START + timedelta(hours=2), DUE_AT + timedelta(minutes=11)
        host.append([Said(late, event(Accepted(), subject(1), source="crm", event_id="e3", time=ten))])
        host.drain(late)
        standing = [body for *_, body in picture(host.database)["standing"].values()]
        assert not [body for body in standing if "sla_breached" in body]
        assert verify(host.database, WORKERS).agrees
