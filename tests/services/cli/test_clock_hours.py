"""Opening hours are written as they are read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cli.clock_hours import hours_text, read_hours
from services.cli.failures import Refused

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@pytest.mark.parametrize(
    ("openings", "holidays", "text"),
    [
        (["mon-fri=09:00-18:00"], [], "mon-fri=09:00-18:00"),
        (["mon=15:00-18:00,09:00-14:00"], [], "mon=09:00-14:00,15:00-18:00"),
        (["fri-mon=22:00-04:00"], [], "mon=22:00-04:00 fri-sun=22:00-04:00"),
        (["sun=00:00-24:00"], ["2026-12-25"], "sun=00:00-24:00, but not on 2026-12-25"),
        (
            ["mon=09:00-18:00"],
            [f"2026-12-0{day}" for day in range(1, 6)],
            "mon=09:00-18:00, but not on 5 holidays",
        ),
        ([], [], "never"),
    ],
)
def test_hours_are_told_shortly(openings: list[str], holidays: list[str], text: str) -> None:
    assert hours_text(read_hours("UTC", openings, holidays)) == text


@given(
    st.dictionaries(
        st.sampled_from(DAYS),
        st.tuples(st.integers(0, 23), st.integers(1, 24)).filter(lambda two: two[0] < two[1]),
    )
)
def test_what_is_written_reads_the_same(week: dict[str, tuple[int, int]]) -> None:
    openings = [f"{day}={begin:02}:00-{end:02}:00" for day, (begin, end) in week.items()]
    calendar = read_hours("Europe/Madrid", openings, [])
    text = hours_text(calendar)
    assert read_hours("Europe/Madrid", text.split() if week else [], []).week == calendar.week


@pytest.mark.parametrize(
    ("zone", "openings", "holidays", "said"),
    [
        ("Europe/Madird", [], [], "--zone: 'Europe/Madird' is not a time zone"),
        ("UTC", ["mon=24:00-09:00"], [], "--open: 24:00 only ends an interval"),
        ("UTC", [], ["2026-12-25", "2026-02-30"], "--holiday: '2026-02-30' is no day of the calendar"),
    ],
)
def test_what_cannot_be_read_is_said_by_its_option(
    zone: str, openings: list[str], holidays: list[str], said: str
) -> None:
    with pytest.raises(Refused, match=f"^{said}"):
        read_hours(zone, openings, holidays)
