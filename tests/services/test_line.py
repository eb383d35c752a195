"""The line on one machine: opened, signed, and left to whoever runs it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from infra.agreement_file import AgreementInvalid
from infra.embedded.lock import LineBusy, line_lock
from infra.store.address import read_address
from infra.store.journal_memory import undecided
from infra.store.reading.dead_letters import dead_letters_like
from infra.store.reading.standing import positions_of
from schemas.facts import Heartbeat, ImportOpened
from services.agreement.loader import example
from services.line import OpenLine, open_line
from services.line_host import control_event

OTHER = "ngo"


def waiting(line: OpenLine) -> int:
    with line.database.reading() as connection:
        return undecided(connection)


@pytest.fixture
def store(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/relevo.db"


def test_an_agreement_is_signed_when_it_differs_from_the_newest(store: str) -> None:
    with open_line(store) as line:
        assert line.newest() is None
        first = line.sign(example(), "b2b.yaml")
        assert first is not None
        assert (first.where, first.instead_of) == ("b2b.yaml", None)
        assert line.sign(example(), "b2b.yaml") is None
        second = line.sign(example(OTHER), "ngo.yaml")
        assert second is not None
        assert second.instead_of is not None
        assert second.instead_of.digest == first.agreement.digest


def test_going_back_to_an_earlier_agreement_is_a_signing_too(store: str) -> None:
    with open_line(store) as line:
        for name in ("b2b", OTHER, "b2b"):
            assert line.sign(example(name), name) is not None
        newest = line.newest()
        assert newest is not None
        assert newest.document == example("b2b")


def test_a_document_that_is_no_agreement_is_not_appended(store: str) -> None:
    with open_line(store) as line:
        with pytest.raises(AgreementInvalid):
            line.sign("version: 1\n", "bad.yaml")
        assert waiting(line) == 0


def test_facts_about_the_line_itself_say_their_kind_and_are_relevos(store: str) -> None:
    event = control_event(ImportOpened(import_id="i"), "i:opened")
    assert (event.source, event.type, event.id) == ("relevo", "relevo.lead.import_opened", "i:opened")
    with open_line(store) as line:
        line.say([control_event(Heartbeat(), "h")])
        assert waiting(line) == 1
        assert line.decide() is True
        assert waiting(line) == 0


def test_what_another_process_has_to_decide_is_waited_for_in_vain_only_so_long(
    store: str,
) -> None:
    with open_line(store) as line:
        line.say([control_event(Heartbeat(), "h")])
        with line_lock(read_address(store), stays=True):
            assert line.decide(patience_seconds=0.2) is False
            with pytest.raises(LineBusy, match="relevo up, process"):
                line.refuse_if_busy()
        with line_lock(read_address(store)):
            assert line.decide(patience_seconds=0.2) is False
            line.refuse_if_busy()  # who has it goes by itself
        assert line.decide(patience_seconds=0.2) is True


def test_time_is_the_one_that_was_handed_in(store: str) -> None:
    noon = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    with open_line(store, now=lambda: noon) as line:
        line.sign(example(), "b2b")
        with line.database.reading() as connection:
            assert {place.clock for place in positions_of(connection)} == {noon}
            assert dead_letters_like(connection) == []
