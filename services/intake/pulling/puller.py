"""Fetching: each source on its own, again and again, until it is to stop.

A look takes every batch of an origin in a transaction of its own, cursor and rows together, and makes facts
of them. A source that is away is tried again after a growing pause, with one line when it goes and one
when it comes back; the others do not notice, because each source has a thread. Killed at any moment, the
next look goes on from the last transaction.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import timedelta
from random import uniform

from infra.elsewhere.away import SourceAway, SourceUnfit
from infra.store.burying import close_letters
from infra.store.database import Database
from infra.store.errors import StoreUnavailable
from infra.store.originals import keep_mappings
from infra.store.pulls import Batch, PulledElsewhere, Standing, files_of, standing_of, take
from infra.time_source import TimeSource, system_time
from schemas.dead_letters import Closing
from services.intake.pulling.mending import mended
from services.intake.pulling.origin import Notice, Origin
from services.intake.settling import settle
from services.intake.sources import Source

FIRST_PAUSE_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 300.0

Tell = Callable[[str], None]
Opener = Callable[[Source, TimeSource], Origin]
Troubles = (SourceAway, SourceUnfit, PulledElsewhere, StoreUnavailable)
"""What a source's next look may find mended."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a source came to."""

    read_count: int = 0
    """Rows that were read, those known already among them."""
    new_count: int = 0
    file_count: int = 0


class Puller:
    """Fetches one source.

    Args:
        source: The source.
        database: The store.
        opener: Opens its origin.
        tell: Told of what people should know, a line each.
        now: The time.
    """

    def __init__(
        self, source: Source, database: Database, opener: Opener, *, tell: Tell, now: TimeSource = system_time
    ) -> None:
        self._source = source
        self._database = database
        self._opener = opener
        self._tell = tell
        self._now = now
        self._origin: Origin | None = None
        self._failures = 0

    def look(self, stop: threading.Event) -> Look:
        """Take everything that is new.

        Args:
            stop: Set: take no further batch.

        Raises:
            SourceAway: The source does not answer now.
            SourceUnfit: It is not as ``sources.yaml`` says.
            PulledElsewhere: Another process fetches it.
            StoreUnavailable: The store does not serve now.
        """
        if self._origin is None:
            self._origin = self._opener(self._source, self._now)
        with self._database.writing() as connection:
            keep_mappings(connection, {self._source.mapping_digest: self._source.mapping_document})
        with self._database.reading() as connection:
            standing = standing_of(connection, self._source.name)
            files = files_of(connection, self._source.name)
        look = Look()
        for batch in self._origin.batches(standing.position, files):
            if isinstance(batch, Notice):
                self._tell(f"{self._source.name}: {batch.sentence}")
                continue
            standing, look = self._take(standing, batch, look)
            if stop.is_set():
                break
        return look

    def run(self, stop: threading.Event) -> None:
        """Look every so often until ``stop`` is set; tell when the source goes away and when it is back."""
        while not stop.is_set():
            stop.wait(self._pause(stop))
        self.close()

    def close(self) -> None:
        """Close what is open."""
        if self._origin is not None:
            self._origin.close()
            self._origin = None

    def _take(self, standing: Standing, batch: Batch, look: Look) -> tuple[Standing, Look]:
        with self._database.writing() as connection:
            standing, new = take(connection, standing, batch)
            numbers = mended(connection, self._source, [original for _, original in batch.rows])
            close_letters(connection, numbers, self._now(), Closing.SUPERSEDED, "read once it was corrected")
        if new:
            settle(self._database, self._now)
        read = look.read_count + len(batch.rows)
        return standing, Look(read, look.new_count + new, look.file_count + len(batch.files))

    def _pause(self, stop: threading.Event) -> float:
        """Look once, and return how long to wait for the next look, in seconds."""
        name = self._source.name
        try:
            look = self.look(stop)
        except Troubles as error:
            growing = FIRST_PAUSE_SECONDS * float(2**self._failures)
            pause = min(growing, LONGEST_PAUSE_SECONDS) * uniform(0.8, 1)  # noqa: S311 - keeps sources apart, guards nothing
            self._failures = min(self._failures + 1, 10)
            self._tell(f"{name}: {error}; trying again in {pause:.0f} s")
            return pause
        if self._failures:
            self._tell(f"{name}: is back")
            self._failures = 0
        if look.new_count:
            self._tell(f"{name}: {told(look)}")
        return float(self._source.pull.every / timedelta(seconds=1))


def told(look: Look) -> str:
    """Return what a look came to, in words."""
    known = look.read_count - look.new_count
    files = f" in {look.file_count:,} files" if look.file_count else ""
    return f"{look.new_count:,} new rows{files}, {known:,} known already"


def run_all(pullers: Sequence[Puller], stop: threading.Event) -> None:
    """Run each puller in a thread of its own until ``stop`` is set; a bug in one ends them all.

    Raises:
        Exception: What broke, of whichever broke first.
    """
    with ThreadPoolExecutor(max_workers=len(pullers), thread_name_prefix="pull") as threads:
        running = [threads.submit(one.run, stop) for one in pullers]
        wait(running, return_when=FIRST_EXCEPTION)
        stop.set()
    for one in running:
        one.result()


def once(pullers: Mapping[str, Puller], stop: threading.Event) -> tuple[dict[str, Look], dict[str, str]]:
    """Look at each source once.

    Returns:
        What each look came to, and what was wrong with those that could not be read.
    """
    looks: dict[str, Look] = {}
    wrong: dict[str, str] = {}
    for name, puller in pullers.items():
        try:
            looks[name] = puller.look(stop)
        except Troubles as error:
            wrong[name] = str(error)
        finally:
            puller.close()
    return looks, wrong
