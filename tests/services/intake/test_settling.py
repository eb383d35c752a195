"""What a gateway took and was killed before it could read: read once, by whoever asks first."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from infra.arrivals import Making
from infra.store.originals import count_taken, next_unread, write_making
from infra.store.tables.front_door import originals
from services.cli.main import run
from services.intake.settling import settle
from services.line import OpenLine, open_line
from tests.servers.postgresql import Server
from tests.services.intake.arriving import NOON, generic_source, keep

ANA = {"id": "1", "email": "ana@example.com"}
BO = {"id": "2", "email": "bo@example.com"}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/relevo.db"
        return
    server: Server = request.getfixturevalue("postgresql")
    with server.database() as name:
        yield server.address(name)


def counted(line: OpenLine) -> tuple[int, int]:
    with line.database.reading() as connection:
        return count_taken(connection)


def bodies(line: OpenLine) -> list[bytes | None]:
    with line.database.reading() as connection:
        return list(connection.execute(select(originals.c.body).order_by(originals.c.id)).scalars())


def test_what_waits_is_read_once(store: str) -> None:
    with open_line(store) as line:
        keep(line.database, generic_source(), [ANA, BO, b"{"])
        assert counted(line) == (0, 0)
        assert settle(line.database) == 3
        assert counted(line) == (2, 1)
        assert settle(line.database) == 0


def test_what_is_sent_again_is_said_once(store: str) -> None:
    with open_line(store) as line:
        keep(line.database, generic_source(), [ANA, ANA, b"{", b"{"])
        settle(line.database)
        keep(line.database, generic_source(), [ANA, b"{"])
        settle(line.database)
        assert counted(line) == (1, 1)


def test_nothing_is_written_where_somebody_else_has_read(store: str) -> None:
    with open_line(store) as line:
        keep(line.database, generic_source(), [ANA])
        settle(line.database)
        with line.database.writing() as connection:
            assert not write_making(connection, Making(1, 2), NOON)
            assert next_unread(connection) == 2


def test_a_fact_about_nobody_and_one_of_the_lines_own_are_put_aside(store: str) -> None:
    signing = {
        "specversion": "1.0",
        "id": "s",
        "source": "crm",
        "type": "relevo.lead.agreement_signed",
        "data": {"fact": {"kind": "agreement_signed", "document": "mine"}},
    }
    with open_line(store) as line:
        keep(line.database, generic_source(), [{"id": "3", "origin": "web"}, signing])
        settle(line.database)
        assert counted(line) == (0, 2)


def test_who_is_forgotten_is_forgotten_in_every_request_that_told_of_them(store: str) -> None:
    assert run(["say", "captured", "--email", "ana@example.com", "--store", store]) == 0
    with open_line(store) as line:
        unread = b'{"email": "ana@example.com", "id": "9", "kind": "sold"}'
        keep(line.database, generic_source(), [ANA, ANA, BO, unread])
        settle(line.database)
        line.decide()
    assert run(["say", "erased", "--email", "ana@example.com", "--store", store]) == 0
    with open_line(store) as line:
        kept = bodies(line)
        assert [body is None for body in kept] == [True, True, False, True]


def test_a_number_that_was_never_given_stops_nobody(store: str) -> None:
    with open_line(store) as line:
        keep(line.database, generic_source(), [ANA])
        settle(line.database)
        with pytest.raises(LookupError):
            roll_back(line)
        keep(line.database, generic_source(), [BO])
        assert settle(line.database) == 1
        assert counted(line) == (2, 0)


def roll_back(line: OpenLine) -> None:
    """Begin to keep an original, and fail; in PostgreSQL its number is not given again."""
    named = dict.fromkeys(("source", "kind", "mapping", "method", "target", "headers", "verified"), "x")
    with line.database.writing() as connection:
        connection.execute(originals.insert(), {**named, "received_at": NOON})
        raise LookupError
