"""Trying facts on a copy of the store: what would change before it is changed.

The copy is decided as it stands first, so that what was waiting anyway is not blamed on the facts; then the
facts are said to it, and every lead is compared. The store itself is only read.
"""

import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.store.copying import Standing, copy_store, standings
from infra.store.database import Database
from infra.store.reading.dead_letters import count_dead_letters
from schemas.vocabulary import LeadId
from services.line import OpenLine, open_line


@dataclass(frozen=True, slots=True)
class Effect:
    """What some facts would change.

    Attributes:
        new_count: Leads that there would be.
        gone_count: Leads that would be merged into others.
        moved: How many leads would change from one stage to another.
        owner_count: Leads that would change owners.
        revenue_minor: What would be added to the revenue.
        dead_count: Facts that would be dead letters.
    """

    new_count: int
    gone_count: int
    moved: Counter[tuple[str, str]]
    owner_count: int
    revenue_minor: int
    dead_count: int


def effect_of(database: Database, values: Sequence[bytes]) -> Effect:
    """Return what facts would change if they were said now.

    Args:
        database: The store; it is copied, which takes as long as its file is large.
        values: CloudEvents in structured mode.

    Raises:
        StoreUnusable: The store cannot be copied.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "trial.db"
        copy_store(database, file)
        with open_line(f"sqlite:///{file}", durability="normal") as line:
            before = _decided(line)
            line.host.append(values)
            after = _decided(line)
    return _difference(before, after)


@dataclass(frozen=True, slots=True)
class _Picture:
    leads: dict[LeadId, Standing]
    dead_count: int


def _decided(line: OpenLine) -> _Picture:
    line.decide()
    with line.database.reading() as connection:
        return _Picture(standings(connection), sum(count_dead_letters(connection).values()))


def _difference(before: _Picture, after: _Picture) -> Effect:
    both = before.leads.keys() & after.leads.keys()
    pairs = [(before.leads[lead_id], after.leads[lead_id]) for lead_id in both]
    moved = Counter(
        (was.stage or "none", now.stage or "none") for was, now in pairs if was.stage != now.stage
    )
    return Effect(
        len(after.leads.keys() - before.leads.keys()),
        len(before.leads.keys() - after.leads.keys()),
        moved,
        sum(was.owner != now.owner for was, now in pairs),
        _revenue(after) - _revenue(before),
        after.dead_count - before.dead_count,
    )


def _revenue(picture: _Picture) -> int:
    return sum(one.revenue_minor or 0 for one in picture.leads.values())
