"""``relevo leads`` and ``relevo stalled``: the lists, and the exact shape of their JSON."""

import re

import pytest

from tests.services.cli.conftest import Relevo

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def test_leads_are_listed_latest_captured_first(year: Relevo) -> None:
    found = year("leads", "--json", "--limit", "1000").json
    captured = [lead["captured_at"] for lead in found if lead["captured_at"]]
    assert len(captured) > 40
    assert captured == sorted(captured, reverse=True)
    assert all(INSTANT.fullmatch(at) for at in captured)


def test_a_filter_keeps_what_agrees_with_it(year: Relevo) -> None:
    everything = year("leads", "--json", "--limit", "1000").json
    for option, column in (
        ("--stage", "stage"),
        ("--origin", "origin"),
        ("--owner", "owner"),
        ("--band", "band"),
    ):
        value = next(lead[column] for lead in everything if lead[column])
        found = year("leads", "--json", "--limit", "1000", option, value).json
        assert found == [lead for lead in everything if lead[column] == value]


def test_leads_are_found_by_a_part_of_their_name_company_or_address(relevo: Relevo) -> None:
    relevo("say", "captured", "--email", "ana@talleres.test", "--name", "Ana Núñez", "--company", "Ribera SL")
    relevo("say", "captured", "--email", "bo_li@northfield.test", "--name", "Bo Li")
    for text, address in (
        ("núñez", "ana@talleres.test"),
        ("NÚÑEZ", "ana@talleres.test"),
        ("RIBERA", "ana@talleres.test"),
        ("northfield", "bo_li@northfield.test"),
        ("o_l", "bo_li@northfield.test"),
    ):
        assert [lead["email"] for lead in relevo("leads", "--named", text, "--json").json] == [address]
    assert relevo("leads", "--named", "n%l", "--json").json == []
    assert "relevo leads --named TEXT" in relevo("lead", "Ana").err


def test_leads_can_be_kept_to_the_days_of_their_capture(year: Relevo) -> None:
    found = year("leads", "--json", "--since", "2025-06-01", "--until", "2025-07-01").json
    assert {lead["captured_at"][:7] for lead in found} <= {
        "2025-05",
        "2025-06",
    }  # days of Madrid, shown in UTC
    assert year("leads", "--json", "--since", "2099-01-01").json == []


def test_a_day_that_is_none_is_bad_usage(year: Relevo) -> None:
    ran = year("leads", "--since", "yesterday")
    assert ran.code == 2
    assert "'yesterday' is no day; write it like 2026-03-02" in ran.err


def test_the_list_says_how_many_there_are_and_how_to_see_the_rest(year: Relevo) -> None:
    count = len(year("leads", "--json", "--limit", "1000").json)
    assert year("leads", "--limit", "3").err == f"{count} leads; 3 shown, --limit {count} shows all.\n"


@pytest.mark.parametrize(
    ("option", "name", "hint"),
    [
        ("--stage", "mqll", "did you mean mql?"),
        ("--stage", "foo", "there are lead, mql, sal"),
        ("--origin", "foo", "there are direct, email"),
        ("--owner", "anna", "did you mean ana?"),
        ("--team", "foo", "there are marketing, sales"),
        ("--band", "foo", "there are hot, warm, cold"),
        ("--campaign", "foo", "nothing is called that"),
        ("--segment", "midmarkt", "did you mean midmarket?"),
        ("--outcome", "foo", "there are won, lost, recycled"),
    ],
)
@pytest.mark.parametrize("form", [(), ("--json",)])
def test_a_name_that_nothing_has_is_refused_with_those_there_are(
    year: Relevo, option: str, name: str, hint: str, form: tuple[str, ...]
) -> None:
    ran = year("leads", option, name, *form)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert ran.err.startswith(f"relevo: {option} {name}: nothing is called that; ")
    assert hint in ran.err


def test_a_name_of_the_agreement_may_have_no_lead(relevo: Relevo) -> None:
    relevo("say", "captured", "--email", "a@b.es")
    ran = relevo("leads", "--stage", "mql", "--owner", "ana", "--json")
    assert (ran.code, ran.json) == (0, [])


def test_the_lists_name_the_zone_of_their_times(year: Relevo) -> None:
    assert "Leads (times in Europe/Madrid)" in year("leads").out
    assert "Scores are those last concluded" in year("leads").out
    assert "Stalled leads (times in Europe/Madrid)" in year("stalled").out


def test_a_long_list_of_stalled_leads_is_cut_on_the_screen_alone(year: Relevo) -> None:
    count = len(year("stalled", "--json").json)
    ran = year("stalled", "--limit", "1")
    assert ran.err == f"{count} stalled leads; 1 shown, relevo stalled --limit {count} shows all.\n"
    assert len(year("stalled", "--limit", "1", "--json").json) == 1


def test_a_stalled_lead_is_shown_with_when_it_was_last_heard_of(relevo: Relevo) -> None:
    relevo("say", "captured", "--email", "a@b.es", "--at", "2025-01-01T08:00:00Z")
    relevo(
        "say", "engaged", "channel=page", "action=viewed", "--email", "a@b.es", "--at", "2025-01-03T08:00:00Z"
    )
    (lead,) = relevo("stalled").out.splitlines()[4:-1]
    assert "2025-01-01 09:00" in lead
    assert "2025-01-03 09:00" in lead


def test_stalled_leads_have_the_agreed_shape(year: Relevo) -> None:
    found = year("stalled", "--json").json
    assert found
    for lead in found:
        assert list(lead) == ["lead_id", "external_ids", "stage", "since", "due_at", "owner"]
        assert INSTANT.fullmatch(lead["since"])
        assert INSTANT.fullmatch(lead["due_at"])
        assert lead["since"] < lead["due_at"]
    assert [lead["due_at"] for lead in found] == sorted(lead["due_at"] for lead in found)


def test_as_many_leads_are_stalled_as_the_numbers_say(year: Relevo) -> None:
    stalled = year("stalled", "--json").json
    rows = year("metrics", "--json", "--metric", "stalled_open_count").json
    assert [row["value"] for row in rows] == [len(stalled)]


def test_names_are_shown_as_they_are_whatever_they_look_like(relevo: Relevo) -> None:
    relevo("say", "captured", "--email", "a@b.es", "--name", "[red]Ana[/red] :smile:")
    assert "[red]Ana[/red] :smile:" in relevo("leads").out
