"""What hand-offs and their clocks change in the numbers."""

from datetime import date

import pytest

from schemas.entries import Entry
from schemas.facts import Accepted, Assigned, Engaged, Rejected, Won
from schemas.handoffs import ClockEnd, CloseReason
from schemas.lifecycle import OwnerChanged
from schemas.metrics import Measure
from schemas.vocabulary import EngagementChannel
from tests.services.metrics.leads import (
    accepted,
    breached,
    captured,
    closed,
    ended,
    history,
    moved,
    on,
    opened,
    rejected,
    tally,
    the,
)

FORM = Engaged(channel=EngagementChannel.FORM, action="submit", name="demo")
HANDED_OVER = on("2026-03-03 10:00", FORM, opened("2026-03-03 10:00"), seq=2)
ACCEPTED = on("2026-03-03 12:00", Accepted(), accepted("2026-03-03 12:00"), seq=3)
REJECTED = on(
    "2026-03-03 12:00",
    Rejected(reason="bad_fit"),
    rejected("2026-03-03 12:00"),
    closed("2026-03-03 12:00", CloseReason.REJECTED),
    seq=3,
)


def test_an_accepted_hand_off_counts_under_its_owner() -> None:
    lead = history(captured(), HANDED_OVER, ACCEPTED)
    cell = the(Measure.ACCEPTED, lead)
    assert (cell.team, cell.owner, cell.on) == ("sales", "ana", date(2026, 3, 3))
    assert (tally(lead)["handed_over"], tally(lead)["lead_handed_over"]) == (1, 1)


def test_a_rejected_hand_off_counts_with_its_reason_and_as_sent_back() -> None:
    counted = tally(history(captured(), HANDED_OVER, REJECTED))
    assert (counted["rejected:bad_fit"], counted["sent_back:rejected"]) == (1, 1)


@pytest.mark.parametrize(
    ("why", "sent_back"),
    [
        (CloseReason.EXPIRED, ["sent_back:expired"]),
        (CloseReason.RECYCLED, ["sent_back:recycled"]),
        (CloseReason.WORKED, []),
        (CloseReason.LOST, []),
        (CloseReason.WON, []),
    ],
)
def test_only_what_comes_back_to_marketing_is_sent_back(why: CloseReason, sent_back: list[str]) -> None:
    over = on("2026-03-09 12:00", None, closed("2026-03-09 12:00", why), seq=3)
    counted = tally(history(captured(), HANDED_OVER, over))
    assert [name for name in counted if name.startswith("sent_back")] == sent_back


def test_a_second_hand_off_adds_to_the_first() -> None:
    again = on("2026-05-03 10:00", FORM, opened("2026-05-03 10:00", 2, owner="bo"), seq=4)
    lead = history(captured(), HANDED_OVER, REJECTED, again)
    counted = tally(lead)
    assert (counted["handed_over"], counted["lead_handed_over"], counted["rejected:bad_fit"]) == (2, 1, 1)
    assert the(Measure.REJECTED, lead).owner == "ana"


def test_an_answer_to_another_hand_off_changes_nothing() -> None:
    stray = on("2026-03-04 12:00", Accepted(), accepted("2026-03-04 12:00", 7), seq=3)
    orphan = on("2026-03-03 12:00", Accepted(), accepted("2026-03-03 12:00"), seq=3)
    assert "accepted" not in tally(history(captured(), HANDED_OVER, stray))
    assert "accepted" not in tally(history(captured(), orphan))


def test_a_hand_off_goes_with_its_owner_until_it_is_closed() -> None:
    def given(at: str, owner: str, seq: int) -> Entry:
        return on(
            at,
            Assigned(owner=owner),
            OwnerChanged(owner=owner, team="sales", reason="assigned"),
            seq=seq,
        )

    over = on("2026-03-05 09:00", None, closed("2026-03-05 09:00", CloseReason.WORKED), seq=4)
    lead = history(
        captured(),
        HANDED_OVER,
        given("2026-03-04 09:00", "bo", 3),
        over,
        given("2026-03-06 09:00", "marta", 5),
    )
    assert the(Measure.HANDED_OVER, lead).owner == "bo"
    assert the(Measure.CAPTURED, lead).owner == "marta"


def test_quality_is_a_win_after_the_hand_over() -> None:
    def win(at: str) -> Entry:
        return on(at, Won(), moved(at, "customer"), seq=9)

    assert tally(history(captured(), HANDED_OVER, win("2026-03-09 09:00")))["handed_over_won"] == 1
    assert "handed_over_won" not in tally(history(captured(), HANDED_OVER, win("2026-03-02 12:00")))


def test_a_clock_counts_when_it_has_ended_in_time() -> None:
    answered = on("2026-03-03 12:00", Accepted(), ended("2026-03-03 12:00", ClockEnd.MET), seq=3)
    counted = tally(history(captured(), HANDED_OVER, answered))
    assert counted["clock_met:acceptance"] == 1
    assert "clock_breached:acceptance" not in counted


def test_a_clock_past_its_deadline_is_overdue_until_it_ends() -> None:
    late = on("2026-03-03 18:00", None, breached("2026-03-03 18:00"), seq=3)
    answered = on("2026-03-04 09:00", Accepted(), ended("2026-03-04 09:00", ClockEnd.BREACHED), seq=4)
    waiting, over = (
        tally(history(captured(), HANDED_OVER, late)),
        tally(history(captured(), HANDED_OVER, late, answered)),
    )
    assert (waiting["clock_overdue:acceptance"], waiting.get("clock_breached:acceptance")) == (1, None)
    assert (over.get("clock_overdue:acceptance"), over["clock_breached:acceptance"]) == (None, 1)


def test_a_breach_stays_with_the_owner_who_missed_it() -> None:
    late = on("2026-03-03 18:00", None, breached("2026-03-03 18:00", owner="ana"), seq=3)
    rescued = OwnerChanged(owner="marta", team="sales", reason="escalated")
    answered = on(
        "2026-03-04 09:00", Accepted(), rescued, ended("2026-03-04 09:00", ClockEnd.BREACHED), seq=4
    )
    assert the(Measure.CLOCK_BREACHED, history(captured(), HANDED_OVER, late, answered)).owner == "ana"


def test_a_cancelled_clock_counts_only_when_its_deadline_had_passed() -> None:
    late = on("2026-03-03 18:00", None, breached("2026-03-03 18:00"), seq=3)
    cancelled = on("2026-03-04 09:00", None, ended("2026-03-04 09:00", ClockEnd.CANCELLED), seq=4)
    assert tally(history(captured(), HANDED_OVER, late, cancelled))["clock_breached:acceptance"] == 1
    counted = tally(history(captured(), HANDED_OVER, cancelled))
    assert not [name for name in counted if name.startswith("clock")]


def test_a_clock_of_an_unknown_hand_off_counts_under_whoever_has_the_lead() -> None:
    answered = on("2026-03-03 12:00", Accepted(), ended("2026-03-03 12:00", ClockEnd.MET), seq=3)
    assert the(Measure.CLOCK_MET, history(captured(), answered)).owner == "unknown"


def test_the_same_clock_is_overdue_once_and_others_beside_it() -> None:
    late = [
        on("2026-03-03 18:00", None, breached("2026-03-03 18:00", clock), seq=seq)
        for seq, clock in enumerate(("acceptance", "acceptance", "first_touch"), 3)
    ]
    counted = tally(history(captured(), HANDED_OVER, *late))
    assert (counted["clock_overdue:acceptance"], counted["clock_overdue:first_touch"]) == (1, 1)
