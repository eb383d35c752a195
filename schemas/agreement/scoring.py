"""The agreement's scoring: who the lead is (fit) and what it does (engagement), each with its caps.

Points are given in points and halves of them may be written as decimals; rules work in hundredths
(``schemas.scoring``).
"""

from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, model_validator

from schemas.agreement.conditions import Condition, FactPattern
from schemas.agreement.wrong import wrong
from schemas.frozen import Frozen
from schemas.vocabulary import Name

Points = Annotated[Decimal, Field(ge=-1000, le=1000, decimal_places=2)]
Cap = Annotated[Decimal, Field(gt=0, le=10000, decimal_places=2)]
Days = Annotated[int, Field(gt=0, le=3660)]


class FitRule(Frozen):
    """Points for who the lead is, for as long as the condition holds."""

    id: Name
    """What explanations call it."""
    group: Name
    """The group whose cap it falls under."""
    when: Condition
    """When it earns the points."""
    points: Points
    """How many; negative ones count against the lead."""


class AtMost(Frozen):
    """A frequency limit: only the first ``count`` facts in any ``per_days`` earn points."""

    count: Annotated[int, Field(gt=0)]
    """How many facts."""
    per_days: Days
    """In how many days."""


class EngagementRule(Frozen):
    """Points for what the lead did."""

    id: Name
    """What explanations call it."""
    group: Name
    """The group whose cap it falls under."""
    on: FactPattern
    """The facts that earn the points, each time."""
    points: Points
    """How many; negative ones count against the lead."""
    cap: Cap | None = None
    """The most that this rule may add up to (for negative points: the most it may take away)."""
    at_most: AtMost | None = None
    """Frequency: how many facts may earn points in so many days."""
    window_days: Days | None = None
    """Recency: facts older than this count for nothing."""
    half_life_days: Days | None = None
    """After so many days the points are worth half; default: the half-life of engagement."""


class FitScoring(Frozen):
    """Fit: grades A to C by score."""

    total_cap: Cap = Decimal(100)
    """The most that fit can be."""
    groups: dict[Name, Cap]
    """The most that each group of rules may add."""
    rules: tuple[FitRule, ...]
    """What earns points."""
    grade_a_from: Points
    """From so many points on the grade is A."""
    grade_b_from: Points
    """From so many points on the grade is B; below, C."""


class EngagementScoring(Frozen):
    """Engagement: levels 1 to 3 by score, decaying by half-lives."""

    total_cap: Cap = Decimal(100)
    """The most that engagement can be."""
    half_life_days: Days | None = None
    """After so many days points are worth half; null: engagement does not decay."""
    groups: dict[Name, Cap]
    """The most that each group of rules may add."""
    rules: tuple[EngagementRule, ...]
    """What earns points."""
    level_1_from: Points
    """From so many points on the level is 1."""
    level_2_from: Points
    """From so many points on the level is 2; below, 3."""


class Scoring(Frozen):
    """Both scores, and the bands that the nine cells of the grid fall into."""

    fit: FitScoring
    """Who the lead is."""
    engagement: EngagementScoring
    """What it does."""
    bands: Annotated[dict[Name, tuple[Name, ...]], Field(min_length=1)]
    """Band to its cells, hottest first: ``hot: [A1, A2, B1]``. Every cell stands in exactly one band."""

    @model_validator(mode="after")
    def _every_cell_once(self) -> Self:
        cells = [cell for band in self.bands.values() for cell in band]
        expected = {grade + level for grade in "ABC" for level in "123"}
        if sorted(cells) != sorted(expected):
            odd = sorted(set(cells) ^ expected) or sorted({cell for cell in cells if cells.count(cell) > 1})
            raise wrong(("bands",), "bands must hold each of A1 to C3 once", f"look at {', '.join(odd)}")
        return self
