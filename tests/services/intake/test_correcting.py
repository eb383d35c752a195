"""What a corrected mapping makes of facts that were said: people better known, and nothing twice."""

from datetime import timedelta
from typing import Any

import pytest

from schemas.facts import FactEvent
from services.intake.correcting import correction, correction_id, stays
from services.intake.replaying import Replay, apply, replay
from services.intake.settling import settle
from services.line import OpenLine, open_line
from tests.services.cli.conftest import Relevo
from tests.services.intake.arriving import NOON, generic_source, keep

SENT = [
    {"id": 1, "at": "2026-03-02T09:00:00Z", "mail": "ana@example.com", "pais": "ES", "staff": 200, "crm": 7},
    {"id": 2, "at": "2026-03-02T09:00:00Z", "mail": "bo@example.com", "pais": "PT", "staff": 60},
]
EVER = NOON - timedelta(days=365)


def mapping(subject: dict[str, Any] | None = None, **attributes: Any) -> dict[str, Any]:
    fact = {"kind": "captured", "attributes": attributes}
    return {"id": "id", "time": "at", "subject": {"email": "mail"} | (subject or {}), "facts": [fact]}


WRONG = mapping(country="country", employees="empleados")
RIGHT = mapping(country="pais", employees={"path": "staff", "as": "number"})
LESS = mapping(country="pais")


@pytest.fixture
def store(tmp_path: Any, relevo: Relevo) -> str:
    """A store in which an agreement has been signed."""
    assert relevo("say", "captured", "--email", "other@example.com").code == 0
    return f"sqlite:///{tmp_path}/relevo.db"


def replayed(line: OpenLine, mapped: dict[str, Any]) -> Replay:
    """Read everything again with a mapping, and say what it comes to."""
    source = generic_source(**mapped)
    found = replay(line.database, source, EVER)
    apply(line.database, found, source)
    line.decide()
    return found


def fits(relevo: Relevo) -> dict[str, float]:
    return {one["email"]: one["fit"] / 100 for one in relevo("leads", "--json").json}


def test_attributes_that_were_read_wrongly_are_told_again_once(store: str, relevo: Relevo) -> None:
    with open_line(store) as line:
        keep(line.database, generic_source(**WRONG), SENT)
        settle(line.database)
        line.decide()
        found = replayed(line, RIGHT)
        assert (found.corrected_count, found.kinds, found.different_count) == (2, {"enriched": 2}, 0)
        again = replayed(line, RIGHT)
        assert (again.new, again.same_count) == ({}, 2)
    told = fits(relevo)
    assert (told["ana@example.com"], told["bo@example.com"]) == (55, 40)
    assert relevo("verify").code == 0


def test_each_mapping_knows_what_the_one_before_it_said(store: str, relevo: Relevo) -> None:
    with open_line(store) as line:
        keep(line.database, generic_source(**WRONG), SENT)
        settle(line.database)
        line.decide()
        for mapped in (RIGHT, LESS, RIGHT, WRONG, RIGHT):
            assert replayed(line, mapped).corrected_count == 2
            assert replayed(line, mapped).corrected_count == 0
    assert fits(relevo)["ana@example.com"] == 55
    with open_line(store) as line:
        replayed(line, LESS)
    assert fits(relevo)["ana@example.com"] == 25


def test_what_was_learned_after_the_fact_is_not_overruled(store: str, relevo: Relevo) -> None:
    with open_line(store) as line:
        keep(line.database, generic_source(**WRONG), SENT)
        settle(line.database)
        line.decide()
    later = ("enriched", "attributes.employees=1500", "--email", "ana@example.com")
    assert relevo("say", *later, "--at", "2026-03-03T09:00:00Z").code == 0
    with open_line(store) as line:
        replayed(line, RIGHT)
    assert fits(relevo)["ana@example.com"] == 45  # the country of the correction, the size of the later fact


def test_ids_that_were_missing_are_told_of_the_same_lead(store: str, relevo: Relevo) -> None:
    with open_line(store) as line:
        keep(line.database, generic_source(**RIGHT), SENT)
        settle(line.database)
        line.decide()
        found = replayed(line, RIGHT | {"subject": {"email": "mail", "external_ids": {"crm": "crm"}}})
        assert found.corrected_count == 1
    assert relevo("say", "won", "--external", "crm=7", "--by", "sales").code == 0
    assert len(relevo("leads", "--json").json) == 3


def test_what_is_about_somebody_else_or_happened_otherwise_stays(store: str) -> None:
    with open_line(store) as line:
        keep(line.database, generic_source(**RIGHT), SENT)
        settle(line.database)
        other = mapping({"email": "pais"}, country="pais", employees={"path": "staff", "as": "number"})
        moved = RIGHT | {"facts": [RIGHT["facts"][0] | {"fields": {"origin": {"constant": "fair"}}}]}
        for mapped in (other, moved):
            found = replayed(line, mapped)
            assert (found.new, found.different_count) == ({}, 2)


def event(fact: dict[str, Any], subject: dict[str, Any] | None = None, **more: Any) -> FactEvent:
    return FactEvent.model_validate(
        {
            "id": "e1",
            "source": "crm",
            "type": f"relevo.lead.{fact['kind']}",
            "data": {"subject": subject or {"email": "a@example.com"}, "fact": fact, **more},
        }
    )


CAPTURED = event({"kind": "captured", "attributes": {"a": 1, "b": 2}})


def test_a_correction_says_only_what_differs_and_forgets_what_is_read_no_more() -> None:
    now = event({"kind": "captured", "attributes": {"a": 1, "c": 3}})
    told = correction(CAPTURED, now, "ES", known_by="e1~001~d", at=NOON)
    assert told is not None
    assert told.data.fact.model_dump() == {"kind": "enriched", "attributes": {"b": None, "c": 3}}
    assert (told.time, told.data.subject) == (NOON, now.data.subject)
    assert not stays(CAPTURED, now, "ES")


@pytest.mark.parametrize(
    "now",
    [
        event({"kind": "won"}),
        event({"kind": "captured", "attributes": {"a": 9}}, {"email": "b@example.com"}),
        event({"kind": "captured", "attributes": {"a": 9}}, test=True),
        event({"kind": "captured", "attributes": {f"n{number}": number for number in range(128)}}),
    ],
    ids=["another kind", "another person", "a test", "too much"],
)
def test_what_no_correction_can_say_stays(now: FactEvent) -> None:
    assert correction(CAPTURED, now, "ES", known_by="e1~001~d", at=NOON) is None
    assert stays(CAPTURED, now, "ES")


def test_a_person_whose_address_reads_in_another_case_is_the_same_one() -> None:
    now = event({"kind": "captured", "attributes": {"a": 1, "b": 3}}, {"email": "A@Example.com"})
    told = correction(CAPTURED, now, "ES", known_by="e1~001~d", at=NOON)
    assert told is not None
    assert told.data.fact.model_dump() == {"kind": "enriched", "attributes": {"b": 3}}


def test_corrections_sort_after_the_fact_and_in_their_order() -> None:
    ids = ["e1", *(correction_id("e1", (number, "f")) for number in (1, 2, 10, 100, 999, 1000))]
    assert ids == sorted(ids)
    assert len(correction_id("x" * 256, (1, "0" * 16))) <= 256
