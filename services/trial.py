"""Trying facts on a copy of the store: what would change before it is changed.

The copy is decided as it stands first, so that what was waiting anyway is not blamed on the facts; then the
facts are said to it as they would be said to the store, and every lead is compared. The store itself is only
read.
"""

import signal
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from infra.agreement_file import parse
from infra.store.copying import Standing, copy_store, standings
from infra.store.database import Database
from infra.store.reading.standing import grown_since, mark
from schemas.vocabulary import LeadId
from services.line import OpenLine, open_line

Leads = Mapping[LeadId, Standing]


@dataclass(frozen=True, slots=True)
class Effect:
    """What some facts would change.

    Attributes:
        new_count: Leads that there would be.
        gone_count: Leads that would be merged into others.
        moved: How many leads would change from one stage to another.
        owner_count: Leads that would change owners.
        revenue_minor: What would be added to the revenue, in the agreement's currency.
        currency: That currency.
        admitted_count: Facts about leads that would be admitted.
        dead_count: Facts that would be dead letters.
    """

    new_count: int
    gone_count: int
    moved: Counter[tuple[str, str]]
    owner_count: int
    revenue_minor: int
    currency: str
    admitted_count: int
    dead_count: int


def effect_of(database: Database, say: Callable[[OpenLine], object]) -> Effect:
    """Return what facts would change if they were said now.

    Args:
        database: The store; it is copied, which takes as long as its file is large.
        say: Says the facts to a line; it is handed the copy's.

    Raises:
        StoreUnusable: The store cannot be copied.
    """
    with _passing_folder() as folder:
        file = folder / "trial.db"
        copy_store(database, file)
        with open_line(f"sqlite:///{file}", durability="normal") as line:
            line.decide()
            with line.database.reading() as connection:
                before, since = standings(connection), mark(connection)
            say(line)
            line.decide()
            with line.database.reading() as connection:
                after, grown = standings(connection), grown_since(connection, since)
            signed = line.newest()
    currency = parse(signed.document, "the agreement in force").currency if signed else ""
    return _difference(before, after, grown, currency)


@contextmanager
def _passing_folder() -> Iterator[Path]:
    """Make a folder that goes with what is in it, also when the process is told to stop meanwhile.

    A copy holds all that the store knows of people, and no erasure would find one that was left behind.
    """

    def stop(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    # A signal that is ignored (nohup) stays so, and one that somebody listens to is theirs.
    ending = [one for one in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(one) is signal.SIG_DFL]
    for number in ending:
        signal.signal(number, stop)
    try:
        with tempfile.TemporaryDirectory(prefix="relevo-") as folder:
            yield Path(folder)
    finally:
        for number in ending:
            signal.signal(number, signal.SIG_DFL)


def _difference(before: Leads, after: Leads, grown: tuple[int, int], currency: str) -> Effect:
    pairs = [(before[lead_id], after[lead_id]) for lead_id in before.keys() & after.keys()]
    moved = Counter(
        (was.stage or "none", now.stage or "none") for was, now in pairs if was.stage != now.stage
    )
    return Effect(
        len(after.keys() - before.keys()),
        len(before.keys() - after.keys()),
        moved,
        sum(was.owner != now.owner for was, now in pairs),
        _revenue(after) - _revenue(before),
        currency,
        *grown,
    )


def _revenue(leads: Leads) -> int:
    return sum(one.revenue_minor or 0 for one in leads.values())
