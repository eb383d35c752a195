"""How many leads there are, by whether they count: each lead is one of these, and they add up to the table.

Places that count leads differ for good reasons: the numbers leave out tests and leads that are part of
another, lists leave out the forgotten, too, and a verification takes every one. So that nobody wonders, each
says its count by these parts.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, case, func, select

from infra.store.tables.read_model import leads


@dataclass(frozen=True, slots=True)
class HeadCount:
    """Leads by what they are; ``forgotten`` are some of the captured, who go on being counted."""

    captured: int
    never_captured: int
    """Leads of which a tool said something, and none said that they were captured."""
    tests: int
    merged: int
    """Leads that are part of another now."""
    forgotten: int

    @property
    def total(self) -> int:
        """How many rows the table of leads has."""
        return self.captured + self.never_captured + self.tests + self.merged


def head_count(connection: Connection) -> HeadCount:
    """Count the leads of a store."""
    test = func.coalesce(leads.c.test, False)
    merged = ~test & leads.c.merged_into.is_not(None)
    counted = ~test & leads.c.merged_into.is_(None)
    captured = counted & leads.c.captured_at.is_not(None)
    never = counted & leads.c.captured_at.is_(None)
    kinds = (captured, never, test, merged, captured & func.coalesce(leads.c.erased, False))
    parts = [func.count(case((kind, 1))) for kind in kinds]
    return HeadCount(*map(int, connection.execute(select(*parts)).one()))
