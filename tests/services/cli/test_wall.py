"""Instants on a wall say their offset where the wall alone would mislead."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.cli.wall import Wall

MADRID = Wall("Europe/Madrid")
ONCE_MORE = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_an_instant_is_written_to_the_minute() -> None:
    assert MADRID(datetime(2026, 3, 2, 8, 30, 59, tzinfo=UTC)) == "2026-03-02 09:30"
    assert MADRID(None) == "–"


def test_a_time_that_the_wall_shows_twice_has_its_offset() -> None:
    assert MADRID(ONCE_MORE) == "2026-10-25 02:30 +01:00"
    assert MADRID(ONCE_MORE - timedelta(hours=1)) == "2026-10-25 02:30 +02:00"
    assert MADRID(ONCE_MORE + timedelta(hours=1)) == "2026-10-25 03:30"


def test_seconds_are_shown_where_there_are_some() -> None:
    assert MADRID.to_the_second(ONCE_MORE.replace(second=5)) == "2026-10-25 02:30:05"
    assert MADRID.exact(ONCE_MORE.replace(second=5)) == "2026-10-25 02:30:05 +01:00"
    assert Wall("Asia/Kolkata").exact(ONCE_MORE) == "2026-10-25 07:00 +05:30"


def test_a_change_of_the_clocks_is_seen() -> None:
    assert MADRID.alike([ONCE_MORE, ONCE_MORE + timedelta(days=90)])
    assert not MADRID.alike([ONCE_MORE, ONCE_MORE - timedelta(hours=1)])


def test_a_title_names_the_zone() -> None:
    assert MADRID.over("Clocks") == "Clocks (times in Europe/Madrid)"


@given(minutes=st.integers(min_value=0, max_value=10 * 366 * 24 * 60))
def test_no_two_hours_are_written_alike(minutes: int) -> None:
    at = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    assert MADRID(at) != MADRID(at + timedelta(hours=1))
