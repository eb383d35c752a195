"""Forgetting people: the requests that said facts of them are emptied, and no others."""

from pathlib import Path

from sqlalchemy import select

from infra.arrivals import MadeFact, Making, Original
from infra.keyring import event_key
from infra.store.originals import keep_originals, say_made
from infra.store.tables.front_door import originals
from infra.wire import write_fact
from schemas.facts import Erased, FactEvent, Merged, Subject, Unmerged, Won
from tests.infra.saying import ANA, BO, CRM, DOLLARS, Sequencer, event_of


class FrontDoor(Sequencer):
    """A sequencer whose facts come in at the front door, some of them in one request."""

    def arrive(self, *events: FactEvent) -> None:
        """Take a request that says these facts."""
        values = [write_fact(event) for event in events]
        said = (self.now, "web", "json", "d", "POST", "/web?mail=ana@example.com", (("x", "y"),))
        with self.database.writing() as connection:
            number = keep_originals(connection, [Original(*said, b"".join(values), "a key")])
            made = [MadeFact(number, event_key(one), write_fact(one)) for one in events]
            say_made(connection, Making(number, number + 1, facts=made), self.now)
        for value in values:
            self.send(value)

    def kept(self) -> list[bool]:
        """Return which requests are still as they were sent."""
        with self.database.reading() as connection:
            rows = connection.execute(select(originals).order_by(originals.c.id)).all()
        assert all((row.body is None) == (row.target == "") == (row.headers == "[]") for row in rows)
        return [row.body is not None for row in rows]


def test_requests_about_who_is_forgotten_are_emptied(tmp_path: Path) -> None:
    line = FrontDoor(tmp_path / "relevo.db")
    line.arrive(event_of(id="1", **ANA), event_of(id="2", **BO))
    line.arrive(event_of(id="3", **BO))
    line.arrive(event_of(DOLLARS, id="4", **ANA))
    line.decide()
    assert line.kept() == [True, True, True]
    line.arrive(event_of(Erased(), id="5", **ANA))
    line.decide()
    assert line.kept() == [False, True, False, False]
    line.arrive(event_of(id="6", **ANA))
    line.arrive(event_of(Won(), id="7", **BO))
    line.decide()
    assert line.kept() == [False, True, False, False, False, True]


def test_a_request_that_is_sent_again_after_its_person_was_forgotten_is_emptied(tmp_path: Path) -> None:
    line = FrontDoor(tmp_path / "relevo.db")
    line.arrive(event_of(id="1", **ANA), event_of(id="2", **BO))
    line.arrive(event_of(Erased(), id="3", **ANA))
    line.decide()
    line.arrive(event_of(id="1", **ANA))
    line.arrive(event_of(id="2", **BO))
    line.decide()
    assert line.kept() == [False, False, False, True]


def test_a_second_request_with_a_fact_that_was_refused_because_its_person_is_forgotten_is_emptied(
    tmp_path: Path,
) -> None:
    line = FrontDoor(tmp_path / "relevo.db")
    line.arrive(event_of(id="1", **ANA))
    line.arrive(event_of(Erased(), id="2", **ANA))
    line.decide()
    line.arrive(event_of(id="3", **ANA), event_of(id="4", **BO))
    line.decide()
    assert line.kept() == [False, False, False]
    line.arrive(event_of(id="3", **ANA))
    line.arrive(event_of(id="4", **BO))
    assert line.kept() == [False, False, False, False, True]


def test_requests_whose_facts_stand_on_another_lead_by_mistake_are_emptied_too(tmp_path: Path) -> None:
    line = FrontDoor(tmp_path / "relevo.db")
    line.arrive(event_of(id="1", **ANA))
    line.arrive(event_of(id="2", **BO))
    line.arrive(event_of(Merged(other=Subject(**BO)), id="3", **ANA))
    line.arrive(event_of(Won(), id="4", **BO))
    line.arrive(event_of(Unmerged(other=Subject(**BO)), id="5", **ANA))
    line.arrive(event_of(id="6", **CRM))
    line.arrive(event_of(Erased(), id="7", **BO))
    line.decide()
    assert line.kept() == [True, False, False, False, False, True, False]
