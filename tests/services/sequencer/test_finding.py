"""Whose lead a fact is about: who is found, who is merged, and who stays apart."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.facts import Engaged, Erased, Merged, Subject, Unmerged
from schemas.vocabulary import EngagementChannel
from services.sequencer.finding import survivor
from tests.effort import examples
from tests.services.sequencer.at_desk import AtDesk

VIEW = Engaged(channel=EngagementChannel.PAGE, action="view")


# --- finding


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ({"email": "Ana.Ruiz@Example.com "}, {"email": "ana.ruiz@example.COM"}),
        ({"phone": "600 111 222"}, {"phone": "+34 600-111-222"}),
        ({"phone": "0034600111222"}, {"phone": "(600) 111222"}),
        ({"external_ids": {"crm": "7"}}, {"external_ids": {"crm": "7", "erp": "x"}}),
        ({"anonymous_id": "c1"}, {"anonymous_id": "c1"}),
        ({"email": "ana@example.com", "phone": "600111222"}, {"phone": "600111222"}),
        ({"email": "ana@example.com", "anonymous_id": "c1"}, {"anonymous_id": "c1"}),
        ({"anonymous_id": "c1"}, {"email": "ana@example.com", "anonymous_id": "c1"}),
        ({"phone": "600111222"}, {"phone": "600111222", "email": "ana@example.com"}),
        ({"email": "ana@example.com"}, {"email": "ana@example.com", "phone": "600111222"}),
        (
            {"email": "ana@example.com", "phone": "600111222"},
            {"phone": "600111222", "external_ids": {"crm": "7"}},
        ),
        ({"email": "ana@example.com"}, {"email": "ana@example.com", "external_ids": {"crm": "7"}}),
    ],
)
def test_a_lead_is_found_by_what_it_is_known_by(first: dict[str, Any], then: dict[str, Any]) -> None:
    desk = AtDesk()
    assert desk.lead(**first) == desk.lead(**then)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ({"email": "ana@example.com"}, {"email": "bo@example.com"}),
        ({"external_ids": {"crm": "7"}}, {"external_ids": {"erp": "7"}}),
        ({"external_ids": {"crm": "eu:7"}}, {"external_ids": {"crm:eu": "7"}}),
        ({"anonymous_id": "ana@example.com"}, {"email": "ana@example.com"}),
        ({"phone": "600111222"}, {"anonymous_id": "+34600111222"}),
        # two people at one browser
        (
            {"email": "ana@example.com", "anonymous_id": "c1"},
            {"email": "bo@example.com", "anonymous_id": "c1"},
        ),
        ({"email": "ana@example.com", "anonymous_id": "c1"}, {"phone": "600111222", "anonymous_id": "c1"}),
        # two colleagues at one switchboard
        (
            {"email": "ana@example.com", "phone": "910000000"},
            {"email": "bo@example.com", "phone": "910000000"},
        ),
        (
            {"external_ids": {"crm": "7"}, "phone": "910000000"},
            {"external_ids": {"crm": "8"}, "phone": "910000000"},
        ),
    ],
)
def test_what_is_shared_does_not_make_two_people_one(first: dict[str, Any], then: dict[str, Any]) -> None:
    desk = AtDesk()
    assert desk.lead(**first) != desk.lead(**then)


def test_colleagues_at_one_phone_stay_two_ever_after() -> None:
    desk = AtDesk()
    ana = desk.lead(email="ana@example.com", phone="910000000")
    bo = desk.lead(email="bo@example.com", phone="910000000")
    assert desk.lead(email="bo@example.com", phone="910000000") == bo
    assert desk.lead(phone="910000000") == ana
    assert not any(file.merged_into for file in desk.desk.files.values())


def test_an_agreement_may_merge_on_phones() -> None:
    desk = AtDesk({"identity": {"merge_on": ["email", "phone"]}})
    ana = desk.lead(email="ana@example.com", phone="600111222")
    assert desk.lead(email="ana.ruiz@example.org", phone="600111222") == ana


def test_an_agreement_may_merge_on_less_than_an_address() -> None:
    desk = AtDesk({"identity": {"merge_on": ["external_id"]}})
    first = desk.lead(external_ids={"crm": "7"}, email="info@example.com")
    second = desk.lead(external_ids={"crm": "8"}, email="info@example.com")
    assert first != second
    assert desk.lead(email="info@example.com") == first


def test_a_browser_follows_whom_it_was_last_seen_with() -> None:
    desk = AtDesk()
    before = desk.lead(VIEW, anonymous_id="c1")
    ana = desk.lead(email="ana@example.com", anonymous_id="c1")
    assert before == ana
    bo = desk.lead(email="bo@example.com", anonymous_id="c1")
    assert desk.lead(VIEW, anonymous_id="c1") == bo
    assert desk.lead(email="ana@example.com", anonymous_id="c1") == ana
    assert desk.lead(VIEW, anonymous_id="c1") == ana


def test_a_browser_follows_also_when_the_lead_that_it_named_was_absorbed() -> None:
    desk = AtDesk()
    desk.lead(email="ana@example.com")
    absorbed = desk.lead(VIEW, anonymous_id="c1", time="2026-03-02 08:59")
    desk.lead(email="ana@example.com", anonymous_id="c1")
    assert {file.merged_into for file in desk.desk.files.values()} == {None, absorbed}
    bo = desk.lead(email="bo@example.com", anonymous_id="c1")
    assert desk.lead(VIEW, anonymous_id="c1") == bo


# --- merging


def test_strong_identifiers_that_name_two_leads_make_them_one() -> None:
    desk = AtDesk()
    ana = desk.lead(email="ana@example.com")
    desk.lead(external_ids={"crm": "7"})
    decided = desk.say(email="ana@example.com", external_ids={"crm": "7"})
    assert [into for _, into in decided.merged] == [ana]
    assert desk.lead(external_ids={"crm": "7"}) == ana


def test_one_fact_may_make_three_leads_one() -> None:
    desk = AtDesk()
    first = desk.lead(external_ids={"crm": "7"})
    desk.lead(external_ids={"erp": "7"})
    desk.lead(email="ana@example.com")
    decided = desk.say(email="ana@example.com", external_ids={"crm": "7", "erp": "7"})
    assert len(decided.merged) == 2
    assert {desk.lead(external_ids={"erp": "7"}), desk.lead(email="ana@example.com")} == {first}


def test_an_anonymous_lead_joins_whoever_sits_at_its_browser() -> None:
    desk = AtDesk()
    ana = desk.lead(email="ana@example.com")
    anonymous = desk.lead(VIEW, anonymous_id="c1")
    decided = desk.say(VIEW, email="ana@example.com", anonymous_id="c1")
    assert decided.merged == ((anonymous, ana),)


def test_an_anonymous_lead_joins_a_lead_that_only_a_phone_names() -> None:
    desk = AtDesk()
    caller = desk.lead(phone="600111222")
    desk.lead(VIEW, anonymous_id="c1")
    desk.say(phone="600111222", anonymous_id="c1")
    assert desk.lead(VIEW, anonymous_id="c1") == desk.lead(phone="600111222") == caller


def test_a_phone_that_names_another_lead_merges_nobody() -> None:
    desk = AtDesk()
    ana, bo = desk.lead(email="ana@example.com"), desk.lead(phone="600111222")
    assert desk.lead(email="ana@example.com", phone="600111222") == ana
    assert desk.lead(phone="600111222") == bo


def test_a_merge_that_was_taken_apart_is_not_made_again() -> None:
    desk = AtDesk()
    ana = desk.lead(email="ana@example.com")
    bo = desk.lead(external_ids={"crm": "7"})
    desk.say(email="ana@example.com", external_ids={"crm": "7"})
    desk.say(Unmerged(other=Subject(external_ids={"crm": "7"})), email="ana@example.com")
    both = desk.say(email="ana@example.com", external_ids={"crm": "7"})
    assert both.merged == ()
    assert (desk.lead(email="ana@example.com"), desk.lead(external_ids={"crm": "7"})) == (ana, bo)


def test_those_taken_apart_stay_apart_when_others_absorb_them() -> None:
    desk = AtDesk()
    old_ana = desk.lead(external_ids={"erp": "a"})
    old_bo = desk.lead(external_ids={"erp": "b"})
    desk.lead(email="ana@example.com")
    desk.lead(external_ids={"crm": "7"})
    desk.say(email="ana@example.com", external_ids={"crm": "7"})
    desk.say(Unmerged(other=Subject(external_ids={"crm": "7"})), email="ana@example.com")
    assert desk.lead(email="ana@example.com", external_ids={"erp": "a"}) == old_ana
    assert desk.lead(external_ids={"crm": "7", "erp": "b"}) == old_bo
    assert desk.say(email="ana@example.com", external_ids={"crm": "7"}).merged == ()


def test_a_person_may_merge_again_what_a_person_took_apart() -> None:
    desk = AtDesk()
    ana = desk.lead(email="ana@example.com")
    desk.lead(external_ids={"crm": "7"})
    desk.say(email="ana@example.com", external_ids={"crm": "7"})
    desk.say(Unmerged(other=Subject(external_ids={"crm": "7"})), email="ana@example.com")
    desk.say(Merged(other=Subject(external_ids={"crm": "7"})), email="ana@example.com")
    assert desk.lead(external_ids={"crm": "7"}) == ana


# --- being forgotten


def refused(desk: AtDesk, **about: Any) -> bool:
    dead = desk.say(**about).dead
    return dead is not None and dead.reason == "erased"


def erased(**about: Any) -> AtDesk:
    """Return a desk at which a lead was told and then erased."""
    desk = AtDesk()
    desk.say(**about)
    desk.say(Erased(), **about)
    return desk


@pytest.mark.parametrize(
    "about",
    [
        {"email": "ana@example.com"},
        {"email": "ana@example.com", "anonymous_id": "new"},
        {"email": "ana@example.com", "external_ids": {"crm": "new"}},
        {"email": "new@example.com", "external_ids": {"crm": "7"}},
        {"phone": "600111222"},
        {"phone": "600111222", "anonymous_id": "new"},
        {"anonymous_id": "c1"},
    ],
)
def test_whoever_was_erased_is_known_by_everything_that_named_them(about: dict[str, Any]) -> None:
    desk = erased(email="ana@example.com", phone="600111222", external_ids={"crm": "7"}, anonymous_id="c1")
    assert refused(desk, **about)


@pytest.mark.parametrize(
    "about",
    [
        {"email": "bo@example.com", "anonymous_id": "c1"},
        {"email": "bo@example.com", "phone": "600111222"},
        {"email": "bo@example.com"},
    ],
)
def test_somebody_else_at_the_same_phone_or_browser_is_somebody_else(about: dict[str, Any]) -> None:
    desk = erased(email="ana@example.com", phone="600111222", anonymous_id="c1")
    desk.lead(**about)
    assert refused(desk, anonymous_id="c1")
    assert refused(desk, phone="600111222")


def test_nobody_joins_an_anonymous_lead_that_was_erased() -> None:
    desk = erased(anonymous_id="c1")
    desk.lead(email="bo@example.com")
    assert desk.say(email="bo@example.com", anonymous_id="c1").merged == ()
    assert refused(desk, anonymous_id="c1")


# --- what is always so

people = st.sampled_from(["a", "b", "c"])
subjects = st.fixed_dictionaries(
    {},
    optional={
        "email": people.map(lambda one: f"{one}@example.com"),
        "phone": people.map(lambda one: f"60011122{ord(one) - 90}"),
        "external_ids": st.dictionaries(st.sampled_from(["crm", "erp"]), people, min_size=1),
        "anonymous_id": people,
    },
).filter(bool)
happenings = st.lists(
    st.tuples(st.sampled_from(["say", "say", "say", "merge", "part"]), subjects, subjects), max_size=10
)


@examples(6)
@given(happenings)
def test_every_identifier_leads_to_one_survivor(history: list[tuple[str, Any, Any]]) -> None:
    desk = AtDesk()
    for what, one, other in history:
        match what:
            case "say":
                desk.say(**one)
            case "merge":
                desk.say(Merged(other=Subject(**other)), **one)
            case _:
                desk.say(Unmerged(other=Subject(**other)), **one)
    files = desk.desk.files
    for home in desk.desk.bound.values():
        assert files[survivor(desk.desk, home)].merged_into is None
    for lead_id, file in files.items():
        assert lead_id not in file.apart


@examples(6)
@given(happenings.map(lambda all_of: [one for what, one, _ in all_of if what == "say"]), subjects)
def test_saying_the_same_of_the_same_person_finds_the_same_lead(history: list[Any], again: Any) -> None:
    desk = AtDesk()
    for one in history:
        desk.say(**one)
    assert desk.lead(**again) == desk.lead(**again)
