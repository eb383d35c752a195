"""What a lead earns, and how little is kept of it."""

from schemas.scoring import ScoreChanged
from tests.builders import agreement
from tests.services.scoring.leads import PAGE, PRICING, UNSUBSCRIBED, engaging, lead, minus, rule

# --- engagement


def test_a_rule_counts_up_to_its_cap() -> None:
    lead(engaging(rule(5, cap=12))).say(PAGE).say(PAGE).forget().say(PAGE).expect(
        ScoreChanged, engagement=1200
    )


def test_a_group_counts_up_to_its_cap() -> None:
    terms = engaging(rule(5), rule(8, id="pricing"), groups={"web": 11})
    lead(terms).say(PAGE).expect(ScoreChanged, engagement=1100)


def test_the_total_counts_up_to_its_cap() -> None:
    terms = engaging(rule(5), rule(8, id="pricing", group="other"), total_cap=12)
    lead(terms).say(PAGE).expect(ScoreChanged, engagement=1200)


def test_a_group_without_a_cap_counts_in_full() -> None:
    lead(engaging(rule(30, group="free"))).say(PAGE).say(PAGE).forget().say(PAGE).expect(
        ScoreChanged, engagement=9000
    )


def test_negative_points_take_away_and_the_total_stops_at_zero() -> None:
    timeline = lead(engaging(rule(30), minus(20))).say(PAGE).forget()
    timeline.say(UNSUBSCRIBED).expect(ScoreChanged, engagement=1000).forget()
    timeline.say(UNSUBSCRIBED).expect(ScoreChanged, engagement=0)


def test_the_cap_of_negative_points_is_the_most_they_take_away() -> None:
    timeline = lead(engaging(rule(30), minus(20, cap=25))).say(PAGE).say(UNSUBSCRIBED).forget()
    timeline.say(UNSUBSCRIBED).expect(ScoreChanged, engagement=500)


def test_a_rule_of_no_points_reads_nothing() -> None:
    lead(engaging(rule(0))).say(PAGE).expect_no(ScoreChanged)


def test_one_fact_earns_under_every_rule_that_it_matches() -> None:
    pricing = rule(8, id="pricing", on={"kind": "engaged", "channel": "page", "name": "/pricing*"})
    timeline = lead(engaging(rule(5), pricing)).say(PRICING).expect(ScoreChanged, engagement=1300)
    timeline.forget().say(PAGE).expect(ScoreChanged, engagement=1800)


def test_points_halve_with_every_half_life() -> None:
    timeline = lead(engaging(rule(5), half_life_days=30)).say(PAGE).forget()
    timeline.until("2026-04-01 09:00").say(PAGE).expect(ScoreChanged, engagement=750)


def test_a_rule_may_decay_at_its_own_pace() -> None:
    timeline = lead(engaging(rule(5, half_life_days=10), half_life_days=30)).say(PAGE).forget()
    timeline.until("2026-04-01 09:00").say(PAGE).expect(ScoreChanged, engagement=562)


def test_a_fact_outside_the_window_counts_for_nothing() -> None:
    timeline = lead(engaging(rule(5, window_days=30))).say(PAGE).until("2026-04-01 08:59:59").say(PAGE)
    timeline.expect(ScoreChanged, engagement=1000).forget()
    timeline.until("2026-04-01 09:00").say(PAGE).expect_no(ScoreChanged)
    timeline.say(PAGE).expect(ScoreChanged, engagement=1500)


def test_only_the_first_facts_of_a_period_earn() -> None:
    once_a_week = engaging(rule(5, at_most={"count": 1, "per_days": 7}))
    timeline = (
        lead(once_a_week).say(PAGE).forget().until("2026-03-05 09:00").say(PAGE).expect_no(ScoreChanged)
    )
    timeline.until("2026-03-09 08:59:59").say(PAGE).expect_no(ScoreChanged)
    timeline.until("2026-03-09 09:00").say(PAGE).expect(ScoreChanged, engagement=1000)


def test_a_fact_that_was_refused_does_not_hold_the_next_one_back() -> None:
    timeline = lead(engaging(rule(5, at_most={"count": 1, "per_days": 7}))).say(PAGE)
    timeline.until("2026-03-08 09:00").say(PAGE).forget()
    timeline.until("2026-03-09 09:00").say(PAGE).expect(ScoreChanged, engagement=1000)


# --- what is kept stays short


def test_of_a_rule_that_ages_the_latest_hundred_facts_count() -> None:
    terms = engaging(rule(1, window_days=30), groups={"web": 500}, total_cap=500)
    timeline = lead(terms)
    for _ in range(103):
        timeline.say(PAGE)
    timeline.expect(ScoreChanged, engagement=10_000)
    assert timeline.state is not None
    assert len(timeline.state.earned.marks["page"]) == 100


def test_a_rule_that_does_not_age_counts_every_fact_and_keeps_a_hundred() -> None:
    terms = engaging(rule(1), groups={"web": 500}, total_cap=500)
    timeline = lead(terms)
    for _ in range(103):
        timeline.say(PAGE)
    timeline.expect(ScoreChanged, engagement=10_300)
    assert timeline.state is not None
    earned = timeline.state.earned
    assert (len(earned.marks["page"]), earned.summed) == (100, {"page": (3, 1_772_442_000_000_000)})


def test_facts_that_count_for_nothing_are_not_kept() -> None:
    timeline = lead(engaging(rule(5, window_days=7))).say(PAGE).until("2026-03-09 09:00").say(PAGE)
    assert timeline.state is not None
    assert [mark[2] for mark in timeline.state.earned.marks["page"]] == ["e2"]


def test_a_fact_is_kept_for_as_long_as_it_fills_the_frequency_limit() -> None:
    timeline = lead(engaging(rule(5, window_days=1, at_most={"count": 2, "per_days": 30}))).say(PAGE)
    timeline.until("2026-03-09 09:00").say(PAGE).forget().until("2026-03-10 08:00").say(PAGE)
    timeline.expect_no(ScoreChanged)
    assert timeline.state is not None
    assert [mark[2] for mark in timeline.state.earned.marks["page"]] == ["e1", "e2"]


def test_a_frequency_limit_above_a_hundred_keeps_as_many_facts() -> None:
    timeline = lead(
        engaging(rule(1, window_days=30, at_most={"count": 102, "per_days": 1}), groups={"web": 500})
    )
    for _ in range(104):
        timeline.say(PAGE)
    assert timeline.state is not None
    assert len(timeline.state.earned.marks["page"]) == 102


def test_sums_are_dropped_when_a_new_agreement_lets_the_rule_age() -> None:
    timeline = lead(engaging(rule(1), groups={"web": 500}, total_cap=500))
    for _ in range(103):
        timeline.say(PAGE)
    timeline.forget().sign(agreement(engaging(rule(1, window_days=30), groups={"web": 500}, total_cap=500)))
    timeline.expect(ScoreChanged, engagement=10_000)
    assert timeline.state is not None
    assert timeline.state.earned.summed == {}


def test_sums_stay_under_a_new_agreement_that_does_not_let_the_rule_age() -> None:
    timeline = lead(engaging(rule(1), groups={"web": 500}, total_cap=500))
    for _ in range(103):
        timeline.say(PAGE)
    timeline.forget().sign(agreement(engaging(rule(2), groups={"web": 500}, total_cap=500)))
    timeline.expect(ScoreChanged, engagement=20_600)
