"""Decay and the ends of windows change the cell, at the very second."""

from schemas.scoring import ScoreChanged
from tests.builders import instant
from tests.services.scoring.leads import (
    DEMO,
    EBOOK,
    GOOD_FIT,
    PAGE,
    UNSUBSCRIBED,
    engaging,
    lead,
    minus,
    rule,
)


def test_decay_changes_the_cell_at_the_very_second() -> None:
    timeline = lead().say(GOOD_FIT).say(DEMO).forget()
    due = timeline.folding.timers["decay"]
    # 60 × 2^(−age / 30 days) is rounded to less than 50.00 from this second on.
    assert due == instant("2026-03-10 06:29:20")
    timeline.until("2026-03-10 06:29:19").expect_no(ScoreChanged)
    timeline.until("2026-03-10 06:29:20").expect(
        ScoreChanged, reason="decay", engagement=4999, cell="A2", band="hot", previous_band="hot"
    )


def test_decay_arms_the_next_timer_and_in_the_end_none() -> None:
    timeline = lead().say(DEMO).until("2026-03-10 06:29:20").forget()
    timeline.until("2026-04-18 22:25:57").expect_no(ScoreChanged)
    timeline.until("2026-04-18 22:25:58").expect(ScoreChanged, reason="decay", engagement=1999, cell="C3")
    assert timeline.folding.timers == {}


def test_decay_below_the_lowest_threshold_is_not_waited_for() -> None:
    assert lead().say(PAGE).folding.timers == {}


def test_the_end_of_a_window_changes_the_cell() -> None:
    timeline = lead(engaging(rule(50, window_days=7), half_life_days=None)).say(PAGE).forget()
    timeline.until("2026-03-09 08:59:59").expect_no(ScoreChanged)
    timeline.until("2026-03-09 09:00").expect(ScoreChanged, reason="decay", engagement=0, cell="C3")


def test_what_does_not_decay_needs_no_timer() -> None:
    timeline = lead(engaging(rule(50))).say(PAGE)
    assert timeline.folding.timers == {}


def test_a_score_rises_as_negative_points_fade() -> None:
    timeline = lead(engaging(rule(50), minus(10, window_days=7))).say(PAGE).say(UNSUBSCRIBED).forget()
    timeline.until("2026-03-09 08:59:59").expect_no(ScoreChanged)
    timeline.until("2026-03-09 09:00").expect(
        ScoreChanged, reason="decay", engagement=5000, cell="C1", band="warm"
    )


def test_a_score_that_falls_and_rises_again_says_both() -> None:
    ebook = rule(20, id="ebook", on={"kind": "engaged", "channel": "form"}, window_days=7)
    timeline = lead(engaging(rule(50), minus(15, window_days=9), ebook))
    timeline.say(PAGE).say(EBOOK).say(UNSUBSCRIBED).forget()
    timeline.until("2026-03-30 09:00")
    assert [(said.engagement, said.cell) for said in timeline.fresh if isinstance(said, ScoreChanged)] == [
        (3500, "C2"),
        (5000, "C1"),
    ]


def test_a_fact_that_puts_the_crossing_off_leaves_the_timer_to_wake_once_in_vain() -> None:
    timeline = lead().say(DEMO).until("2026-03-05 09:00").say(PAGE).forget()
    first = timeline.folding.timers["decay"]
    assert first == instant("2026-03-10 06:29:20")
    timeline.until(first).expect_no(ScoreChanged)
    assert timeline.folding.timers["decay"] == instant("2026-03-13 23:22:14")
    timeline.until("2026-03-13 23:22:14").expect(ScoreChanged, reason="decay", engagement=4999)


def test_a_timer_that_falls_due_before_a_fact_is_decided_first() -> None:
    timeline = lead().say(DEMO).forget().until("2026-03-20 09:00").say(DEMO)
    assert [said.cell for said in timeline.fresh if isinstance(said, ScoreChanged)] == ["C2", "C1"]
