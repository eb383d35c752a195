"""What stages, owners and refusals change in the numbers."""

from datetime import date

from schemas.facts import Assigned, Lost, OpportunityOpened, Recycled, Reopened, StageClaimed, Won
from schemas.lifecycle import (
    CycleOpened,
    LeadStalled,
    MoveReason,
    MoveRefused,
    OwnerChanged,
    RefusalReason,
    StallEnded,
)
from schemas.metrics import Measure
from services.metrics.buckets import index
from services.metrics.from_handoffs import after as after_handoffs
from services.metrics.from_stages import after as after_stages
from services.metrics.plan import plan_of
from tests.builders import instant
from tests.services.metrics.leads import (
    SMALL,
    after,
    captured,
    euros,
    history,
    moved,
    on,
    opened,
    tally,
    the,
)


def owned(owner: str | None, team: str | None = None) -> OwnerChanged:
    return OwnerChanged(owner=owner, team=team, reason="assigned")


def test_stages_passed_through_are_entered_and_skipped_ones_are_not() -> None:
    at = "2026-03-03 09:00"
    jump = {"since": "lead@2026-03-02 09:00", "skipped": ("mql", "sal")}
    through = history(captured(), on(at, Won(), moved(at, "sql", **jump), seq=2))  # type: ignore[arg-type]
    over = history(
        captured(),
        on(at, Won(), moved(at, "sql", skipped_as="skipped", **jump), seq=2),  # type: ignore[arg-type]
    )
    assert [name for name in tally(through) if name.startswith("entered")] == [
        "entered:lead",
        "entered:mql",
        "entered:sal",
        "entered:sql",
    ]
    assert [name for name in tally(over) if name.startswith("entered")] == ["entered:lead", "entered:sql"]
    assert [name for name in tally(through) if name.startswith("time_in_stage")] == ["time_in_stage:lead"]


def test_time_in_a_stage_counts_when_it_is_left() -> None:
    left = history(
        captured(),
        on(
            "2026-03-05 09:00",
            Lost(),
            moved("2026-03-05 09:00", "lost", since="lead@2026-03-02 09:00"),
            seq=2,
        ),
    )
    cell = the(Measure.TIME_IN_STAGE, left)
    assert (cell.detail, cell.bucket, cell.on) == ("lead", index(3 * 86_400), date(2026, 3, 5))


def test_a_stage_is_entered_once_a_cycle_and_reached_once_a_lead() -> None:
    again = on(
        "2026-04-01 09:00",
        Reopened(),
        CycleOpened(cycle=2, reason=MoveReason.REOPENED),
        moved("2026-04-01 09:00", "lead", cycle=2, reason=MoveReason.REOPENED),
        seq=3,
    )
    same_cycle = on("2026-03-10 09:00", None, moved("2026-03-10 09:00", "lead"), seq=2)
    counted = tally(history(captured(), same_cycle, again))
    assert (counted["entered:lead"], counted["lag:lead"]) == (2, 1)


def test_a_lost_lead_counts_with_the_reason_that_was_given() -> None:
    at = "2026-03-05 09:00"
    given = history(captured(), on(at, Lost(reason="price"), moved(at, "lost"), seq=2))
    silent = history(captured(), on(at, Lost(), moved(at, "lost"), seq=2))
    assert (tally(given)["lost:price"], tally(silent)["lost:unknown"]) == (1, 1)


def test_an_opportunity_is_lost_with_its_lead() -> None:
    at = "2026-03-05 09:00"
    opportunity = on("2026-03-03 09:00", OpportunityOpened(), seq=2)
    lost = on(at, Lost(), moved(at, "lost"), seq=3)
    assert tally(history(captured(), opportunity, lost))["opportunity_lost"] == 1


def test_a_recycled_lead_counts_with_what_sent_it_back() -> None:
    at = "2026-03-05 09:00"
    said = on(at, Recycled(reason="budget"), moved(at, "nurture", reason=MoveReason.RECYCLED), seq=2)
    expired = on(at, None, moved(at, "nurture", reason=MoveReason.EXPIRED), seq=2)
    claimed = on(at, StageClaimed(stage="nurture"), moved(at, "nurture", reason=MoveReason.CLAIM), seq=2)
    found = [
        [name for name in tally(history(captured(), entry)) if name.startswith("recycled")]
        for entry in (said, expired, claimed)
    ]
    assert found == [["recycled:budget"], ["recycled:expired"], ["recycled:unknown"]]


def test_a_claimed_stage_that_means_won_wins_the_lead() -> None:
    at = "2026-03-05 09:00"
    claimed = on(at, StageClaimed(stage="customer"), moved(at, "customer", reason=MoveReason.CLAIM), seq=2)
    billed = on("2026-03-09 09:00", Won(amount=euros(500)), seq=3)
    lead = history(captured(), claimed, billed)
    assert the(Measure.WON, lead).on == date(2026, 3, 5)
    assert (tally(lead)["won"], tally(lead)["revenue"]) == (1, 500)
    assert the(Measure.REVENUE, lead).on == date(2026, 3, 9)


def test_a_claimed_stage_that_means_won_decides_the_opportunity_of_a_customer_too() -> None:
    at = "2026-06-05 09:00"
    lead = history(
        captured(),
        on("2026-03-05 09:00", Won(), moved("2026-03-05 09:00", "customer"), seq=2),
        on("2026-06-01 09:00", OpportunityOpened(), seq=3),
        on(at, StageClaimed(stage="customer"), moved(at, "customer", reason=MoveReason.CLAIM), seq=4),
    )
    cell = the(Measure.SALES_CYCLE, lead)
    assert (cell.on, cell.bucket) == (date(2026, 6, 5), index(4 * 86_400))
    assert (tally(lead)["won"], tally(lead)["opportunity_won"]) == (1, 1)


def test_a_stage_that_was_given_another_name_loses_recycles_and_decides_nothing() -> None:
    at = "2026-06-05 09:00"
    opportunity = on("2026-06-01 09:00", OpportunityOpened(), seq=2)
    for stage in ("lost", "nurture", "customer"):
        before = history(captured(), on("2026-03-05 09:00", Won(), seq=1), opportunity)
        lead = after(on(at, None, moved(at, stage, reason=MoveReason.AGREEMENT), seq=3), before=before)
        counted = ("won", "opportunity", "opportunity_won", f"standing:{stage}")
        assert [tally(lead).get(name) for name in counted] == [1, 1, None, 1]
        assert not {f"{name}:agreement" for name in ("lost", "recycled")} & set(tally(lead))


def test_a_stage_that_the_agreement_does_not_know_means_nothing() -> None:
    at = "2026-03-05 09:00"
    lead = history(captured(), on(at, None, moved(at, "elsewhere"), seq=2))
    assert tally(lead)["standing:elsewhere"] == 1


def test_a_stalled_lead_is_stalled_until_it_moves() -> None:
    due = instant("2026-05-01 09:00")
    stalled = on(
        due, None, LeadStalled(stage="lead", cycle=1, since=instant("2026-03-02 09:00"), due_at=due), seq=2
    )
    at = "2026-05-03 09:00"
    won = on(at, Won(), moved(at, "customer"), seq=3)
    ended = on(at, None, StallEnded(stage="lead", cycle=1, stalled_seconds=5), seq=3)
    assert tally(history(captured(), stalled))["stalled_open:lead"] == 1
    for entry in (won, ended):
        counted = tally(history(captured(), stalled, entry))
        assert (counted["stalled:lead"], counted["lead_stalled"]) == (1, 1)
        assert "stalled_open:lead" not in counted


def test_a_lead_that_stalls_twice_is_one_lead_and_two_stays() -> None:
    stays = [
        on(at, None, LeadStalled(stage=stage, cycle=1, since=instant(at), due_at=instant(at)), seq=seq)
        for seq, (at, stage) in enumerate([("2026-04-01 09:00", "lead"), ("2026-05-01 09:00", "mql")], 2)
    ]
    lead = history(captured(), *stays)
    assert (tally(lead)["stalled:lead"], tally(lead)["stalled:mql"]) == (1, 1)
    assert the(Measure.LEAD_STALLED, lead).on == date(2026, 4, 1)


def test_a_refusal_counts_with_its_reason() -> None:
    refused = MoveRefused(asked="won", reason=RefusalReason.CLOSED, at_stage="lost")
    assert tally(history(captured(), on("2026-03-05 09:00", Won(), refused, seq=2)))["refused:closed"] == 1


def test_a_lead_is_counted_under_whoever_has_it_now() -> None:
    lead = history(
        captured(), on("2026-03-03 09:00", Assigned(owner="ana"), owned("ana"), owned("bo"), seq=2)
    )
    cell = the(Measure.CAPTURED, lead)
    assert (cell.team, cell.owner) == ("sales", "bo")


def test_a_queue_has_a_team_and_no_owner() -> None:
    lead = history(captured(), on("2026-03-03 09:00", Assigned(team="sales"), owned(None, "sales"), seq=2))
    nobody = history(captured(), on("2026-03-03 09:00", Assigned(), owned(None), seq=2))
    assert the(Measure.CAPTURED, lead)[7:9] == ("sales", "unknown")
    assert the(Measure.CAPTURED, nobody)[7:9] == ("unknown", "unknown")


def test_a_won_lead_stays_with_those_who_won_it() -> None:
    lead = history(
        captured(),
        on("2026-03-03 09:00", Assigned(owner="ana"), owned("ana"), seq=2),
        on("2026-03-05 09:00", Won(), moved("2026-03-05 09:00", "customer"), seq=3),
        on("2026-03-09 09:00", Assigned(owner="bo"), owned("bo"), seq=4),
    )
    assert the(Measure.WON, lead).owner == the(Measure.CAPTURED, lead).owner == "ana"


def test_a_win_that_takes_a_lead_on_is_the_win_of_whoever_got_the_lead_by_it() -> None:
    at = "2026-03-05 09:00"
    lead = history(captured(), on(at, Won(), owned("lucia"), moved(at, "customer"), seq=2))
    assert the(Measure.WON, lead).owner == the(Measure.CAPTURED, lead).owner == "lucia"


def test_what_is_not_counted_leaves_the_same_object() -> None:
    lead, plan = history(captured()), plan_of(SMALL)
    assert after_stages(lead, opened("2026-03-05 09:00"), captured(), plan) is lead
    assert after_handoffs(lead, moved("2026-03-05 09:00", "mql"), plan) is lead
