"""Dead letters of people who are forgotten: found by what they are filed under, and emptied."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.clues import MOST_CLUES
from infra.store.burying import bury
from infra.store.tables.hosts import clues
from infra.store.tables.read_model import dead_letters
from infra.wire import write_fact
from schemas.dead_letters import DeadLetter, DeadReason
from schemas.facts import Captured, Erased
from tests.infra.saying import ANA, BO, CRM, DOLLARS, Sequencer, event_of

PHONE: dict[str, Any] = {"phone": "600111222"}
SELLER: dict[str, Any] = {"external_ids": {"crm": "S-0007"}}
ROW = DeadLetter(reason=DeadReason.ROW, detail="leads.csv:7: 'S-0007' is no date", source="web")

batches = pytest.mark.parametrize("batch", [1, 1000])


def originals(line: Sequencer) -> list[bytes | None]:
    """Return the bytes of the dead letters."""
    return [row["original"] for row in line.rows(dead_letters)]


def put_aside(line: Sequencer, *rows: bytes) -> None:
    """Put rows of a file aside."""
    with line.database.writing() as connection:
        bury(connection, [(ROW, row) for row in rows], line.now)


@pytest.mark.parametrize(
    ("about", "naming"),
    [
        (PHONE, b"+34 600 11 12 22"),
        ({"external_ids": {"crm": "S-0007"}}, b"s-0007"),
        (CRM, b"7"),
        (ANA, b"ANA@example.com"),
    ],
    ids=["phone", "id", "short id", "address"],
)
@batches
def test_unreadable_letters_are_emptied_by_whatever_names_the_person(
    tmp_path: Path, batch: int, about: dict[str, Any], naming: bytes
) -> None:
    line = Sequencer(tmp_path / "relevo.db", batch=batch)
    line.say(**about, name="Somebody")
    put_aside(line, b"x;" + naming + b";y\n", b"x;8;+34 600 11 12 33;bo@example.com\n")
    line.send(b'{"external_ids":{"crm":"' + naming + b'"}')
    line.say(Erased(), **about)
    put_aside(line, b"later;" + naming + b";y\n")
    line.send(b'{"later":{"crm":"' + naming + b'"}')
    line.decide()
    put_aside(line, b"much later;" + naming + b";y\n")
    kept = [one for one in originals(line) if one is not None]
    assert kept == [b"x;8;+34 600 11 12 33;bo@example.com\n"]


def test_an_emptied_letter_waits_for_nobody_and_tells_nothing(line: Sequencer) -> None:
    line.say(external_ids={"crm": "S-0007"})
    put_aside(line, b"S-0007;x\n")
    line.say(Erased(), external_ids={"crm": "S-0007"})
    line.decide()
    (row,) = line.rows(dead_letters)
    assert (row["reason"], row["detail"]) == ("erased", "the subject is a lead that was erased")
    assert (row["closed_as"], row["closed_at"]) == ("forgotten", row["received_at"])


def test_a_row_of_the_forgotten_that_is_read_again_is_not_put_aside_again(line: Sequencer) -> None:
    line.say(**PHONE)
    line.say(Erased(), **PHONE)
    line.decide()
    for _ in range(3):
        put_aside(line, b"x;600111222;y\n")
    assert originals(line) == [None]


def test_a_colleague_at_the_same_phone_is_not_forgotten(line: Sequencer) -> None:
    line.say(**ANA, **PHONE)
    line.say(DOLLARS, **BO, **PHONE)
    put_aside(line, b"600111222;bo@example.com\n", b"600111222;\n")
    line.say(Erased(), **ANA)
    line.decide()
    assert [one is None for one in originals(line)] == [False, True, False]


def test_tests_and_real_people_do_not_forget_each_other(line: Sequencer) -> None:
    line.say(**ANA)
    line.say(**ANA, test=True)
    put_aside(line, b"1;ana@example.com\n")
    line.send(write_fact(event_of(id="t", **ANA, test=True)).replace(b'"1.0"', b'"0.3"'))
    line.say(Erased(), **ANA, test=True)
    line.decide()
    assert [one is None for one in originals(line)] == [False, True]
    line.say(Erased(), **ANA)
    line.decide()
    assert originals(line) == [None, None]


def test_a_letter_with_too_many_clues_is_read_through(line: Sequencer) -> None:
    long = b";".join(b"word%d" % number for number in range(2 * MOST_CLUES))
    line.say(**PHONE)
    put_aside(line, long + b";600111222\n", long + b";600111333\n")
    assert len(line.rows(clues)) == 2
    line.say(Erased(), **PHONE)
    line.decide()
    assert [one is None for one in originals(line)] == [True, False]


def test_whoever_was_part_of_a_lead_is_forgotten_with_it(line: Sequencer) -> None:
    line.say(**PHONE)
    line.say(**CRM)
    line.say(**CRM, **ANA, **PHONE)
    put_aside(line, b"x;600111222\n", b'{"crm": "7"\n', b"ana@example.com\n", b"x;600111333\n")
    line.say(Erased(), **ANA)
    line.decide()
    assert [one is None for one in originals(line)] == [True, True, True, False]


# --- what is always so

words = st.text("abcdefghijkxyz", min_size=4, max_size=9)
numbers = st.integers(610_000_000, 699_999_999).map(str)
keys = st.from_regex(r"[A-Z]{1,3}[-_/]?[0-9]{4,9}", fullmatch=True)
people = st.one_of(
    st.builds(lambda name: {"email": f"{name}.q@example.com"}, words),
    st.builds(lambda phone: {"phone": phone}, numbers),
    st.builds(lambda key: {"external_ids": {"crm": key}}, keys),
)
FORMS = (
    "17;{0};Ribera",
    '{{"data":{{"subject":{{"x":"{0}"',
    "no form at all, but {0} is named",
    '"a ""quoted"" cell","{0}",3\n',
    '{{"specversion":"1.0","person":["{0}"]}}',
)


def mark_of(about: dict[str, Any]) -> str:
    """Return the one identifier of a person."""
    (value,) = about.values()
    return next(iter(value.values())) if isinstance(value, dict) else str(value)


@settings(max_examples=15)
@given(st.lists(people, min_size=2, max_size=4, unique_by=mark_of), st.data())
def test_nothing_of_who_is_forgotten_is_left_in_the_file(
    tmp_path_factory: pytest.TempPathFactory, everybody: list[dict[str, Any]], data: st.DataObject
) -> None:
    file = tmp_path_factory.mktemp("bytes") / "relevo.db"
    line = Sequencer(file, batch=data.draw(st.integers(1, 5)))
    spoken = st.sampled_from(everybody)
    for about in everybody:
        line.say(Captured(), **about)
    for form in data.draw(st.lists(st.sampled_from(FORMS), max_size=6)):
        value = form.format(mark_of(data.draw(spoken))).encode()
        if data.draw(st.booleans()):
            line.send(value)
        else:
            put_aside(line, value)
    line.say(DOLLARS, **data.draw(spoken))
    forgotten, *others = everybody
    line.say(Erased(), **forgotten)
    line.decide()
    put_aside(line, FORMS[0].format(mark_of(forgotten)).encode())
    with line.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    line.database.close()
    left = b"".join(one.read_bytes() for one in file.parent.iterdir())
    assert mark_of(forgotten).encode() not in left
    assert all(mark_of(one).encode() in left for one in others)
