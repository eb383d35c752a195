"""The rule under virtual time: what is said of a lead, and when."""

from typing import Any

import pytest

from schemas.facts import Accepted, Captured, Enriched, Erased
from schemas.scoring import ScoreChanged
from schemas.step import AgreementChanged
from services.scoring.explain import explain
from services.scoring.rule import matters, step
from tests.builders import agreement, entry, instant
from tests.services.scoring.leads import CALL, DEMO, EBOOK, GOOD_FIT, PAGE, PRICING, engaging, lead, rule

# --- what is said, and when


def test_the_first_capture_says_a_score_even_if_nothing_is_known() -> None:
    lead().say(Captured()).expect(
        ScoreChanged, reason="fact", fit=0, engagement=0, cell="C3", band="cold", previous_band=None
    )


def test_a_first_fact_that_a_rule_reads_says_a_score_before_any_capture() -> None:
    lead().say(PAGE).expect(ScoreChanged, fit=0, engagement=500, cell="C3")


def test_a_fact_that_no_rule_reads_says_nothing_and_changes_nothing() -> None:
    timeline = lead().say(Captured()).forget()
    before = timeline.state
    timeline.say(Accepted()).say(CALL).say(EBOOK).say(None).expect_no(ScoreChanged)
    assert timeline.state is before


def test_a_fact_that_no_rule_reads_says_no_first_score() -> None:
    lead().say(CALL).expect_no(ScoreChanged)


def test_a_lead_that_fits_and_asks_for_a_demo_is_hot() -> None:
    timeline = lead().say(GOOD_FIT).expect(ScoreChanged, fit=6000, cell="A3", band="warm")
    timeline.until("2026-03-02 09:10").say(DEMO)
    timeline.expect(ScoreChanged, engagement=6000, cell="A1", band="hot", previous_band="warm", reason="fact")


def test_the_same_score_is_not_said_twice() -> None:
    timeline = lead(engaging(rule(5, cap=10))).say(PAGE).say(PAGE).forget()
    timeline.say(PAGE).expect_no(ScoreChanged)


def test_a_conclusion_carries_the_instant_of_the_fact_in_its_place() -> None:
    state = lead().say(PAGE).until("2026-03-03 10:00").say(PAGE).state
    assert state is not None
    assert state.said is not None
    assert state.said.at == 1_772_532_000_000_000


# --- fit


def test_a_later_fact_overrides_what_an_earlier_one_said() -> None:
    timeline = lead().say(GOOD_FIT).forget().say(Enriched(attributes={"country": "FR"}))
    timeline.expect(ScoreChanged, fit=4000)


def test_a_null_forgets_an_attribute() -> None:
    timeline = lead().say(GOOD_FIT).forget().say(Enriched(attributes={"employees": None}))
    timeline.expect(ScoreChanged, fit=3000)


def test_what_a_tool_states_goes_before_what_was_derived() -> None:
    timeline = lead().say(Captured(attributes={"country": "ES"}), traits={"free_mail": True})
    timeline.expect(ScoreChanged, fit=2000).forget()
    timeline.say(Enriched(attributes={"free_mail": False})).expect(ScoreChanged, fit=3000).forget()
    timeline.say(PAGE, traits={"free_mail": True}).expect(ScoreChanged, fit=3000)


def test_a_trait_that_comes_with_any_fact_counts() -> None:
    lead().say(GOOD_FIT).forget().say(CALL, traits={"free_mail": True}).expect(ScoreChanged, fit=5000)


def test_hearing_again_what_is_known_says_nothing() -> None:
    timeline = lead().say(GOOD_FIT, traits={"free_mail": True}).forget()
    timeline.say(CALL, traits={"free_mail": True}).say(GOOD_FIT).expect_no(ScoreChanged)


def test_an_attribute_that_no_fit_rule_reads_says_nothing() -> None:
    lead({"attributes": ["industry"]}).say(GOOD_FIT).forget().say(
        Enriched(attributes={"industry": "retail"})
    ).expect_no(ScoreChanged)


def test_true_is_not_one_to_a_fit_rule() -> None:
    timeline = (
        lead().say(Captured(attributes={"country": "ES", "free_mail": 1})).expect(ScoreChanged, fit=3000)
    )
    timeline.forget().say(Enriched(attributes={"free_mail": True})).expect(ScoreChanged, fit=2000)


def test_fit_is_cut_to_the_caps_of_groups_and_total_and_never_below_zero() -> None:
    lead({"scoring.fit.groups": {"company": 55}}).say(GOOD_FIT).expect(ScoreChanged, fit=5500)
    lead({"scoring.fit.total_cap": 45}).say(GOOD_FIT).expect(ScoreChanged, fit=4500)
    lead().say(Captured(attributes={"free_mail": True})).expect(ScoreChanged, fit=0)


# --- erasure


def test_a_lead_that_asked_to_be_forgotten_is_scored_no_more() -> None:
    timeline = (
        lead().say(GOOD_FIT).say(DEMO).forget().say(Erased()).say(PAGE).sign(agreement({"version": "v2"}))
    )
    timeline.until("2027-03-02 09:00").expect_no(ScoreChanged)
    assert timeline.folding.timers == {}


def test_erasure_of_a_lead_without_a_timer_cancels_none() -> None:
    assert step(None, entry(Erased()), agreement()).timers == ()


# --- what a late fact makes to be folded again


@pytest.mark.parametrize(
    ("fact", "traits", "read"),
    [
        (Captured(), {}, True),
        (Erased(), {}, True),
        (PAGE, {}, True),
        (EBOOK, {}, False),
        (CALL, {}, False),
        (CALL, {"free_mail": True}, True),
        (CALL, {"phone_country": "ES"}, False),
        (Enriched(attributes={"country": "ES"}), {}, True),
        (Enriched(attributes={"unread": 1}), {}, False),
        (None, {}, False),
    ],
)
def test_the_place_of_a_fact_matters_if_anything_reads_it(
    fact: Any, traits: dict[str, Any], read: bool
) -> None:
    assert matters(entry(fact, traits=traits), agreement()) is read


def test_two_facts_of_one_instant_come_out_the_same_in_either_order() -> None:
    terms = agreement(engaging(rule(5, at_most={"count": 1, "per_days": 1})))
    one, other = entry(PAGE, seq=1), entry(PRICING, seq=2)
    states = [
        step(step(None, first, terms).state, second, terms).state
        for first, second in ((one, other), (other, one))
    ]
    assert states[0].earned == states[1].earned
    at = instant("2026-03-02 10:00")
    assert explain(states[0], terms, at) == explain(states[1], terms, at)
    assert [mark[2] for mark in states[0].earned.marks["page"]] == ["e1"]


def test_an_agreement_that_changes_under_a_fresh_lead_keeps_it_fresh() -> None:
    change = AgreementChanged("L1", 1, instant("2026-03-02 09:00"))
    assert step(None, change, agreement()).state.said is None
