"""Why a lead has its score: that the lines are the definition's, and add up."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from schemas.agreement import Agreement
from schemas.entries import Entry
from schemas.facts import Captured, Enriched
from services.scoring.explain import Contribution, Explanation, explain
from tests.builders import agreement, entry, instant
from tests.effort import examples
from tests.services.scoring import definition
from tests.services.scoring.histories import agreements, histories, scored
from tests.services.scoring.leads import DEMO, GOOD_FIT, PAGE, engaging, rule


def explained(*facts: Entry, terms: Agreement, at: str = "2026-03-02 10:00") -> Explanation:
    return explain(scored(list(facts), terms), terms, instant(at))


def points(lines: tuple[Contribution, ...]) -> list[tuple[str, str | None, int]]:
    return [(line.rule, line.event_id, line.points) for line in lines]


def test_each_contribution_says_what_decay_and_cap_took() -> None:
    terms = agreement(engaging(rule(5, cap=6), half_life_days=1))
    facts = [entry(PAGE, seq=1), entry(PAGE, at="2026-03-03 09:00", seq=2)]
    why = explained(*facts, terms=terms, at="2026-03-03 09:00")
    assert why.engagement_contributions == (
        Contribution("page", "web", "web", "e1", instant("2026-03-02 09:00"), 1, 500, 250, 150),
        Contribution("page", "web", "web", "e2", instant("2026-03-03 09:00"), 1, 500, 500, 0),
    )
    assert (why.engagement, why.cell, why.band) == (600, "C3", "cold")


def test_the_earliest_facts_are_cut() -> None:
    terms = agreement(engaging(rule(5), groups={"web": 12}))
    why = explained(*(entry(PAGE, seq=number) for number in (1, 2, 3, 4)), terms=terms)
    assert [line.points for line in why.engagement_contributions] == [0, 200, 500, 500]


def test_points_below_zero_that_count_for_nothing_are_cut_too() -> None:
    minus = {"id": "gone", "group": "web", "on": {"kind": "engaged", "channel": "form"}, "points": -20}
    terms = agreement(engaging(rule(5), minus))
    why = explained(entry(DEMO, seq=1), entry(PAGE, seq=2), entry(DEMO, seq=3), terms=terms)
    assert points(why.engagement_contributions) == [
        ("gone", "e1", 0),
        ("page", "e2", 500),
        ("gone", "e3", -500),
    ]


def test_facts_that_have_come_to_nothing_are_not_listed() -> None:
    terms = agreement(engaging(rule(5, window_days=7), rule(3, id="visit")))
    why = explained(entry(PAGE), terms=terms, at="2026-03-09 09:00")
    assert points(why.engagement_contributions) == [("visit", "e1", 300)]


def test_facts_beyond_a_hundred_of_an_ageless_rule_stand_in_one_line() -> None:
    terms = agreement(engaging(rule(1), groups={"web": 500}, total_cap=500))
    why = explained(*(entry(PAGE, seq=number) for number in range(1, 104)), terms=terms)
    first = why.engagement_contributions[0]
    assert (first.source, first.event_id, first.count, first.raw, first.points) == (None, None, 3, 300, 300)
    assert first.at == instant("2026-03-02 09:00")
    assert len(why.engagement_contributions) == 101
    assert why.engagement == 10_300


def test_each_fit_rule_names_the_fact_that_last_said_what_it_reads() -> None:
    facts = [
        entry(GOOD_FIT, seq=1, traits={"free_mail": True}),
        entry(Enriched(attributes={"employees": 70}), at="2026-03-02 09:01", seq=2, source="crm"),
    ]
    why = explained(*facts, terms=agreement())
    assert [(line.rule, line.source, line.event_id, line.points) for line in why.fit_contributions] == [
        ("right_country", "web", "e1", 3000),
        ("big", "crm", "e2", 3000),
        ("free_mail", "web", "e1", -1000),
    ]
    assert [line.cut for line in why.fit_contributions] == [0, 1000, 0]
    assert why.fit == 5000


def test_a_fit_rule_about_what_is_unknown_names_no_fact() -> None:
    unknown = {
        "id": "unknown",
        "group": "company",
        "when": {"attribute": "country", "known": False},
        "points": 4,
    }
    why = explained(entry(Captured()), terms=agreement({"scoring.fit.rules": [unknown]}))
    assert why.fit_contributions == (Contribution("unknown", "company", None, None, None, 1, 400, 400, 0),)


def test_a_lead_that_was_not_told_of_a_new_agreement_is_explained_by_it() -> None:
    old = agreement(engaging(rule(5))).model_copy(update={"digest": "old"})
    new = agreement(engaging(rule(8))).model_copy(update={"digest": "new"})
    assert explain(scored([entry(PAGE)], old), new, instant("2026-03-02 10:00")).engagement == 800


WAITS = st.sampled_from((0, 1, 3600, 86_400, 10 * 86_400, 40 * 86_400)).map(
    lambda one: timedelta(seconds=one)
)


@examples(6)
@given(terms=agreements(), history=histories(), wait=WAITS)
def test_the_explanation_is_the_definition(terms: Agreement, history: list[Entry], wait: timedelta) -> None:
    at = history[-1].at + wait
    why = explain(scored(history, terms), terms, at)
    total, lines = definition.engagement(terms.scoring.engagement, history, at)
    listed = [
        (one.rule, one.event_id, one.raw, one.decayed, one.points) for one in why.engagement_contributions
    ]
    assert (why.engagement, listed) == (total, lines)


@examples(6)
@given(terms=agreements(), history=histories(), wait=WAITS)
def test_each_score_is_the_sum_of_its_contributions_and_no_cap_is_exceeded(
    terms: Agreement, history: list[Entry], wait: timedelta
) -> None:
    why = explain(scored(history, terms), terms, history[-1].at + wait)
    scoring = terms.scoring
    both = (
        (scoring.fit, why.fit, why.fit_contributions),
        (scoring.engagement, why.engagement, why.engagement_contributions),
    )
    for part, score, lines in both:
        assert score == sum(line.points for line in lines)
        assert 0 <= score <= part.total_cap * 100
        assert all(abs(line.points) <= abs(line.decayed) <= abs(line.raw) for line in lines)
        assert all(line.points * line.raw >= 0 for line in lines)
