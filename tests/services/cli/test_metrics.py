"""``relevo metrics``: the shape of its rows, the bases, the cuts, and the scoreboard."""

import re

import pytest

from tests.services.cli.conftest import Relevo

FIELDS = [
    "metric",
    "basis",
    "period",
    "dimensions",
    "value",
    "numerator",
    "denominator",
    "unit",
    "quantiles",
]


def test_rows_have_the_agreed_shape_and_both_bases(year: Relevo) -> None:
    rows = year("metrics", "--json").json
    assert all(list(row) == FIELDS for row in rows)
    assert {row["basis"] for row in rows} == {"cohort", "period", None}
    names = {row["metric"] for row in rows}
    assert names >= {
        "captured_count",
        "won_count",
        "won_revenue",
        "captured_to_won_rate",
        "captured_to_won_days",
        "stalled_count",
        "stalled_open_count",
    }


def test_cohort_leaves_the_other_basis_out(year: Relevo) -> None:
    rows = year("metrics", "--json", "--cohort").json
    assert {row["basis"] for row in rows} == {"cohort", None}


def test_parts_add_up_to_the_whole(year: Relevo) -> None:
    def captured(*arguments: str) -> list[int]:
        rows = year("metrics", "--json", "--cohort", "--metric", "captured_count", *arguments).json
        return [row["value"] for row in rows]

    (total,) = captured()
    for arguments in (
        ["--by", "origin"],
        ["--period", "week"],
        ["--by", "origin,campaign", "--period", "day"],
    ):
        assert sum(captured(*arguments)) == total


@pytest.mark.parametrize(
    ("period", "form"),
    [
        ("year", r"\d{4}"),
        ("quarter", r"\d{4}-Q[1-4]"),
        ("month", r"\d{4}-\d\d"),
        ("week", r"\d{4}-W\d\d"),
        ("day", r"\d{4}-\d\d-\d\d"),
    ],
)
def test_periods_are_named_by_their_form(year: Relevo, period: str, form: str) -> None:
    rows = year("metrics", "--json", "--period", period, "--metric", "captured_count").json
    assert rows
    assert all(re.fullmatch(form, row["period"]) for row in rows)


def test_bounds_are_of_the_basis(year: Relevo) -> None:
    arguments = ("--json", "--cohort", "--metric", "captured_count")
    (total,) = (row["value"] for row in year("metrics", *arguments).json)
    (before,) = (row["value"] for row in year("metrics", *arguments, "--until", "2025-09-01").json)
    (after,) = (row["value"] for row in year("metrics", *arguments, "--since", "2025-09-01").json)
    assert before + after == total
    assert min(before, after) > 0


def test_durations_have_quantiles_and_money_is_in_minor_units(year: Relevo) -> None:
    rows = {row["metric"]: row for row in year("metrics", "--json").json if not row["dimensions"]}
    assert set(rows["captured_to_won_days"]["quantiles"]) >= {"p50", "p90"}
    assert rows["won_revenue"]["unit"] == "EUR minor"
    assert rows["won_revenue"]["value"] % 100 == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--by", "colour"), "there are origin, campaign, segment, team, owner"),
        (("--metric", "won_cout"), "did you mean won_count?"),
        (("--metric", "foo"), "nothing is called that; there are captured_count, "),
        (("--period", "decade"), "'decade' is none of them; choose from day, "),
    ],
)
def test_what_there_is_not_is_refused(relevo: Relevo, arguments: tuple[str, ...], sentence: str) -> None:
    ran = relevo("metrics", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert sentence in ran.err


def test_a_store_without_hand_offs_says_so(relevo: Relevo) -> None:
    relevo("say", "captured", "--email", "a@b.es")
    assert "Nothing has been handed over yet.\n" in relevo("metrics").out


def test_without_options_the_scoreboard_is_shown(year: Relevo) -> None:
    shown = year("metrics").out
    for part in ("The funnel", "The clocks", "By origin", "The common goals", "First touch after"):
        assert part in shown
    assert max(map(len, shown.splitlines())) <= 160


def test_a_table_has_a_line_a_group(year: Relevo) -> None:
    shown = year("metrics", "--by", "origin", "--cohort", "--metric", "captured_count").out
    rows = year("metrics", "--json", "--by", "origin", "--cohort", "--metric", "captured_count").json
    assert "By when leads were captured" in shown
    assert all(row["dimensions"]["origin"] in shown for row in rows)


def test_what_is_told_apart_by_a_detail_is_a_table_of_its_own(year: Relevo) -> None:
    shown = year("metrics", "--metric", "stage_reached_count").out
    assert "stage_reached_count" in shown
    assert "customer" in shown


def test_a_store_in_which_nothing_was_counted_says_so(relevo: Relevo) -> None:
    relevo("agreement", "init")
    relevo("agreement", "sign", "agreement.yaml")
    assert relevo("metrics", "--by", "origin").err == "Nothing has been counted yet.\n"


def test_days_in_which_nothing_was_counted_are_told_from_a_store_without_numbers(year: Relevo) -> None:
    ran = year("metrics", "--by", "origin", "--since", "2099-01-01")
    assert ran.err == "Nothing was counted in these days.\n"


def test_another_agreements_words_can_be_asked_for(year: Relevo) -> None:
    year("agreement", "init", "other.yaml", "--example", "ngo")
    assert "Donor" in year("metrics", "--agreement", "other.yaml").out
    versions = year("agreement", "versions", "--json").json
    assert len(versions) == 1
