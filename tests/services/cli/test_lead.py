"""``relevo lead``: one lead by any name, its score accounted for, its clocks proven, its history told."""

import re
from typing import Any

import pytest

from tests.services.cli.conftest import Relevo

STORY = "crm:S-0007"


@pytest.fixture
def story(year: Relevo) -> Any:
    """The page of the lead whose story is written by hand, with everything on it."""
    return year("lead", STORY, "--json", "--why", "--clocks", "--history").json


def test_a_lead_is_found_by_whatever_it_is_known_by(relevo: Relevo, story: Any) -> None:
    names = [story["lead_id"], story["email"], story["email"].upper(), STORY, "S-0007"]
    assert {relevo("lead", name, "--json").json["lead_id"] for name in names} == {story["lead_id"]}


def test_a_phone_number_finds_its_lead_however_it_is_written(relevo: Relevo) -> None:
    relevo("say", "captured", "--phone", "+34 600 111 222")
    assert relevo("lead", "600111222", "--json").json["phone"] == "+34 600 111 222"


def test_a_merged_lead_leads_to_the_one_that_it_is_now(relevo: Relevo) -> None:
    relevo("say", "captured", "--external", "ads=1")
    first = relevo("lead", "ads:1", "--json").json["lead_id"]
    relevo("say", "captured", "--email", "a@b.es")
    second = relevo("lead", "a@b.es", "--json").json["lead_id"]
    relevo("say", "enriched", "--email", "a@b.es", "--external", "ads=1")
    page = relevo("lead", second, "--json").json
    assert (page["lead_id"], page["absorbed"], page["fact_count"]) == (first, [second], 3)


def test_an_id_that_two_systems_gave_to_two_leads_is_refused(relevo: Relevo) -> None:
    relevo("say", "captured", "--external", "ads=7")
    relevo("say", "captured", "--external", "crm=7")
    ran = relevo("lead", "7")
    assert ran.code == 2
    assert "7 means 2 leads" in ran.err


def test_an_unknown_lead_is_one_sentence(year: Relevo) -> None:
    ran = year("lead", "nobody@example.com")
    assert (ran.code, ran.out) == (2, "")
    remedy = "relevo leads --named TEXT looks for a part of a name"
    assert ran.err == f"relevo: no lead is known as 'nobody@example.com'; {remedy}\n"


def test_the_score_is_the_sum_of_its_contributions(story: Any) -> None:
    why = story["why"]
    for score in ("fit", "engagement"):
        contributions = why[f"{score}_contributions"]
        assert contributions
        assert sum(one["points"] for one in contributions) == why[score]
        assert all(one["points"] == one["decayed"] - one["cut"] for one in contributions)


def test_the_card_and_the_account_of_the_score_agree_and_say_of_when_they_are(
    story: Any, year: Relevo
) -> None:
    assert story["score"]
    assert story["score"].items() <= story["why"].items()
    drawn = year("lead", STORY, "--why").out
    (as_of,) = set(re.findall(r"as of (\d{4}-\d\d-\d\d \d\d:\d\d)", drawn))
    assert drawn.count(f"as of {as_of}") == 3
    assert len(set(re.findall(r"[Ee]ngagement (\S+?),? as of", drawn))) == 1


def test_every_table_of_times_names_their_zone(year: Relevo) -> None:
    drawn = year("lead", STORY, "--why", "--clocks", "--history").out
    assert drawn.count("(times in Europe/Madrid)") == 5 + len(year("lead", STORY, "--json").json["clocks"])


def test_a_clocks_time_is_named_by_its_kind(year: Relevo) -> None:
    lines = year("lead", STORY).out.splitlines()
    assert all("of working time" in line for line in lines if " Acceptance " in line)
    assert all("on the calendar" in line for line in lines if " Feedback to marketing " in line)
    proofs = year("lead", STORY, "--clocks").out
    assert re.search(r"calendar days +sum", proofs)
    assert re.search(r"\d+ d .* of 15 calendar days used", proofs)


def test_a_lead_known_from_one_fact_reads_well(relevo: Relevo) -> None:
    relevo("say", "won", "amount=950.00EUR", "--email", "ana@example.com")
    drawn = " ".join(relevo("lead", "ana@example.com", "--history", "--why").out.split())
    assert "never captured, 1 fact won" in drawn
    assert "begins at Customer: a fact that enters this stage was said" in drawn
    assert "nothing counts" in drawn


def test_every_clock_of_every_hand_off_is_proven(story: Any) -> None:
    proven = {(one["handoff_id"], one["clock"], one["turn"]): one for one in story["proofs"]}
    assert {one["handoff_number"] for one in story["proofs"]} == {1, 2, 3}
    assert len(proven) == len(story["proofs"]) == len(story["clocks"])
    for clock in story["clocks"]:
        proof = proven[clock["handoff_id"], clock["clock"], clock["turn"]]
        assert proof["used_seconds"] + proof["forgiven_seconds"] == clock["working_seconds"]
        assert (proof["verdict"], proof["due_at"]) == (clock["ended_as"], clock["due_at"])
        assert (proof["started_at"], proof["owner"]) == (clock["started_at"], clock["owner"])


def test_a_clocks_proof_adds_up_to_what_was_used(story: Any) -> None:
    for proof in story["proofs"]:
        assert [segment for stretch in proof["stretches"] for segment in stretch["segments"]]
        used = sum(stretch["used_seconds"] for stretch in proof["stretches"])
        assert used == proof["used_seconds"] + proof["forgiven_seconds"]


def test_the_proofs_are_drawn_under_the_hand_off_that_they_belong_to(year: Relevo) -> None:
    drawn = year("lead", STORY, "--clocks").out
    heads = [line for line in drawn.splitlines() if line.startswith("The clocks of hand-off ")]
    assert [head.partition(", opened")[0] for head in heads] == [
        f"The clocks of hand-off {number}, cycle {number}" for number in (1, 2, 3)
    ]


def test_the_history_tells_facts_and_what_followed_from_them_in_order(story: Any) -> None:
    history = story["history"]
    assert {one["what"] for one in history} == {"fact", "conclusion"}
    assert [one["at"] for one in history] == sorted(one["at"] for one in history)
    assert sum(one["what"] == "fact" for one in history) == story["fact_count"]
    stages = [one["body"]["to_stage"] for one in history if one["kind"] == "stage_changed" and one["stands"]]
    assert stages[-1] == story["stage"] == "customer"


def test_the_history_on_the_screen_leaves_out_scores_that_came_to_nothing(story: Any, year: Relevo) -> None:
    drawn = year("lead", STORY, "--history").out
    within = [
        one
        for one in story["history"]
        if one["kind"] == "score_changed" and one["body"]["band"] == one["body"]["previous_band"]
    ]
    assert within
    assert f"Left out: {len(within)} changes of score within a band" in drawn
    assert drawn.count(" scoring ") == sum(one["kind"] == "score_changed" for one in story["history"]) - len(
        within
    )


def test_no_personal_data_is_in_the_history(story: Any) -> None:
    told = str(story["history"])
    assert story["email"] not in told
    assert story["name"] not in told


def test_a_page_without_options_leaves_the_long_parts_out(year: Relevo) -> None:
    page = year("lead", STORY, "--json").json
    assert not {"why", "proofs", "history"} & set(page)
    assert len(page["handoffs"]) == 3


def test_the_page_is_drawn_with_everything_on_it(year: Relevo) -> None:
    drawn = year("lead", STORY, "--why", "--clocks", "--history").out
    for part in (
        "Nora Vidal",
        "Hand-offs",
        "Fit 100",
        "Engagement",
        "together",
        "used; tz database",
        "History",
    ):
        assert part in drawn


def test_a_test_lead_is_shown_as_one_and_stands_in_no_list(relevo: Relevo) -> None:
    relevo("say", "captured", "--email", "a@b.es", "--test")
    assert relevo("leads", "--json").json == []
    assert relevo("lead", "a@b.es").code == 2  # tests are leads of their own, found by their id
