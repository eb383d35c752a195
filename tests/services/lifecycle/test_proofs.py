"""The proof of a clock adds up to the time that the clock has used."""

from datetime import timedelta

from schemas.facts import Touched
from schemas.handoffs import ClockEnd
from schemas.vocabulary import TouchChannel
from services.clock_proof import SegmentKind
from services.lifecycle.proofs import SlaProof, Verdict, clock_proofs
from services.lifecycle.witness import runs_of
from services.zones import TZ_DATABASE_VERSION
from tests.builders import agreement, instant
from tests.services.lifecycle.leads import (
    ACCEPTED,
    CALL,
    NEXT_TOUCH,
    SALES,
    Lead,
    accepted,
    captured,
    handed_over,
    handoff,
    standing,
)
from tests.services.lifecycle.test_running import IN_LISBON, TO_BO, WAIT, paused

HOUR = timedelta(hours=1)


def proofs(story: Lead, now: str) -> tuple[SlaProof, ...]:
    """Return the proofs under the small agreement."""
    handoffs = standing(story).handoffs
    return clock_proofs(runs_of(handoffs[-1]) if handoffs else (), agreement(), instant(now))


def adds_up(proof: SlaProof) -> bool:
    """Say whether what is shown adds up to what is used."""
    shown = [
        segment.duration
        for stretch in proof.stretches
        for segment in stretch.segments
        if segment.kind is SegmentKind.OPEN
    ]
    return sum(shown, timedelta()) == proof.used + proof.forgiven


def test_a_lead_without_hand_offs_has_nothing_to_prove() -> None:
    assert proofs(captured(), "2026-03-02 12:00") == ()


def test_a_running_clock_is_proven_up_to_now() -> None:
    (proof,) = proofs(handed_over(), "2026-03-02 14:30")
    (stretch,) = proof.stretches
    assert [(each.kind.value, each.duration) for each in stretch.segments] == [
        ("open", 3 * HOUR),
        ("closed", HOUR),
        ("open", HOUR / 2),
    ]
    assert (proof.used, proof.granted, proof.due_at) == (3.5 * HOUR, 4 * HOUR, instant("2026-03-02 15:00"))
    assert (stretch.calendar, stretch.time_zone, stretch.counts) == ("office", "Europe/Madrid", "business")
    assert proof.tz_database_version == TZ_DATABASE_VERSION
    assert proof.label == {"en": "Acceptance"}


def test_an_ended_clock_is_proven_up_to_its_end() -> None:
    ended, running = proofs(accepted(), "2026-03-02 12:00")
    assert (ended.end, ended.used, ended.until) == (ClockEnd.MET, HOUR, instant("2026-03-02 11:00"))
    assert (ended.verdict, running.verdict) == (Verdict.MET, Verdict.RUNNING)
    assert (running.clock, running.used, running.owner) == ("first_touch", HOUR, "ana")


def test_a_clock_past_its_deadline_is_overdue_until_it_is_answered() -> None:
    (proof,) = proofs(handed_over().until("2026-03-02 16:00"), "2026-03-02 16:00")
    assert (proof.verdict, proof.used, proof.breached_at) == (Verdict.OVERDUE, 5 * HOUR, proof.due_at)


def test_time_on_the_wall_is_proven_around_the_clock() -> None:
    (proof,) = proofs(
        handed_over({"handoff.clocks.0.allowance": {"kind": "elapsed", "minutes": 900}}), "2026-03-03 00:00"
    )
    assert (proof.used, proof.stretches[0].counts) == (14 * HOUR, "elapsed")
    assert len(proof.stretches[0].segments) == 1


def test_a_paused_clock_is_proven_with_its_pause() -> None:
    story = handed_over(paused()).until("2026-03-02 11:00").say(WAIT)
    (proof,) = proofs(story, "2026-03-02 12:00")
    assert [each.kind.value for each in proof.stretches[0].segments] == ["open", "paused"]
    assert (proof.verdict, proof.used, proof.paused_for) == (Verdict.PAUSED, HOUR, HOUR)
    assert proof.due_at is None


def test_a_clock_is_proven_under_the_hours_that_were_agreed_then() -> None:
    story = handed_over(IN_LISBON).until("2026-03-02 12:00").say(TO_BO)
    week = {"mon": [["10:00", "12:00"]]}
    story.sign(agreement({**IN_LISBON, "version": "test-2", "calendars.office.week": week}))
    (proof,) = proofs(story, "2026-03-02 13:30")
    assert [each.calendar for each in proof.stretches] == ["office", "lisbon"]
    assert [each.used for each in proof.stretches] == [2 * HOUR, 1.5 * HOUR]
    assert adds_up(proof)


def test_a_restart_shows_what_it_forgave() -> None:
    story = handed_over({**IN_LISBON, "handoff.on_change": {"owner": "restart"}})
    (proof,) = proofs(story.until("2026-03-02 12:00").say(TO_BO), "2026-03-02 13:00")
    assert (proof.used, proof.forgiven) == (HOUR, 2 * HOUR)
    assert adds_up(proof)


def test_a_clock_that_the_agreement_no_longer_has_is_called_by_its_id() -> None:
    runs = runs_of(handoff(accepted()))
    found = clock_proofs(runs, agreement({"handoff": None}), instant("2026-03-02 12:00"))
    assert [proof.label for proof in found] == [{"en": "acceptance"}, {"en": "first_touch"}]


def test_a_clock_is_never_proven_up_to_before_its_stretch_began() -> None:
    (proof,) = proofs(handed_over(), "2026-03-01 00:00")
    assert (proof.used, proof.stretches[0].segments) == (timedelta(), ())


def test_every_turn_of_a_clock_is_proven() -> None:
    story = handed_over({"handoff.clocks": [NEXT_TOUCH]}).say(CALL).until("2026-03-02 10:30").say(CALL)
    story.say(Touched(channel=TouchChannel.EMAIL, by=SALES)).say(ACCEPTED)
    assert [(proof.turn, proof.used) for proof in proofs(story, "2026-03-02 11:00")] == [
        (1, HOUR / 2),
        (2, timedelta()),
        (3, HOUR / 2),
    ]
