"""The agreement's scoring: who the lead is (fit) and what it does (engagement), each with its caps.

Points are given in points and halves of them may be written as decimals; rules work in hundredths
(``schemas.scoring``).
"""

from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, model_validator

from schemas.agreement.conditions import Condition, FactPattern
from schemas.frozen import Frozen
from schemas.vocabulary import Name

Points = Annotated[Decimal, Field(ge=-1000, le=1000, decimal_places=2)]
Cap = Annotated[Decimal, Field(gt=0, le=10000, decimal_places=2)]
Days = Annotated[int, Field(gt=0, le=3660)]


class FitRule(Frozen):
    """Points for who the lead is, for as long as the condition holds."""

    id: Name
    group: Name
    when: Condition
    points: Points


class AtMost(Frozen):
    """A frequency limit: only the first ``count`` facts in any ``per_days`` earn points."""

    count: Annotated[int, Field(gt=0)]
    per_days: Days


class EngagementRule(Frozen):
    """Points for what the lead did."""

    id: Name
    group: Name
    on: FactPattern
    points: Points
    cap: Cap | None = None
    """The most that this rule may add up to (for negative points: the most it may take away)."""
    at_most: AtMost | None = None
    window_days: Days | None = None
    """Recency: facts older than this count for nothing."""
    half_life_days: Days | None = None
    """Overrides the half-life of engagement."""


class FitScoring(Frozen):
    """Fit: grades A to C by score."""

    total_cap: Cap = Decimal(100)
    groups: dict[Name, Cap]
    rules: tuple[FitRule, ...]
    grade_a_from: Points
    grade_b_from: Points


class EngagementScoring(Frozen):
    """Engagement: levels 1 to 3 by score, decaying by half-lives."""

    total_cap: Cap = Decimal(100)
    half_life_days: Days | None = None
    """Null: engagement does not decay."""
    groups: dict[Name, Cap]
    rules: tuple[EngagementRule, ...]
    level_1_from: Points
    level_2_from: Points


class Scoring(Frozen):
    """Both scores, and the bands that the nine cells of the grid fall into."""

    fit: FitScoring
    engagement: EngagementScoring
    bands: Annotated[dict[Name, tuple[Name, ...]], Field(min_length=1)]
    """Band to its cells, hottest first: ``hot: [A1, A2, B1]``. Every cell stands in exactly one band."""

    @model_validator(mode="after")
    def _every_cell_once(self) -> Self:
        cells = [cell for band in self.bands.values() for cell in band]
        expected = {grade + level for grade in "ABC" for level in "123"}
        if sorted(cells) != sorted(expected):
            wrong = sorted(set(cells) ^ expected) or sorted({cell for cell in cells if cells.count(cell) > 1})
            raise ValueError(f"bands must hold each of A1 to C3 once; look at {', '.join(wrong)}")
        return self

    def band_of(self, cell: str) -> str:
        """Return the band that a cell of the grid falls into."""
        return next(band for band, cells in self.bands.items() if cell in cells)
