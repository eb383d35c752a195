"""A lead is won once; its revenue adds up."""

from datetime import date, timedelta

from schemas.entries import Entry
from schemas.facts import Captured, Won
from schemas.metrics import Measure
from schemas.vocabulary import Money
from services.metrics.cells import counts
from services.metrics.summary import LeadSummary
from services.metrics.wins import MOST, RECENT
from tests.builders import instant
from tests.services.metrics.leads import captured, euros, history, on, tally, the


def win(at: str, cents: int | None, opportunity: str | None = None, seq: int = 2) -> Entry:
    amount = None if cents is None else euros(cents)
    return on(at, Won(opportunity_id=opportunity, amount=amount), seq=seq)


def revenue_by_day(lead: LeadSummary) -> dict[date, int]:
    return {cell.on: amount for cell, amount in counts(lead).items() if cell.measure is Measure.REVENUE}


def test_several_wins_of_one_lead_add_up_each_on_its_own_day() -> None:
    lead = history(captured(), win("2026-03-05 09:00", 100), win("2026-04-05 09:00", 250, seq=3))
    assert revenue_by_day(lead) == {date(2026, 3, 5): 100, date(2026, 4, 5): 250}
    assert (tally(lead)["won"], the(Measure.WON, lead).on) == (1, date(2026, 3, 5))


def test_one_opportunity_is_one_win_with_its_latest_amount() -> None:
    reported, corrected = (
        win("2026-03-05 09:00", 100, "O1"),
        win("2026-03-07 09:00", 80, "O1", seq=3),
    )
    other, silent = win("2026-03-06 09:00", 10, "O2", seq=4), win("2026-03-08 09:00", None, "O1", seq=5)
    lead = history(captured(), reported, corrected, other, silent)
    assert revenue_by_day(lead) == {date(2026, 3, 5): 80, date(2026, 3, 6): 10}
    assert tally(lead)["attributed_revenue:linear"] == 90


def test_a_corrected_amount_is_credited_to_what_had_touched_the_lead_when_it_was_won() -> None:
    later = on("2026-03-06 09:00", Captured(origin="fair"), seq=3)
    corrected = win("2026-03-07 09:00", 80, "O1", seq=4)
    counted = counts(history(captured(), win("2026-03-05 09:00", 100, "O1"), later, corrected))
    revenue = {
        (cell.detail, cell.origin): amount
        for cell, amount in counted.items()
        if cell.measure is Measure.ATTRIBUTED_REVENUE and amount
    }
    assert revenue == {(model, "search"): 80 for model in ("first_touch", "last_touch", "linear")}


def test_of_a_win_of_long_ago_the_touches_are_not_kept_and_the_sum_is_right_all_the_same() -> None:
    wins = [win(f"2026-03-{day:02d} 09:00", 10, f"O{day}", seq=day) for day in range(5, 5 + RECENT + 1)]
    corrected = win("2026-03-30 09:00", 7, "O5", seq=90)
    lead = history(captured(), *wins, corrected)
    assert [one.touched is None for one in lead.wins] == [True] + [False] * RECENT
    assert tally(lead)["attributed_revenue:linear"] == 10 * RECENT + 7


def test_a_win_without_an_amount_or_in_another_currency_brings_nothing() -> None:
    dollars = on("2026-03-05 09:00", Won(amount=Money(amount_minor=100, currency="USD")), seq=2)
    for entry in (dollars, win("2026-03-05 09:00", None), win("2026-03-05 09:00", 0)):
        counted = tally(history(captured(), entry))
        assert counted["won"] == 1
        assert "revenue" not in counted


def test_the_win_and_its_revenue_are_credited_to_the_touches_before_it() -> None:
    later = on("2026-04-01 09:00", Captured(origin="fair"), seq=3)
    lead = history(captured(), win("2026-03-05 09:00", 100), later, win("2026-05-05 09:00", 50, seq=4))
    origins = {
        (cell.detail, cell.origin): amount
        for cell, amount in counts(lead).items()
        if cell.measure is Measure.ATTRIBUTED_REVENUE and cell.on == date(2026, 5, 5)
    }
    assert origins == {
        ("first_touch", "search"): 50,
        ("last_touch", "fair"): 50,
        ("linear", "search"): 25,
        ("linear", "fair"): 25,
    }
    assert tally(lead)["attributed_won:linear"] == 1000


def test_a_win_before_any_touch_is_credited_to_the_leads_own_origin() -> None:
    lead = history(win("2026-02-20 09:00", 100), captured())
    credited = {cell.origin for cell in counts(lead) if cell.measure is Measure.ATTRIBUTED_WON}
    assert credited == {"search"}


def test_revenue_stays_exact_when_the_oldest_wins_are_put_together() -> None:
    first = instant("2026-03-05 09:00")
    wins = [
        on(first + timedelta(days=day), Won(opportunity_id=f"O{day}", amount=euros(1)), seq=2 + day)
        for day in range(MOST + 5)
    ]
    lead = history(captured(), *wins)
    assert (len(lead.wins), tally(lead)["revenue"]) == (MOST, MOST + 5)
