"""People can query where a lead came from and what it brought."""

from schemas.facts import Won
from services.metrics.view import rows
from tests.builders import instant
from tests.services.metrics.leads import captured, euros, history, on


def test_the_row_says_where_the_lead_came_from_and_what_it_brought() -> None:
    (row,) = rows("L1", history(captured(), on("2026-03-05 09:00", Won(amount=euros(100)), seq=2)))
    assert (row.table, row.key) == ("leads", ("L1",))
    assert dict(row.values) == {
        "origin": "search",
        "campaign": "spring",
        "segment": "unknown",
        "captured_at": instant("2026-03-02 09:00"),
        "won_at": instant("2026-03-05 09:00"),
        "revenue_minor": 100,
    }


def test_a_lead_that_is_not_won_has_brought_nothing_yet() -> None:
    (row,) = rows("L1", history(captured()))
    assert dict(row.values)["revenue_minor"] is None
