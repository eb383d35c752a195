"""Repeats: equal words change nothing, other words under the same name are put aside and not lost."""

import json
from pathlib import Path

import pytest

from infra.store.burying import close_letters
from infra.store.tables.read_model import dead_letters
from infra.wire import write_fact
from schemas.dead_letters import Closing
from schemas.facts import AgreementSigned, Captured, Erased, Heartbeat
from tests.infra.saying import ANA, BO, Sequencer, document, event_of

batches = pytest.mark.parametrize("batch", [1, 1000])


@batches
def test_a_repeat_with_other_words_is_put_aside_and_the_first_stands(tmp_path: Path, batch: int) -> None:
    line = Sequencer(tmp_path / "relevo.db", batch=batch)
    line.say(Captured(origin="ads"), id="x", **ANA)
    line.say(Captured(origin="fair"), id="x", **ANA)
    line.say(Captured(origin="ads"), id="x", **BO)
    line.say(Captured(origin="fair"), id="x", **ANA)
    line.decide()
    assert line.fact("x")["fact"] == '{"kind":"captured","origin":"ads","attributes":{}}'
    assert line.dead() == [("conflicting_repeat", "x")] * 2
    assert b"fair" in line.rows(dead_letters)[0]["original"]
    assert line.numbers() == [1, 2]


@batches
def test_the_same_words_in_another_form_are_a_repeat(tmp_path: Path, batch: int) -> None:
    line = Sequencer(tmp_path / "relevo.db", batch=batch)
    with line.importing("i"):
        line.say(Captured(), id="x", **ANA, import_id="i", time="2026-03-01 09:00")
    again = event_of(Captured(), id="x", **ANA, time="2026-03-01 09:00")
    line.send(json.dumps(json.loads(write_fact(again)), indent=1, sort_keys=True).encode())
    with line.importing("j"):
        line.say(Captured(), id="x", **ANA, import_id="j", time="2026-03-01 09:00")
    line.decide()
    assert line.dead() == []


@batches
def test_facts_about_the_line_are_compared_too(tmp_path: Path, batch: int) -> None:
    line = Sequencer(tmp_path / "relevo.db", batch=batch)
    for version in ("test-2", "test-2", "test-3"):
        line.say(AgreementSigned(document=document({"version": version})), id="signed")
    for _ in range(2):
        line.say(Heartbeat(), id="beat")
    line.say(id="signed", **ANA)
    line.decide()
    assert line.book.newest.version == "test-2"
    assert line.dead() == [("conflicting_repeat", "signed")] * 2


@batches
def test_what_is_said_anew_of_who_was_forgotten_is_not_kept(tmp_path: Path, batch: int) -> None:
    line = Sequencer(tmp_path / "relevo.db", batch=batch)
    line.say(id="x", **ANA)
    line.say(id="y", **BO)
    line.say(Erased(), id="z", **ANA)
    line.decide()
    line.say(id="x", **ANA, name="Ana")
    line.say(id="y", **ANA, name="Ana")
    line.decide()
    assert line.dead() == [("erased", "y")]
    assert [row["original"] for row in line.rows(dead_letters)] == [None]


def test_a_conflict_that_was_discarded_is_not_put_aside_again(line: Sequencer) -> None:
    for origin in ("ads", "fair"):
        line.say(Captured(origin=origin), id="x", **ANA)
    line.decide()
    with line.database.writing() as connection:
        close_letters(connection, [1], line.now, Closing.DISCARDED, "the fair was a mistake")
    line.say(Captured(origin="fair"), id="x", **ANA)
    line.decide()
    (row,) = line.rows(dead_letters)
    assert (row["closed_as"], row["closed_because"]) == ("discarded", "the fair was a mistake")
