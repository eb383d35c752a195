"""The sequencer's rule: leads that were merged by mistake are taken apart again."""

from typing import Any

import pytest

from schemas.dead_letters import DeadReason
from schemas.facts import (
    Merged,
    Subject,
    Unmerged,
)
from tests.services.sequencer.at_desk import ANA, CRM, AtDesk, merged, told, why


def test_an_unmerge_makes_the_other_a_lead_of_its_own_again() -> None:
    desk = AtDesk()
    first, second = merged(desk)
    decided = desk.say(Unmerged(other=Subject(**CRM)), **ANA)
    assert decided.unmerged == ((second, first),)
    assert told(decided) == [(first, 3, True), (second, 3, True)]
    assert decided.placed is not None
    assert (decided.placed.lead_id, decided.placed.fact) == (first, Unmerged(other=Subject()))
    assert (desk.lead(**ANA), desk.lead(**CRM)) == (first, second)


def test_it_does_not_matter_which_of_the_two_is_named_first() -> None:
    desk = AtDesk()
    first, second = merged(desk)
    assert desk.say(Unmerged(other=Subject(**ANA)), **CRM).unmerged == ((second, first),)


def test_what_is_taken_apart_keeps_what_it_had_absorbed_itself() -> None:
    desk = AtDesk()
    a, b, c = (desk.lead(external_ids={"crm": one}) for one in "abc")
    desk.say(Merged(other=Subject(external_ids={"crm": "c"})), external_ids={"crm": "b"})
    desk.say(Merged(other=Subject(external_ids={"crm": "b"})), external_ids={"crm": "a"})
    both = Subject(external_ids={"crm": "b"})
    assert desk.say(Unmerged(other=both), external_ids={"crm": "a"}).unmerged == ((b, a),)
    assert desk.lead(external_ids={"crm": "c"}) == b
    assert desk.lead(external_ids={"crm": "a"}) == a
    assert c in desk.desk.files


def test_what_was_absorbed_by_an_absorbed_lead_is_taken_out_of_that() -> None:
    desk = AtDesk()
    a, b, c = (desk.lead(external_ids={"crm": one}) for one in "abc")
    desk.say(Merged(other=Subject(external_ids={"crm": "c"})), external_ids={"crm": "b"})
    desk.say(Merged(other=Subject(external_ids={"crm": "b"})), external_ids={"crm": "a"})
    decided = desk.say(Unmerged(other=Subject(external_ids={"crm": "c"})), external_ids={"crm": "a"})
    assert decided.unmerged == ((c, b),)
    assert [one for one, _, _ in told(decided)] == [a, c]
    assert desk.desk.files[b].apart == (c,)
    assert desk.desk.files[c].apart == (b,)


def test_of_two_homes_in_one_another_the_outer_one_is_taken_out() -> None:
    desk = AtDesk()
    a, b = desk.lead(external_ids={"crm": "a"}), desk.lead(external_ids={"crm": "b"})
    desk.say(external_ids={"erp": "c"})
    desk.say(Merged(other=Subject(external_ids={"erp": "c"})), external_ids={"crm": "b"})
    desk.say(Merged(other=Subject(external_ids={"crm": "b"})), external_ids={"crm": "a"})
    other = Subject(external_ids={"crm": "b", "erp": "c"})
    assert desk.say(Unmerged(other=other), external_ids={"crm": "a"}).unmerged == ((b, a),)
    assert desk.lead(external_ids={"erp": "c"}) == b


@pytest.mark.parametrize(
    ("other", "about"),
    [
        ({"email": "bo@example.com"}, ANA),
        (ANA, {"email": "bo@example.com"}),
        (ANA, ANA),
        ({"email": "nobody@example.com"}, ANA),
    ],
)
def test_what_is_not_one_lead_cannot_be_taken_apart(other: dict[str, Any], about: dict[str, Any]) -> None:
    desk = AtDesk()
    desk.say(email="bo@example.com")
    merged(desk)
    assert why(desk.say(Unmerged(other=Subject(**other)), **about))[0] is DeadReason.NOT_MERGED


def test_what_was_taken_apart_cannot_be_taken_apart_again() -> None:
    desk = AtDesk()
    merged(desk)
    desk.say(Unmerged(other=Subject(**CRM)), **ANA)
    assert why(desk.say(Unmerged(other=Subject(**CRM)), **ANA))[0] is DeadReason.NOT_MERGED


def test_taking_apart_twice_is_remembered_once() -> None:
    desk = AtDesk()
    first, second = merged(desk)
    for fact in (Unmerged, Merged, Unmerged):
        desk.say(fact(other=Subject(**CRM)), **ANA)
    assert desk.desk.files[first].apart == (second,)


def test_leads_of_an_open_import_are_taken_apart_untold() -> None:
    desk = AtDesk()
    desk.desk.imports["i"] = True
    desk.say(import_id="i", **ANA)
    desk.say(import_id="i", **CRM)
    desk.say(import_id="i", **ANA, **CRM)
    assert desk.say(Unmerged(other=Subject(**CRM)), import_id="i", **ANA).entries == ()


def test_a_live_unmerge_is_told_of_both_even_when_only_an_import_knows_them() -> None:
    desk = AtDesk()
    desk.desk.imports["i"] = True
    first = desk.lead(import_id="i", **ANA)
    second = desk.lead(import_id="i", **CRM)
    desk.say(import_id="i", **ANA, **CRM)
    assert told(desk.say(Unmerged(other=Subject(**CRM)), **ANA)) == [
        (first, 1, True),
        (second, 1, True),
    ]
