"""``relevo demo``: a year in, the scoreboard out, and nothing added the second time."""

import pytest

from infra.store.opening import open_store
from infra.store.reading.standing import imports_of
from schemas.facts import ImportOpened
from services.cli.signing import put_in_force
from services.line import open_line
from services.line_host import control_event
from tests.services.cli.conftest import YEAR, Relevo


def test_the_demo_shows_scoreboard_stalled_leads_and_a_story(relevo: Relevo) -> None:
    ran = relevo("demo", *YEAR)
    assert ran.code == 0
    for part in (
        "The funnel",
        "The clocks",
        "By origin",
        "Stalled right now",
        "One lead's story",
        "Nora Vidal",
    ):
        assert part in ran.out
    assert max(map(len, ran.out.splitlines())) <= 160
    assert relevo("verify").code == 0


def test_a_second_run_says_that_nothing_was_added(year: Relevo) -> None:
    facts = {one["check"]: one["detail"] for one in year("doctor", "--json").json}["sizes"]
    ran = year("demo", *YEAR)
    assert "Nothing was added: the store has this year already" in ran.err
    again = {one["check"]: one["detail"] for one in year("doctor", "--json").json}["sizes"]
    assert again == facts


def test_without_an_end_the_same_command_is_the_same_year(relevo: Relevo) -> None:
    relevo("demo", "--leads", "5")
    assert "Nothing was added" in relevo("demo", "--leads", "5").err


def test_a_year_that_was_cut_off_before_it_was_decided_is_the_same_year(relevo: Relevo) -> None:
    with open_line("sqlite:///relevo.db") as line:
        put_in_force(line, None)
        name = "demo-5-7-2026-03-01T00:00Z"
        line.say([control_event(ImportOpened(import_id=name), f"{name}:opened")])
    relevo("demo", "--leads", "5")
    with open_store("sqlite:///relevo.db") as database, database.reading() as connection:
        assert [(one.import_id, one.closed_seq is not None) for one in imports_of(connection)] == [
            (name, True)
        ]


def test_equal_seeds_make_equal_years(relevo: Relevo, year: Relevo) -> None:
    numbers = year("metrics", "--json").out
    relevo("demo", *YEAR, "--store", "sqlite:///other.db")
    assert relevo("metrics", "--json", "--store", "sqlite:///other.db").out == numbers


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--until", "2099-01-01"), "the year ends in the past"),
        (("--leads", "0"), "too small; write 1 or more"),
        (("--seed", "-1"), "too small; write 0 or more"),
    ],
)
def test_a_year_that_cannot_be_is_refused(relevo: Relevo, arguments: tuple[str, str], sentence: str) -> None:
    ran = relevo("demo", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert sentence in ran.err
