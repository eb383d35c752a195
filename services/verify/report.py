"""What a verification comes to: how much was recomputed, and every difference, named.

A difference says what it is about, whose it is, what the facts come to and what the store has. So many are
kept and all are counted, because a store that was tampered with at one place differs at many.
"""

from dataclasses import dataclass, field, fields
from typing import Any

from schemas.vocabulary import LeadId

MOST_KEPT = 1000
"""Differences beyond this many are counted and not kept."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that the store says and the facts do not, or the other way round."""

    what: str
    lead_id: LeadId | None
    expected: str
    found: str


@dataclass(slots=True)
class Report:
    """What a verification came to."""

    lead_count: int = 0
    fact_count: int = 0
    conclusion_count: int = 0
    cell_count: int = 0
    erased_fact_count: int = 0
    """Facts whose bytes an erasure took: whose they were is taken from the store."""
    waiting_count: int = 0
    """Records that wait to be decided: with any, the store cannot agree with its facts."""
    difference_count: int = 0
    differences: list[Difference] = field(default_factory=list)

    @property
    def agrees(self) -> bool:
        """Whether the store says what the facts say."""
        return not self.difference_count and not self.waiting_count

    def expect(self, what: str, lead_id: LeadId | None, expected: object, found: object) -> None:
        """Note a difference, if it is one."""
        if expected == found:
            return
        self.difference_count += 1
        if len(self.differences) < MOST_KEPT:
            self.differences.append(Difference(what, lead_id, str(expected), str(found)))

    def expect_fields(self, what: str, lead_id: LeadId | None, expected: Any, found: Any) -> None:
        """Note each field by which two words of one kind differ: as wholes they would say too much."""
        if expected is None or found is None:
            self.expect(what, lead_id, expected, found)
            return
        for one in fields(expected):
            field_of = f"{one.name} in the {what}"
            self.expect(field_of, lead_id, getattr(expected, one.name), getattr(found, one.name))
