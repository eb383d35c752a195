"""The example of ``docs/scoring.md`` is true: its agreement, its facts, its contributions, its numbers."""

import re
from pathlib import Path

from infra.yaml_text import read_yaml
from schemas.agreement import Agreement
from schemas.entries import Entry
from schemas.facts import Captured, Engaged, LeadFact
from schemas.vocabulary import EngagementChannel
from services.scoring.book import LATEST_COUNT, book_of
from services.scoring.engagement import measure
from services.scoring.explain import Contribution, explain
from services.scoring.horizon import next_crossing
from services.scoring.state import SECOND, microseconds
from services.scoring.state import instant as instant_of
from tests.builders import agreement, entry, instant
from tests.services.scoring.histories import scored

PAGE = (Path(__file__).parents[3] / "docs" / "scoring.md").read_text(encoding="utf-8")
EXAMPLE = PAGE.partition("## An example")[2]
AT = instant("2026-04-01 09:00")

FACTS: dict[str, LeadFact] = {
    "captured, country ES, employees 120, free_mail true": Captured(
        attributes={"country": "ES", "employees": 120, "free_mail": True}
    ),
    "page /": Engaged(channel=EngagementChannel.PAGE, action="viewed", name="/"),
    "page /pricing": Engaged(channel=EngagementChannel.PAGE, action="viewed", name="/pricing"),
    "page /pricing/teams": Engaged(channel=EngagementChannel.PAGE, action="viewed", name="/pricing/teams"),
    "email unsubscribed": Engaged(channel=EngagementChannel.EMAIL, action="unsubscribed"),
    "form demo": Engaged(channel=EngagementChannel.FORM, action="submitted", name="demo"),
}


def table(heading: str) -> list[list[str]]:
    """Return the cells of the rows under the table whose first column is called this."""
    rows = EXAMPLE.partition(f"| {heading} |")[2].partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def documented() -> tuple[Agreement, list[Entry]]:
    found = re.search(r"```yaml\n(.*?)```", EXAMPLE, re.DOTALL)
    assert found is not None
    terms = agreement({"scoring": read_yaml(found.group(1)).plain()})
    facts = [
        entry(FACTS[said], at=at, seq=number)
        for number, (at, _, said) in enumerate(table("at (UTC)"), start=1)
    ]
    return terms, facts


def written(line: Contribution) -> list[str]:
    numbers = (line.raw, line.decayed, line.cut, line.points)
    return [line.rule, str(line.event_id), *(f"{number / 100:.2f}" for number in numbers)]


def test_the_contributions_are_those_of_the_page() -> None:
    terms, facts = documented()
    why = explain(scored(facts, terms), terms, AT)
    lines = [written(line) for line in (*why.fit_contributions, *why.engagement_contributions)]
    assert lines == table("rule")


def test_the_scores_and_the_cell_are_those_of_the_page() -> None:
    terms, facts = documented()
    why = explain(scored(facts, terms), terms, AT)
    assert (
        f"fit {why.fit / 100:.2f}, engagement {why.engagement / 100:.2f}: cell {why.cell}, band {why.band}."
        in EXAMPLE
    )


def test_the_next_change_of_the_cell_is_that_of_the_page() -> None:
    terms, facts = documented()
    earned, book = scored(facts, terms).earned, book_of(terms)
    due = next_crossing(book, earned, measure(book, earned, microseconds(AT) // SECOND))
    assert due is not None
    assert f"{instant_of(due * SECOND):%Y-%m-%d %H:%M:%S}" in EXAMPLE


def test_the_page_names_how_many_facts_count() -> None:
    assert f"the latest {LATEST_COUNT} facts" in PAGE
