"""What was left over, and what does not add up."""

from datetime import date

import pytest

from tests.services.agreement.documents import GONE, Case, expect_error, expect_warning, found, named

NEVER: dict[str, Case] = {
    "a bound that nothing meets": (
        {"bounds": [{"metric": "won_count", "at_least": 9, "at_most": 1}]},
        "bounds[0].at_most",
        "no number is at least 9 and at most 1",
        "swap them",
    ),
    "an office that never opens": (
        {"calendars.office.week": {"mon": []}},
        "calendars.office.week",
        "never opens",
        "hours",
    ),
}

LEFT_OVER: dict[str, Case] = {
    "a calendar that nobody uses": (
        {"calendars.home": {"time_zone": "UTC", "week": {"mon": [["09:00", "10:00"]]}}},
        "calendars.home",
        "nobody uses the calendar 'home'",
        "take it out",
    ),
    "a team that does nothing": (
        {"owners.3": GONE},
        "teams[0]",
        "'marketing' has no owners",
        "add its owners",
    ),
    "a silent channel": (
        {"channels": [{"id": "ops", "kind": "console"}]},
        "channels[0]",
        "nothing is ever said",
        "alerts or bounds",
    ),
    "an alert that stands twice": (
        {"alerts.4": {"on": "stalled"}},
        "alerts[4].on",
        "stalled stands twice",
        "put both into one",
    ),
    "shares beyond the whole": (
        {"goals": [{"id": "g", "label": {"en": "G"}, "metric": "won_count", "target": 1}]}
        | {"variable_pay": [{"side": "sales", "goal": "g", "share_rate": 0.6}] * 2},
        "variable_pay[1].share_rate",
        "the shares of sales add up to 1.2",
        "1 at most",
    ),
}


@pytest.mark.parametrize("case", named(NEVER))
def test_what_can_never_be_is_an_error(case: Case) -> None:
    expect_error(case)


@pytest.mark.parametrize("case", named(LEFT_OVER))
def test_what_is_left_over_is_a_warning(case: Case) -> None:
    expect_warning(case)


def test_holidays_are_past_only_by_a_day_that_is_named() -> None:
    after = found({}, date(2026, 1, 7))
    assert [(problem.path, problem.value) for problem in after] == [
        ("calendars.office.holidays", "2026-01-06")
    ]
    assert found({}, date(2026, 1, 6)) == ()
    assert found({"calendars.office.holidays": []}, date(2026, 1, 7)) == ()
