"""Offsets of zones: every change is found, to the second, in the pinned database and no other."""

import struct
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.calendars import time_zone_names
from services.zones import (
    END_OF_TIME,
    PROBE_SECONDS,
    SECOND,
    TZ_DATABASE_VERSION,
    periods,
    to_instant,
    to_microseconds,
    zone_info,
)
from tests.oracles.clock_strategies import ODD_DAYS


def changes_in_the_file(name: str) -> list[tuple[int, int]]:
    """Return (second, offset from there on) as a zone's TZif file lists them (RFC 8536, the 64-bit part)."""
    data = (files("tzdata") / "zoneinfo" / name).read_bytes()
    *counts, times, kinds, letters = struct.unpack(">4sc15x6l", data[:44])[2:]
    of_utc, of_wall, leaps = counts
    at = 44 + times * 5 + kinds * 6 + letters + leaps * 8 + of_wall + of_utc
    times, kinds = struct.unpack(">4sc15x6l", data[at : at + 44])[5:7]
    at += 44
    seconds = struct.unpack(f">{times}q", data[at : at + 8 * times])
    indexes = data[at + 8 * times : at + 9 * times]
    offsets = [struct.unpack(">lBB", data[at + 9 * times + 6 * k :][:6])[0] for k in range(kinds)]
    listed = [(second, offsets[index]) for second, index in zip(seconds, indexes, strict=True)]
    before = [offsets[0], *(offset for _, offset in listed)]
    return [change for change, offset in zip(listed, before, strict=False) if change[1] != offset]


def instant(year: int) -> int:
    return to_microseconds(datetime(year, 1, 1, tzinfo=UTC))


def test_no_zone_changes_its_offset_twice_between_two_probes() -> None:
    gaps = [
        later - earlier
        for name in time_zone_names()
        for (earlier, _), (later, _) in pairwise(changes_in_the_file(name))
    ]
    assert min(gaps) > PROBE_SECONDS


@pytest.mark.parametrize("name", sorted({zone for zone, _ in ODD_DAYS} | {"Africa/Monrovia", "Asia/Manila"}))
def test_every_change_of_the_offset_is_found_to_the_second(name: str) -> None:
    begin, end = instant(1880), instant(2030)
    found = list(periods(name, begin, end))
    changes = [
        (later[0] // SECOND, later[2] // SECOND)
        for earlier, later in pairwise(found)
        if earlier[2] != later[2]
    ]
    listed = [each for each in changes_in_the_file(name) if begin < each[0] * SECOND < end]
    last = max((second for second, _ in listed), default=0)  # past the file's last change a rule takes over
    assert [each for each in changes if each[0] <= last] == listed


@given(st.sampled_from(sorted(time_zone_names())), st.integers(-(10**10), 10**10))
def test_the_offset_of_a_period_is_the_zones_own_at_its_ends_and_within(name: str, second: int) -> None:
    begin, end = (second - 200 * 86_400) * SECOND, (second + 200 * 86_400) * SECOND
    for since, until, offset in periods(name, begin, end):
        for at in (since, (since + until) // 2, until - 1):
            assert to_instant(at).astimezone(zone_info(name)).utcoffset() == timedelta(microseconds=offset)


def test_periods_cover_what_was_asked_for_without_gaps() -> None:
    begin, end = instant(2020) + 1, instant(2026) + 7
    found = list(periods("Europe/Madrid", begin, end))
    assert (found[0][0], found[-1][1]) == (begin, end)
    assert all(earlier[1] == later[0] for earlier, later in pairwise(found))


def test_nothing_is_no_period() -> None:
    assert list(periods("Europe/Madrid", 5, 5)) == []


def test_offsets_are_known_at_both_ends_of_time() -> None:
    first = to_microseconds(datetime(1, 1, 1, tzinfo=UTC))
    assert next(periods("Pacific/Apia", first, first + 1)) == (first, first + 1, 45_184 * SECOND)
    assert next(periods("Asia/Tokyo", END_OF_TIME - 1, END_OF_TIME))[2] == 9 * 3600 * SECOND


def test_instants_and_microseconds_are_the_same_to_the_last_digit() -> None:
    exact = datetime(2026, 3, 29, 1, 2, 3, 456_789, tzinfo=UTC)
    assert to_instant(to_microseconds(exact)) == exact
    assert to_instant(END_OF_TIME) == datetime.max.replace(tzinfo=UTC)


def test_an_instant_with_another_offset_is_the_same_instant() -> None:
    madrid = datetime(2026, 7, 1, 12, tzinfo=zone_info("Europe/Madrid"))
    assert to_instant(to_microseconds(madrid)) == datetime(2026, 7, 1, 10, tzinfo=UTC)


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        to_microseconds(datetime(2026, 1, 1))  # noqa: DTZ001


def test_zones_come_from_the_pinned_database() -> None:
    assert (
        (files("tzdata") / "zoneinfo" / "tzdata.zi")
        .read_text()
        .startswith(f"# version {TZ_DATABASE_VERSION}")
    )
    assert zone_info("Europe/Madrid") is zone_info("Europe/Madrid")
    assert zone_info("Europe/Madrid").utcoffset(datetime(2026, 7, 1)) == timedelta(hours=2)  # noqa: DTZ001


@pytest.mark.parametrize("name", ["Europe/Madird", "../zones", "/etc/passwd", ""])
def test_a_name_that_is_no_zone_opens_no_file(name: str) -> None:
    with pytest.raises(ValueError, match="is not a time zone"):
        zone_info(name)
