"""``relevo due``: the clocks that run, the next due first."""

import pytest

from tests.services.cli.conftest import Relevo


def test_the_clocks_that_run_stand_in_the_order_of_their_deadlines(year: Relevo) -> None:
    found = year("due", "--json", "--limit", "1000").json
    due = [one["due_at"] for one in found if one["due_at"]]
    assert due
    assert due == sorted(due)
    assert {"lead_id", "handoff_id", "clock", "turn", "owner", "paused"} <= set(found[0])
    assert not {"ended_at", "working_seconds"} & set(found[0])


def test_they_are_as_many_as_the_leads_pages_show(year: Relevo) -> None:
    found = year("due", "--json", "--limit", "1000").json
    pages = [year("lead", lead, "--json").json["clocks"] for lead in {one["lead_id"] for one in found}]
    assert len(found) == sum(clock["ended_at"] is None for page in pages for clock in page)


def test_they_can_be_kept_to_a_clock_an_owner_or_those_overdue(year: Relevo) -> None:
    everything = year("due", "--json", "--limit", "1000").json
    for option, column in (("--clock", "clock"), ("--owner", "owner")):
        value = everything[0][column]
        kept = year("due", "--json", "--limit", "1000", option, value).json
        assert kept == [one for one in everything if one[column] == value]
    assert year("due", "--overdue", "--json", "--limit", "1000").json == [
        one
        for one in everything
        if one["due_at"]  # the year is over: every deadline has passed
    ]


def test_they_are_drawn_with_labels_and_counted(year: Relevo) -> None:
    count = len(year("due", "--json", "--limit", "1000").json)
    ran = year("due", "--limit", "1")
    assert ran.out.startswith("Running clocks (times in Europe/Madrid)\n")
    assert "overdue for " in ran.out
    assert ran.err.startswith(f"{count} clocks run, ")
    assert ran.err.endswith(f"1 shown, --limit {count} shows all.\n")


@pytest.mark.parametrize(("option", "name"), [("--clock", "accptance"), ("--owner", "anna")])
def test_a_name_that_nothing_has_is_refused(year: Relevo, option: str, name: str) -> None:
    ran = year("due", option, name)
    assert (ran.code, ran.out) == (2, "")
    assert "did you mean" in ran.err


def test_a_store_in_which_no_clock_runs_says_so(relevo: Relevo) -> None:
    relevo("say", "captured", "--email", "a@b.es")
    assert relevo("due").err == "No clock runs.\n"
    assert relevo("due", "--json").json == []


def test_the_clocks_of_tests_are_left_out(relevo: Relevo) -> None:
    for test in ((), ("--test",)):
        who = ("--email", f"{len(test)}@b.es", *test)
        relevo("say", "captured", "attributes.country=ES", "attributes.employees=300", *who)
        relevo("say", "enriched", "attributes.industry=software", "attributes.seniority=chief", *who)
        relevo("say", "engaged", "channel=form", "action=submitted", "name=demo", *who)
    assert {one["clock"] for one in relevo("due", "--json").json} == {"acceptance", "feedback"}
    assert len(relevo("due", "--json").json) == 2
