"""Tests of an agreement in tables."""

from typing import Any

import pytest

from schemas.agreement import Agreement
from schemas.agreement.conditions import Condition
from services.agreement.loader import default, examine, example
from services.agreement.show import Section, condition_text, glossary, sections
from tests.services.agreement.documents import spoiled


def table(agreement: Agreement, name: str, **options: Any) -> Section:
    (found,) = (section for section in sections(agreement, **options) if section.name == name)
    return found


def row(section: Section, first: str) -> dict[str, str]:
    (cells,) = (cells for cells in section.rows if cells[0] == first)
    return dict(zip(section.columns, cells, strict=True))


def test_the_default_has_every_table() -> None:
    names = "overview glossary segments scoring rules stages handoff clocks calendars people alerts"
    assert [section.name for section in sections(default())] == [*names.split(), "goals", "meetings"]


@pytest.mark.parametrize("name", ["b2b", "university", "ngo", "olist"])
def test_rows_are_as_long_as_their_columns(name: str) -> None:
    agreement = examine(example(name), name).agreement
    assert agreement is not None
    rows = [(each.name, len(each.columns), cells) for each in sections(agreement) for cells in each.rows]
    assert [name for name, columns, cells in rows if len(cells) != columns] == []


def test_tables_with_nothing_in_them_are_left_out() -> None:
    olist = examine(example("olist"), "olist").agreement
    assert olist is not None
    assert [section.name for section in sections(olist)] == ["overview", "scoring", "stages", "calendars"]


def test_a_clock_reads_as_people_say_it() -> None:
    assert row(table(default(), "clocks", language="es"), "acceptance") == {
        "clock": "acceptance",
        "label": "Aceptación",
        "starts": "opened",
        "stopped by": "accepted, rejected",
        "allowance": "4 business hours",
        "calendar": "owner",
        "warns at": "50%, 80%",
        "escalates": "manager after 1 business hour, manager after 4 business hours",
    }


def test_a_stage_says_how_it_is_entered() -> None:
    stages = table(default(), "stages")
    assert row(stages, "mql")["entered by"] == "score: hot"
    assert row(stages, "recycled")["entered by"] == "recycled, hand-off rejected or expired"
    assert row(stages, "lead")["stale after"] == "90 elapsed days"


def test_a_stage_that_nothing_enters_is_left_to_claims() -> None:
    idle = Agreement.model_validate(spoiled({"lifecycle.stages.3.enter": {}}))
    assert row(table(idle, "stages"), "sql")["entered by"] == "a claim"


def test_an_office_shows_its_lunch_break_and_its_last_holiday() -> None:
    madrid = row(table(default(), "calendars"), "madrid")
    assert (madrid["mon"], madrid["fri"], madrid["sun"]) == ("09:00–14:00, 15:00–18:00", "08:00–15:00", "")
    assert madrid["holidays"].endswith("the last 2027-12-25")


def test_rules_show_their_limits() -> None:
    rules = {row[1]: row for row in table(default(), "rules").rows}
    assert rules["page"][3:] == ("2", "engaged: page", "cap 16, 5 in 1 days, last 90 days")
    assert rules["demo_request"][-1] == "half-life 45 days"
    assert rules["right_size"][4] == "employees ≥ 50 and < 1000"


def test_scores_show_what_is_attainable() -> None:
    scoring = table(default(), "scoring")
    assert row(scoring, "fit")["attainable"] == "100 points at most"
    low = Agreement.model_validate(
        spoiled(
            {
                "scoring.fit.grade_a_from": 99,
                "scoring.bands": {"top": ["A1", "A2", "A3"], "rest": ["B1", "B2", "B3", "C1", "C2", "C3"]},
            }
        )
    )
    assert row(table(low, "scoring"), "band top")["attainable"] == "nobody can get into it"


def test_goals_show_the_pay_that_hangs_on_them() -> None:
    revenue = row(table(default(), "goals"), "Revenue won")
    assert (revenue["target"], revenue["variable pay"]) == (
        "15,000,000 EUR cents",
        "marketing 40%, sales 60%",
    )


def test_bounds_and_alerts_show_when_they_are_said() -> None:
    bounded = Agreement.model_validate(
        spoiled({"bounds": [{"metric": "won_count", "at_least": 1, "at_most": 9}]})
    )
    alerts = table(bounded, "alerts")
    assert row(alerts, "sla_breach")["how often"] == "again every 240 minutes"
    assert row(alerts, "sla_warning")["how often"] == "once"
    assert row(alerts, "won_count ≥ 1 and ≤ 9")["how often"] == "over 28 days"


def test_a_language_that_a_text_lacks_is_replaced_by_the_one_it_has() -> None:
    one = Agreement.model_validate(spoiled({"glossary": [{"term": "Lead", "definition": {"es": "Persona"}}]}))
    assert glossary(one).rows == (("Lead", "Persona", ""),)


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        ({"attribute": "vat", "known": True}, "vat known"),
        ({"attribute": "vat", "known": False}, "vat unknown"),
        ({"attribute": "free_mail", "is": True}, "free_mail = true"),
        ({"attribute": "country", "in": ["ES", "PT"]}, "country in ES, PT"),
        ({"not": {"attribute": "x", "is": 1}}, "not (x = 1)"),
        (
            {
                "all": [
                    {"attribute": "x", "is": 1},
                    {"any": [{"attribute": "y", "below": 2}, {"not": {"attribute": "z", "is": "a"}}]},
                ]
            },
            "x = 1 and (y < 2 or not (z = a))",
        ),
    ],
)
def test_a_condition_reads_as_a_few_words(condition: dict[str, Any], text: str) -> None:
    assert condition_text(Condition.model_validate(condition)) == text
