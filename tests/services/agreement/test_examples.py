"""The documents of ``examples/``: each loads, nothing is to be said about it, its holidays are real."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from schemas.calendars import ElapsedAllowance
from services.agreement.loader import Examined, default, examine, example

EXAMPLES = Path(__file__).parents[3] / "examples"
NAMES = sorted(folder.name for folder in EXAMPLES.iterdir() if (folder / "agreement.yaml").is_file())


def looked_at(name: str) -> Examined:
    return examine(example(name), name, today=date(2026, 6, 1))


def test_the_examples_are_the_four_that_are_promised() -> None:
    assert NAMES == ["b2b", "ngo", "olist", "university"]


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_to_be_said_about_an_example(name: str) -> None:
    examined = looked_at(name)
    assert examined.agreement is not None
    assert examined.problems == ()


@pytest.mark.parametrize("name", NAMES)
def test_the_package_brings_the_very_document(name: str) -> None:
    assert example(name) == (EXAMPLES / name / "agreement.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_labels_are_in_both_languages(name: str) -> None:
    agreement = looked_at(name).agreement
    assert agreement is not None
    labels = [stage.label for stage in agreement.lifecycle.stages] + [
        term.definition for term in agreement.glossary
    ]
    assert [label for label in labels if set(label) != {"en", "es"}] == []


def test_the_history_of_olist_stalls_after_sixty_days_and_hands_nothing_over() -> None:
    agreement = looked_at("olist").agreement
    assert agreement is not None
    first, last = agreement.lifecycle.stages
    assert first.stale_after == ElapsedAllowance(minutes=86_400)
    assert [pattern.kind for stage in (first, last) for pattern in stage.enter.facts] == ["captured", "won"]
    assert (agreement.currency, agreement.time_zone, agreement.handoff) == ("BRL", "UTC", None)


def easter(year: int) -> date:
    """Return Easter Sunday (Meeus, Jones, Butcher: the anonymous Gregorian algorithm)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def monday(year: int, month: int, number: int) -> date:
    """Return the first, second … Monday of a month."""
    first = date(year, month, 1)
    return first + timedelta(days=-first.weekday() % 7 + 7 * (number - 1))


@pytest.mark.parametrize("year", [2025, 2026, 2027])
def test_mexico_rests_on_the_days_of_its_labour_law(year: int) -> None:
    law = {date(year, 1, 1), date(year, 5, 1), date(year, 9, 16), date(year, 12, 25)}
    law |= {monday(year, 2, 1), monday(year, 3, 3), monday(year, 11, 3)}
    assert {day for day in default().calendars["mexico_city"].holidays if day.year == year} == law


@pytest.mark.parametrize("year", [2025, 2026, 2027])
def test_madrid_rests_on_every_working_day_that_is_a_feast_throughout_spain(year: int) -> None:
    fixed = [(1, 1), (1, 6), (5, 1), (8, 15), (10, 12), (11, 1), (12, 6), (12, 8), (12, 25)]
    feasts = {date(year, month, day) for month, day in fixed} | {easter(year) - timedelta(days=2)}
    sundays = {day for day in feasts if day.weekday() == 6}
    assert feasts - sundays <= default().calendars["madrid"].holidays


@pytest.mark.parametrize("year", [2026, 2027])
def test_lisbon_rests_on_the_feasts_that_move_with_easter(year: int) -> None:
    agreement = looked_at("ngo").agreement
    assert agreement is not None
    moving = {easter(year) + timedelta(days=days) for days in (-2, 0, 60)}
    assert moving <= agreement.calendars["desk"].holidays
