"""A new agreement counts anew what was earned under the old one."""

from schemas.facts import Captured
from schemas.scoring import ScoreChanged
from schemas.step import TimerDue
from services.scoring.rule import step
from tests.builders import agreement, entry, instant
from tests.services.scoring.leads import CALL, DEMO, PAGE, digested, engaging, lead, rule


def test_a_new_agreement_counts_what_was_earned_anew() -> None:
    timeline = lead(engaging(rule(5))).say(PAGE).say(PAGE).forget()
    timeline.sign(agreement(engaging(rule(8, cap=14)))).expect(
        ScoreChanged, reason="agreement", engagement=1400
    )


def test_a_new_agreement_that_changes_nothing_says_nothing() -> None:
    timeline = lead(engaging(rule(5))).say(PAGE).forget()
    timeline.sign(agreement(engaging(rule(5), total_cap=50))).expect_no(ScoreChanged)


def test_a_new_agreement_may_only_move_the_bands() -> None:
    bands = {"hot": ["A1"], "rest": ["A2", "A3", "B1", "B2", "B3", "C1", "C2", "C3"]}
    timeline = lead().say(PAGE).forget().sign(agreement({"scoring.bands": bands}))
    timeline.expect(ScoreChanged, cell="C3", band="rest", previous_band="cold")


def test_a_rule_that_is_new_counts_from_then_on_and_one_that_is_gone_is_forgotten() -> None:
    timeline = lead(engaging(rule(5))).say(PAGE).forget()
    timeline.sign(agreement(engaging(rule(7, id="visit")))).expect(ScoreChanged, engagement=0).forget()
    timeline.say(PAGE).expect(ScoreChanged, engagement=700).forget()
    timeline.sign(agreement(engaging(rule(5)))).expect(ScoreChanged, engagement=0)


def test_a_longer_window_brings_back_all_but_what_was_nothing_at_the_next_fact() -> None:
    timeline = lead(engaging(rule(5, window_days=1)))
    timeline.say(PAGE).until("2026-03-05 09:00").say(PAGE).until("2026-03-10 09:00")
    timeline.sign(agreement(engaging(rule(5, window_days=30)))).forget()
    timeline.say(PAGE).expect(ScoreChanged, engagement=1000)


def test_a_new_fit_rule_finds_what_was_known_before() -> None:
    timeline = lead({"attributes": ["industry"]}).say(Captured(attributes={"industry": "retail"})).forget()
    retail = {
        "id": "retail",
        "group": "company",
        "when": {"attribute": "industry", "is": "retail"},
        "points": 9,
    }
    timeline.sign(agreement({"scoring.fit.rules": [retail]})).expect(ScoreChanged, fit=900)


def test_a_new_agreement_moves_the_timer() -> None:
    timeline = (
        lead().say(DEMO).forget().sign(agreement({"scoring.engagement.level_1_from": 55})).until("2026-03-20")
    )
    timeline.expect(ScoreChanged, reason="decay", engagement=5499, cell="C2")


def test_a_new_agreement_says_nothing_of_a_lead_that_has_no_score() -> None:
    lead().sign(agreement()).expect_no(ScoreChanged)


def test_a_lead_that_was_not_told_of_a_new_agreement_takes_it_up_with_its_next_fact() -> None:
    old, new = digested(engaging(rule(5)), "old"), digested(engaging(rule(8)), "new")
    state = step(None, entry(PAGE, seq=1), old).state
    said = step(state, entry(PAGE, at="2026-03-03 09:00", seq=2), new).conclusions[0]
    assert isinstance(said, ScoreChanged)
    assert (said.reason, said.engagement) == ("agreement", 1600)


def test_an_unread_fact_of_another_agreement_changes_nothing() -> None:
    old, new = digested(engaging(rule(5)), "old"), digested(engaging(rule(8)), "new")
    state = step(None, entry(PAGE, seq=1), old).state
    assert step(state, entry(CALL, seq=2), new).state is state


def test_a_timer_under_an_agreement_that_the_lead_was_not_told_of_counts_by_it() -> None:
    old = digested(engaging(rule(50, half_life_days=7)), "old")
    new = digested(engaging(rule(80, half_life_days=7), level_1_from=20, level_2_from=10), "new")
    armed = step(None, entry(PAGE, seq=1), old)
    due = armed.timers[0].due_at
    assert due is not None
    woken = step(armed.state, TimerDue("L1", "decay", due, due), new)
    assert woken.conclusions == ()
    assert woken.timers[0].due_at == instant("2026-03-16 09:03:39")
