"""Dead letters of rows: put aside once, however often a file is read."""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import update

from infra.decision import DeadRow
from infra.store.burying import bury, close_letters, put_aside
from infra.store.opening import open_store
from infra.store.reading.dead_letters import dead_letter_of, dead_letters_like
from infra.store.tables.read_model import dead_letters
from schemas.dead_letters import Closing, DeadLetter, DeadReason
from tests.simulation.faults import Crash, Faults, FragileDatabase
from tests.stores import new_store

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def letter(reason: DeadReason = DeadReason.ROW) -> DeadLetter:
    return DeadLetter(reason=reason, detail="deals.csv:3: no date", source="crm", event_id="3")


def test_a_row_is_put_aside_once(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/relevo.db") as database, database.writing() as connection:
        assert bury(connection, [(letter(), b"3;x"), (letter(), b"3;x"), (letter(), b"4;x")], NOON) == 2
        assert bury(connection, [(letter(), b"3;x"), (letter(DeadReason.CURRENCY), b"3;x")], NOON) == 1
        found = dead_letters_like(connection)
        assert [(one.reason, one.original, one.received_at) for one in found] == [
            ("row", b"3;x", NOON),
            ("row", b"4;x", NOON),
            ("currency", b"3;x", NOON),
        ]


def test_more_rows_than_a_statement_takes_are_put_aside(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/relevo.db") as database, database.writing() as connection:
        letters = [(letter(), str(number).encode()) for number in range(1_200)]
        assert bury(connection, letters, NOON) == 1_200
        assert bury(connection, letters, NOON) == 0


def test_what_was_resubmitted_waits_no_more(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/relevo.db") as database, database.writing() as connection:
        bury(connection, [(letter(), b"1"), (letter(), b"2")], NOON)
        close_letters(connection, [2], NOON, Closing.RESUBMITTED)
        assert [one.id for one in dead_letters_like(connection)] == [1]
        waiting = dead_letter_of(connection, "crm", "3")
        assert waiting is not None
        assert waiting.id == 1
        assert dead_letter_of(connection, "crm", "4") is None


def test_who_breaks_off_while_burying_leaves_a_connection_that_can_commit(tmp_path: Path) -> None:
    faults, broken = Faults(), []
    with new_store(tmp_path / "relevo.db") as database:
        fragile = FragileDatabase.over(database, faults)
        row = DeadRow(letter(), None, NOON, None, b"key", ())
        for moments in range(8):
            faults.arm(moments)
            try:
                with fragile.writing() as connection:
                    put_aside(connection, [row])
            except Crash as crash:
                broken.append(crash)  # and with it whatever its frames still hold
            faults.disarm()
            with fragile.writing() as connection:
                connection.execute(update(dead_letters).values(detail="seen"))
    assert len(broken) >= 3
