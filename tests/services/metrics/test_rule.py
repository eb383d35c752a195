"""What an event does to a lead's summary, and whether its place matters."""

from datetime import date

import pytest

from schemas.entries import Entry, FiredTimer
from schemas.facts import (
    Assigned,
    Captured,
    ConsentChanged,
    Engaged,
    Enriched,
    Lost,
    OpportunityOpened,
    Won,
)
from schemas.lifecycle import LeadStalled
from schemas.metrics import Measure
from schemas.scoring import ScoreChanged
from schemas.step import AgreementChanged, TimerDue
from schemas.vocabulary import EngagementChannel, Flag, WorkerName
from services.metrics.rule import matters, step
from services.metrics.summary import EMPTY
from tests.builders import agreement, instant
from tests.services.metrics.leads import (
    SMALL,
    after,
    called,
    captured,
    euros,
    history,
    moved,
    on,
    tally,
    the,
)

VIEW = Engaged(channel=EngagementChannel.PAGE, action="view", name="/pricing")
CLICK = Engaged(channel=EngagementChannel.AD, action="click", origin="social")
SCORED = ScoreChanged(reason="fact", fit=0, engagement=500, cell="C3", band="cold")


def test_a_captured_lead_stands_at_its_first_stage() -> None:
    assert tally(history(captured())) == {
        "captured": 1,
        "standing:lead": 1,
        "entered:lead": 1,
        "lag:lead": 1,
    }


def test_a_won_lead_counts_once_with_the_revenue_of_its_win() -> None:
    at = "2026-03-12 09:00"
    win = on(at, Won(amount=euros(125_000)), moved(at, "customer", since="lead@2026-03-02 09:00"), seq=2)
    counted = tally(history(captured(), win))
    assert (counted["won"], counted["revenue"], counted["standing:customer"]) == (1, 125_000, 1)
    assert counted["captured_to_won"] == counted["time_in_stage:lead"] == 1
    assert "standing:lead" not in counted


def test_days_are_those_of_the_agreements_zone() -> None:
    late = history(on("2026-03-02 23:30", Captured()))
    assert the(Measure.CAPTURED, late).cohort_on == date(2026, 3, 3)
    assert late.captured_at == instant("2026-03-02 23:30")


def test_a_page_view_that_says_nothing_new_leaves_the_same_object() -> None:
    lead = history(captured())
    assert after(on("2026-03-03 10:00", VIEW, SCORED, seq=2), before=lead) is lead


def test_a_timer_and_an_unchanged_agreement_leave_the_same_object() -> None:
    lead = history(captured())
    due = TimerDue("L1", "none", instant("2026-03-03 10:00"), instant("2026-03-03 10:00"))
    signed = AgreementChanged("L1", 9, instant("2026-03-03 10:00"))
    assert step(lead, due, SMALL).state is lead
    assert step(lead, signed, SMALL).state is lead


def test_a_new_agreement_puts_the_lead_into_its_own_segment() -> None:
    lead = history(on("2026-03-02 09:00", Captured(attributes={"employees": 300})))
    assert the(Measure.CAPTURED, lead).segment == "large"
    theirs = agreement(
        {
            "segments": [
                {"id": "all", "label": {"en": "All"}, "when": {"attribute": "employees", "known": True}}
            ]
        }
    )
    signed = AgreementChanged("L1", 9, instant("2026-03-03 10:00"))
    assert the(Measure.CAPTURED, step(lead, signed, theirs).state).segment == "all"


def test_facts_marked_as_tests_count_nothing() -> None:
    assert history(on("2026-03-02 09:00", Captured(), moved("2026-03-02 09:00", "lead"), test=True)) == EMPTY


def test_what_follows_from_a_test_by_timer_counts_nothing_either() -> None:
    fired = FiredTimer(WorkerName.LIFECYCLE, "stale", instant("2026-05-01 09:00"))
    at = instant("2026-05-01 09:00")
    stalled = LeadStalled(stage="lead", cycle=1, since=at, due_at=at)
    assert history(on("2026-05-01 09:00", None, stalled, timer=fired)) == EMPTY


def test_a_timer_upstream_stalls_a_lead_that_is_known() -> None:
    fired = FiredTimer(WorkerName.LIFECYCLE, "stale", instant("2026-05-01 09:00"))
    at = instant("2026-05-01 09:00")
    stalled = LeadStalled(stage="lead", cycle=1, since=instant("2026-03-02 09:00"), due_at=at)
    counted = tally(history(captured(), on("2026-05-01 09:00", None, stalled, timer=fired)))
    assert (counted["lead_stalled"], counted["stalled:lead"], counted["stalled_open:lead"]) == (1, 1, 1)


@pytest.mark.parametrize(
    "entry",
    [
        on("2026-03-02 09:00", CLICK),
        on("2026-03-02 09:00", Captured()),
        on("2026-03-02 09:00", called()),
        on("2026-03-02 09:00", OpportunityOpened()),
        on("2026-03-02 09:00", Won()),
        on("2026-03-02 09:00", Lost()),
        on("2026-03-02 09:00", Enriched(attributes={"employees": None})),
        on("2026-03-02 09:00", VIEW, traits={"free_mail": True}),
        on("2026-03-02 09:00", VIEW, flags=(Flag.CLOCK_SKEW,)),
        on("2026-03-02 09:00", VIEW, moved("2026-03-02 09:00", "mql")),
    ],
)
def test_the_place_matters_of_what_is_counted(entry: Entry) -> None:
    assert matters(entry, SMALL)


@pytest.mark.parametrize(
    "entry",
    [
        on("2026-03-02 09:00", VIEW),
        on("2026-03-02 09:00", VIEW, SCORED),
        on("2026-03-02 09:00", VIEW, traits={"hair": "red"}),
        on("2026-03-02 09:00", Enriched(attributes={"hair": "red"})),
        on("2026-03-02 09:00", Engaged(channel=EngagementChannel.AD, action="click", origin=" Unknown ")),
        on("2026-03-02 09:00", ConsentChanged(granted=True)),
        on("2026-03-02 09:00", Assigned(owner="ana")),
        on("2026-03-02 09:00"),
        on("2026-03-02 09:00", Won(), test=True),
    ],
)
def test_the_place_does_not_matter_of_what_is_not(entry: Entry) -> None:
    assert not matters(entry, SMALL)
