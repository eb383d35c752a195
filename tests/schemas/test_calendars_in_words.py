"""Allowances as people say them: read, refused with what may be said, and said again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from schemas.calendars import (
    Allowance,
    BusinessAllowance,
    CalendarAllowance,
    ElapsedAllowance,
    allowance_text,
)

ALLOWANCES: TypeAdapter[BusinessAllowance | ElapsedAllowance | CalendarAllowance] = TypeAdapter(Allowance)


@pytest.mark.parametrize(
    ("text", "allowance"),
    [
        ("4 business hours", BusinessAllowance(minutes=240)),
        ("1 business hour", BusinessAllowance(minutes=60)),
        ("1.5 business hours", BusinessAllowance(minutes=90)),
        ("0.5 business minutes", BusinessAllowance(minutes=0.5)),
        ("90 elapsed minutes", ElapsedAllowance(minutes=90)),
        ("60 elapsed days", ElapsedAllowance(minutes=86_400)),
        ("3 calendar days", CalendarAllowance(days=3)),
    ],
)
def test_an_allowance_may_be_written_as_people_say_it(text: str, allowance: object) -> None:
    assert ALLOWANCES.validate_python(text) == allowance


@pytest.mark.parametrize(
    "value", ["4 hours", "2 business days", "-1 business hours", "4 business hours ", 240, None, []]
)
def test_what_is_no_allowance_is_told_how_to_be_one(value: object) -> None:
    with pytest.raises(
        ValidationError, match=r"is no allowance; write 4 business hours, .* or 3 calendar days"
    ):
        ALLOWANCES.validate_python(value)


def test_a_fraction_of_a_second_is_refused() -> None:
    with pytest.raises(ValidationError, match="no whole number of seconds"):
        ALLOWANCES.validate_python("0.0001 business minutes")


@given(
    st.one_of(
        st.builds(BusinessAllowance, minutes=st.integers(0, 100_000)),
        st.builds(ElapsedAllowance, minutes=st.integers(0, 100_000)),
        st.builds(CalendarAllowance, days=st.integers(0, 36_600)),
    )
)
def test_what_is_said_of_an_allowance_is_read_as_the_same(allowance: BusinessAllowance) -> None:
    assert ALLOWANCES.validate_python(allowance_text(allowance)) == allowance
    assert ALLOWANCES.validate_python(allowance.model_dump()) == allowance


@pytest.mark.parametrize(
    ("allowance", "text"),
    [
        (BusinessAllowance(minutes=2880), "48 business hours"),
        (BusinessAllowance(minutes=61), "61 business minutes"),
        (ElapsedAllowance(minutes=1440), "1 elapsed day"),
        (ElapsedAllowance(minutes=120), "2 elapsed hours"),
        (ElapsedAllowance(minutes=0), "0 elapsed minutes"),
        (CalendarAllowance(days=1), "1 calendar day"),
    ],
)
def test_an_allowance_is_said_in_the_largest_unit_without_remainder(
    allowance: BusinessAllowance, text: str
) -> None:
    assert allowance_text(allowance) == text
