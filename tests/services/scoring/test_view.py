"""The columns of a lead that scoring owns."""

from schemas.facts import Accepted
from schemas.read_model import Row
from services.scoring.view import rows
from tests.builders import agreement, entry, instant
from tests.services.scoring.histories import scored
from tests.services.scoring.leads import DEMO, GOOD_FIT


def test_a_row_shows_the_score_as_last_said() -> None:
    state = scored([entry(GOOD_FIT, seq=1), entry(DEMO, at="2026-03-02 09:30:00.25", seq=2)], agreement())
    assert rows("L1", state) == (
        Row(
            "leads",
            ("L1",),
            (
                ("fit", 6000),
                ("engagement", 6000),
                ("cell", "A1"),
                ("band", "hot"),
                ("scored_at", instant("2026-03-02 09:30:00.250")),
            ),
        ),
    )


def test_a_lead_without_a_score_has_no_row() -> None:
    assert rows("L1", scored([entry(Accepted())], agreement())) == ()
