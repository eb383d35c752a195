"""What scoring concludes: a lead's fit and engagement, its cell of the grid, and its band.

Points are whole **hundredths of a point**, so that a sum is exact and does not depend on the order of its
terms.
"""

from typing import Literal

from schemas.frozen import Frozen
from schemas.vocabulary import Name

Centipoints = int
"""Hundredths of a point."""


class ScoreChanged(Frozen):
    """The score after an event; said when fit, engagement, cell or band differ from what was last said."""

    kind: Literal["score_changed"] = "score_changed"
    reason: Literal["fact", "decay", "agreement"]
    fit: Centipoints
    engagement: Centipoints
    cell: Name
    """Grade of fit and level of engagement together, A1 to C3."""
    band: Name
    previous_band: Name | None = None

    @property
    def subject(self) -> str:
        """A lead has one score."""
        return "score"
