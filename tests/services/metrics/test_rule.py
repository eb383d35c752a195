"""What each event does to what is counted of a lead."""

from datetime import date

from schemas.facts import Captured, Won
from schemas.metrics import Measure
from schemas.vocabulary import Money
from services.metrics.cells import counts
from tests.builders import instant
from tests.services.metrics.leads import history, moved, of, on, tally

CAPTURE = on(
    "2026-03-02 09:00", Captured(origin="search", campaign="spring"), moved("2026-03-02 09:00", "lead")
)


def euros(amount: int) -> Money:
    return Money(amount_minor=amount, currency="EUR")


def test_a_captured_lead_stands_at_its_first_stage() -> None:
    assert tally(history(CAPTURE)) == {"captured": 1, "standing:lead": 1, "entered:lead": 1, "lag:lead": 1}


def test_a_won_lead_counts_once_with_the_revenue_of_its_win() -> None:
    win = on(
        "2026-03-12 09:00",
        Won(amount=euros(125_000)),
        moved("2026-03-12 09:00", "customer", since="lead@2026-03-02 09:00"),
        seq=2,
    )
    counted = tally(history(CAPTURE, win))
    assert (counted["won"], counted["revenue"], counted["standing:customer"]) == (1, 125_000, 1)
    assert "standing:lead" not in counted


def test_the_day_of_the_numbers_is_the_agreements() -> None:
    late_in_madrid = history(on("2026-03-02 23:30", Captured()))
    (captured,) = of(Measure.CAPTURED, counts(late_in_madrid))
    assert captured.cohort_on == captured.on == date(2026, 3, 3)
    assert late_in_madrid.captured_at == instant("2026-03-02 23:30")
