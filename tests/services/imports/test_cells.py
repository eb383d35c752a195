"""Cells are read exactly, or not at all."""

import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.dead_letters import DeadReason
from schemas.vocabulary import Money
from services.imports.cells import BadCell, Mark, instant, money, number, shown
from services.zones import zone_info

MADRID = zone_info("Europe/Madrid")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-02", datetime(2026, 3, 2, tzinfo=UTC)),
        ("2026-03-02 09:30:15", datetime(2026, 3, 2, 9, 30, 15, tzinfo=UTC)),
        ("2026-03-02T09:30:15+02:00", datetime(2026, 3, 2, 7, 30, 15, tzinfo=UTC)),
        ("2026-03-02T09:30Z", datetime(2026, 3, 2, 9, 30, tzinfo=UTC)),
    ],
)
def test_a_date_without_a_form_is_iso_and_without_a_zone_utc(text: str, expected: datetime) -> None:
    assert instant(text) == expected


def test_a_date_is_read_in_its_form_and_its_zone() -> None:
    read = instant("02/07/2026 09:30", form="%d/%m/%Y %H:%M", zone=MADRID)
    assert read == datetime(2026, 7, 2, 7, 30, tzinfo=UTC)


def test_of_an_hour_that_occurs_twice_the_first_is_meant() -> None:
    assert instant("2026-10-25 02:30", zone=MADRID) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "soon", "2026-13-01", "02/03/2026", "1969-12-31", "2100-01-01", "9999-12-31"]
)
def test_what_is_no_date_of_our_days_is_refused(text: str) -> None:
    with pytest.raises(BadCell) as refused:
        instant(text)
    assert refused.value.reason is DeadReason.ROW_DATE


def test_a_date_whose_offset_leads_out_of_the_calendar_is_refused() -> None:
    with pytest.raises(BadCell, match="is no date"):
        instant("0001-01-01T00:00:00+14:00")


@pytest.mark.parametrize(
    ("text", "mark", "expected"),
    [
        ("0.0", ".", "0"),
        ("-3", ".", "-3"),
        ("+1234.50", ".", "1234.5"),
        ("1,234,567.89", ".", "1234567.89"),
        ("1234,5", ",", "1234.5"),
        ("1.234.567,89", ",", "1234567.89"),
        ("1\u00a0234,5", ",", "1234.5"),
        ("1.500", ",", "1500"),
    ],
)
def test_a_number_is_read_with_its_marks(text: str, mark: Mark, expected: str) -> None:
    assert number(text, mark=mark) == Decimal(expected)


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        *[(text, ".") for text in ("1,5", "1,23,456", "1,234 567", "NaN", "1e3", "", "€ 5", "٣", "1" * 41)],
        ("1.5", ","),
    ],
)
def test_a_number_is_never_guessed(text: str, mark: Mark) -> None:
    with pytest.raises(BadCell, match="is no number"):
        number(text, mark=mark)


@pytest.mark.parametrize(
    ("text", "sign", "expected"),
    [
        ("$1,250,000.00", "$", "1250000"),
        ("-$5.50", "$", "-5.5"),
        ("$-5.50", "$", "-5.5"),
        ("EUR 12.50", "EUR", "12.5"),
        ("12.50\u00a0€", "€", "12.5"),
        ("12.50", "€", "12.5"),
    ],
)
def test_a_number_may_be_written_with_the_sign_that_is_named(text: str, sign: str, expected: str) -> None:
    assert number(text, sign=sign) == Decimal(expected)


@pytest.mark.parametrize(
    ("text", "sign"), [("£5", "$"), ("$5$", "$"), ("$", "$"), ("$$5", "$"), ("$ -", "$")]
)
def test_a_number_with_another_sign_is_none(text: str, sign: str) -> None:
    with pytest.raises(BadCell, match="is no number"):
        number(text, sign=sign)


def test_a_sign_that_nobody_has_named_is_told() -> None:
    with pytest.raises(
        BadCell, match=r"written like 1234\.5; what it is written with may be named as currency_sign"
    ):
        number("$5")


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2), st.sampled_from([".", ","]))
def test_a_number_written_in_groups_comes_back_to_the_cent(value: Decimal, mark: Mark) -> None:
    swap = str.maketrans(",.", ".,")
    text = f"{value:,.2f}"
    assert number(text if mark == "." else text.translate(swap), mark=mark) == value


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("12.34", "EUR", 1234),
        ("12.340", "EUR", 1234),
        ("500", "JPY", 500),
        ("1.234", "KWD", 1234),
        ("0", "BRL", 0),
    ],
)
def test_an_amount_is_whole_minor_units_of_its_currency(amount: str, currency: str, minor: int) -> None:
    assert money(Decimal(amount), currency) == Money(amount_minor=minor, currency=currency)


@pytest.mark.parametrize(
    ("amount", "currency", "said"),
    [
        ("0.001", "EUR", "'0.001' is too fine for EUR; write at most 2 decimals"),
        ("9.5", "JPY", "'9.5' is too fine for JPY; write no decimals"),
        ("10000000000000.01", "EUR", "is too large an amount; 10000000000000 EUR is the most"),
        ("-10000000000000.01", "EUR", "is too large an amount"),
        ("100000000000000.0000000000000000000000001", "EUR", "is too fine for EUR"),
    ],
)
def test_an_amount_that_is_finer_or_larger_than_that_is_refused(
    amount: str, currency: str, said: str
) -> None:
    with pytest.raises(BadCell, match=re.escape(said)):
        money(Decimal(amount), currency)


def test_a_long_value_is_quoted_short() -> None:
    assert shown("x" * 100) == repr("x" * 57 + "...")
