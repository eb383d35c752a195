"""What facts alone change in the numbers."""

from datetime import date

import pytest

from schemas.facts import (
    Captured,
    Engaged,
    Enriched,
    LeadFact,
    OpportunityOpened,
    Recycled,
    Touched,
    Won,
)
from schemas.handoffs import CloseReason
from schemas.lifecycle import CycleOpened, MoveReason, MoveRefused, RefusalReason
from schemas.metrics import Measure
from schemas.vocabulary import EngagementChannel, Flag, TouchChannel
from services.metrics.buckets import index
from tests.services.metrics.leads import (
    after,
    called,
    captured,
    closed,
    history,
    moved,
    on,
    opened,
    tally,
    the,
)

VIEW = Engaged(channel=EngagementChannel.PAGE, action="view", name="/pricing")


def test_origin_and_campaign_are_those_of_the_first_capture_by_place() -> None:
    later, earlier = captured("2026-03-05 09:00", "fair", 1), captured("2026-03-02 09:00", "search", 2)
    assert the(Measure.CAPTURED, history(later, earlier)).origin == "search"


def test_blank_null_and_unknown_origins_are_one() -> None:
    origins = [
        the(Measure.CAPTURED, history(captured(origin=origin))).origin for origin in (None, " ", "Unknown")
    ]
    assert origins == ["unknown"] * 3


def test_a_lead_never_captured_belongs_to_the_day_of_its_first_fact() -> None:
    lead = history(on("2026-03-02 09:00", VIEW), on("2026-03-04 09:00", Won(), seq=2))
    assert tally(lead).get("captured") is None
    assert the(Measure.WON, lead).cohort_on == date(2026, 3, 2)


def test_the_first_fact_is_the_earliest_even_when_it_comes_late() -> None:
    lead = after(on("2026-03-04 09:00", VIEW), on("2026-03-02 09:00", VIEW, seq=2))
    assert the(Measure.STANDING, lead).cohort_on == date(2026, 3, 2)


def test_the_segment_is_the_first_whose_condition_holds() -> None:
    small = on("2026-03-02 09:00", Captured(attributes={"employees": 12}))
    grown = on("2026-03-03 09:00", Enriched(attributes={"employees": 400}), seq=2)
    forgotten = on("2026-03-04 09:00", Enriched(attributes={"employees": None}), seq=3)
    found = [
        the(Measure.CAPTURED, history(*entries)).segment
        for entries in ((small,), (small, grown), (small, grown, forgotten))
    ]
    assert found == ["small", "large", "unknown"]


def test_what_a_tool_states_goes_before_what_was_derived() -> None:
    stated = on("2026-03-02 09:00", Captured(attributes={"employees": 12}))
    derived = on("2026-03-03 09:00", VIEW, traits={"employees": 400}, seq=2)
    lead = history(stated, derived)
    assert the(Measure.CAPTURED, lead).segment == "small"
    assert dict(lead.traits) == {"employees": 400}


def test_attributes_that_no_clause_reads_are_not_kept() -> None:
    lead = history(on("2026-03-02 09:00", Captured(attributes={"hair": "red", "country": "ES"})))
    assert lead.attributes == (("country", "ES"),)


def test_the_first_touch_of_a_hand_off_is_its_speed_to_lead() -> None:
    # Handed over at 13:00 in Madrid, touched at 16:00; the office is closed from 14:00 to 15:00.
    lead = history(
        captured(),
        on("2026-03-03 12:00", VIEW, opened("2026-03-03 12:00"), seq=2),
        on("2026-03-03 15:00", called(), seq=3),
        on("2026-03-03 16:00", called(), seq=4),
    )
    wall, working = the(Measure.SPEED_TO_LEAD, lead), the(Measure.SPEED_TO_LEAD_WORKING, lead)
    assert (wall.bucket, working.bucket) == (index(3 * 3600), index(2 * 3600))
    assert (wall.team, wall.owner, wall.on) == ("sales", "ana", date(2026, 3, 3))


def test_without_known_opening_hours_there_is_no_working_speed() -> None:
    nobody = opened("2026-03-03 12:00", owner=None).model_copy(update={"team": "partners"})
    lead = history(
        captured(),
        on("2026-03-03 12:00", VIEW, nobody, seq=2),
        on("2026-03-03 15:00", called(), seq=3),
    )
    assert tally(lead)["speed_to_lead"] == 1
    assert "speed_to_lead_working" not in tally(lead)


def test_a_touch_before_or_after_a_hand_off_is_no_speed_to_lead() -> None:
    lead = history(
        captured(),
        on("2026-03-02 10:00", called(), seq=2),
        on("2026-03-03 12:00", VIEW, opened("2026-03-03 12:00"), seq=3),
        on("2026-03-03 13:00", VIEW, closed("2026-03-03 13:00", CloseReason.WORKED), seq=4),
        on("2026-03-03 15:00", called(), seq=5),
    )
    assert "speed_to_lead" not in tally(lead)


def test_an_opportunity_counts_until_it_is_decided() -> None:
    twice = [on(f"2026-03-0{day} 09:00", OpportunityOpened(), seq=day) for day in (3, 4)]
    lead = history(captured(), *twice, on("2026-03-13 09:00", Won(), seq=5))
    counted = tally(lead)
    assert (counted["opportunity"], counted["opportunity_won"]) == (1, 1)
    assert the(Measure.SALES_CYCLE, lead).bucket == index(10 * 86_400)


@pytest.mark.parametrize(
    ("fact", "counted"),
    [
        (Won(), "won"),
        (OpportunityOpened(), "opportunity"),
        (Touched(channel=TouchChannel.CALL), "speed_to_lead"),
    ],
)
def test_a_refused_fact_counts_as_a_refusal_and_as_nothing_else(fact: LeadFact, counted: str) -> None:
    handed_over = on("2026-03-03 09:00", VIEW, opened("2026-03-03 09:00"), seq=2)
    refused = MoveRefused(asked=fact.kind, reason=RefusalReason.NOT_YOUR_STAGE, at_stage="mql")
    allowed, told = (
        tally(history(captured(), handed_over, on("2026-03-05 09:00", fact, *said, seq=3)))
        for said in ((), (refused,))
    )
    assert (allowed.get(counted), allowed.get("refused:not_your_stage")) == (1, None)
    assert (told.get(counted), told.get("refused:not_your_stage")) == (None, 1)


def test_an_opportunity_that_brings_a_lead_back_is_one_of_its_new_cycle() -> None:
    again = CycleOpened(cycle=2, reason=MoveReason.FACT)
    back = moved("2026-03-05 09:00", "sales_qualified", cycle=2)
    counted = tally(
        history(
            captured(),
            on("2026-03-03 09:00", OpportunityOpened(), seq=2),
            on("2026-03-04 09:00", Recycled(), moved("2026-03-04 09:00", "recycled"), seq=3),
            on("2026-03-05 09:00", OpportunityOpened(), again, back, seq=4),
            on("2026-03-07 09:00", Won(), seq=5),
        )
    )
    assert (counted["opportunity"], counted["opportunity_won"]) == (2, 1)


def test_flagged_facts_are_dirty_and_count_everywhere_else_too() -> None:
    lead = history(captured(), on("2026-03-03 09:00", VIEW, flags=(Flag.CLOCK_SKEW,), seq=2))
    assert tally(lead)["dirty:clock_skew"] == 1


def test_a_win_before_the_capture_is_dirty_once_whether_flagged_or_not() -> None:
    for flags in ((), (Flag.BEFORE_CAPTURE,)):
        lead = history(on("2026-02-20 09:00", Won(), flags=flags, seq=2), captured())
        counted = tally(lead)
        assert (counted["dirty:before_capture"], counted["won"], counted["captured"]) == (1, 1, 1)
        assert the(Measure.CAPTURED_TO_WON, lead).bucket == index(-10 * 86_400)
        assert the(Measure.WON, lead).cohort_on == date(2026, 3, 2)
