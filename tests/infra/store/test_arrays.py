"""Arrays in PostgreSQL's binary form: what is written is what its own reader finds."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Boolean, Float, Integer, LargeBinary, Text

from infra.store.arrays import array_of, element_of
from infra.store.columns import BIG, Day, UtcInstant
from infra.store.database import Database
from tests.servers.postgresql import Server

TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
COLUMNS: dict[str, tuple[Any, st.SearchStrategy[Any]]] = {
    "text": (Text(), TEXTS),
    "bytes": (LargeBinary(), st.binary()),
    "big": (BIG, st.integers(-(2**63), 2**63 - 1)),
    "small": (Integer(), st.integers(-(2**31), 2**31 - 1)),
    "boolean": (Boolean(), st.booleans()),
    "instant": (UtcInstant(), st.datetimes(timezones=st.just(UTC))),
    "day": (Day(), st.dates()),
}


@pytest.fixture(scope="module")
def database(postgresql: Server) -> Any:
    with postgresql.store() as database:
        yield database


@pytest.mark.postgres
@pytest.mark.parametrize("name", COLUMNS)
def test_any_values_come_back_as_they_were(name: str, database: Database) -> None:
    column, values = COLUMNS[name]
    element = element_of(column)

    @given(st.lists(st.none() | values, max_size=5))
    def holds(written: list[Any]) -> None:
        with database.reading() as connection:
            statement = f"SELECT one FROM unnest(%b::{element.name}[]) AS one"  # noqa: S608 - a name of ours
            found = connection.exec_driver_sql(statement, (array_of(element, written),))
            assert list(found.scalars()) == written

    holds()


def test_one_value_is_written_as_the_manual_says() -> None:
    data = array_of(element_of(Integer()), [7]).data
    dimensions, nulls, kind, count, first, length, value = (
        int.from_bytes(data[place : place + 4], "big") for place in range(0, 28, 4)
    )
    assert (dimensions, nulls, kind, count, first, length, value) == (1, 0, 23, 1, 1, 4, 7)


def test_instants_and_days_count_from_the_year_2000() -> None:
    instant = array_of(element_of(UtcInstant()), [datetime(2000, 1, 1, 0, 0, 1, tzinfo=UTC)]).data
    assert int.from_bytes(instant[-8:], "big") == 1_000_000
    assert int.from_bytes(array_of(element_of(Day()), [date(2000, 1, 3)]).data[-4:], "big") == 2


def test_a_type_that_no_column_has_is_refused() -> None:
    with pytest.raises(TypeError, match="add it to"):
        element_of(Float())
