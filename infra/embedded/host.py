"""The embedded host: log, state, timers and read model in one store, by default a file; nothing to install.

Any process may append facts and read; one at a time runs the line, and a lock decides which (``lock``).
``drain`` runs it until nothing is left to do; ``run`` keeps running it, so that what others append is decided
within a fraction of a second, and clocks fire by ticks. While the store does not serve (its server is away,
its disk full), ``run`` waits and begins anew from what was committed.

An idle line looks and does not write: it takes the write lock when there is a record, when a timer is due,
and now and then to let its time come on, so that a laptop's disk sleeps and those who append never wait.
"""

import gc
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from infra.embedded.line import Line, Progress, no_progress, watch_nothing
from infra.embedded.lock import LineBusy, line_lock
from infra.journal.ports import SequencerRule
from infra.patience import pauses
from infra.store.database import Database
from infra.store.errors import StoreUnavailable
from infra.store.journal_memory import append_log, undecided
from infra.store.reading.standing import is_at_rest
from infra.time_source import TimeSource, system_time
from infra.watching import Watch
from infra.worker import Worker

LOOK_SECONDS = 0.1
"""How often an idle line looks for new facts."""
TICK_EVERY = timedelta(milliseconds=500)
"""How often time comes on while facts are decided, and how often an idle line looks for timers."""
IDLE_TICK_EVERY = timedelta(seconds=10)
"""How often time comes on while nothing happens."""

log = logging.getLogger(__name__)


class EmbeddedHost:
    """One tenant's line on one store."""

    def __init__(
        self,
        database: Database,
        workers: Sequence[Worker],
        sequencer: SequencerRule,
        now: TimeSource = system_time,
        watch: Watch = watch_nothing,
    ) -> None:
        self.database = database
        self._workers = workers
        self._sequencer = sequencer
        self._now = now
        self._watch = watch

    def append(self, values: Sequence[bytes]) -> None:
        """Append facts to the log; durable at return, whoever runs the line.

        Args:
            values: CloudEvents in structured mode, one a fact. What cannot be read becomes a dead letter when
                it is decided.
        """
        if not values:
            return
        with self.database.alone() as connection:
            append_log(connection, values, self._now())

    def forward(self) -> None:
        """Do nothing: what the front door says stands in the log."""

    def waiting(self) -> int:
        """Return how many facts are in the log and not yet decided."""
        with self.database.reading() as connection:
            return undecided(connection)

    def is_at_rest(self) -> bool:
        """Say whether everything in the log has been decided, by whoever runs the line."""
        with self.database.reading() as connection:
            return is_at_rest(connection)

    def standstill(self) -> None:
        """Return None: whoever holds the lock decides, or goes and leaves it to us."""

    def refuse_if_busy(self) -> None:
        """Raise LineBusy if another process runs the line until it is stopped."""
        try:
            with line_lock(self.database.address):
                return
        except LineBusy as busy:
            if not busy.passing:
                raise

    def drain(self, progress: Progress = no_progress) -> None:
        """Decide everything that is in the log, then let time come to now.

        Raises:
            LineBusy: Another process runs the line; it will decide.
        """
        with self._line(progress) as line:
            line.drain()

    def run(
        self,
        stop: threading.Event,
        progress: Progress = no_progress,
        ready: Callable[[], object] = lambda: None,
    ) -> None:
        """Run the line until ``stop`` is set; wait for who has it only until what waits is decided.

        Args:
            stop: Set by others, to end it after the batch in hand.
            progress: Told what was done, and how many of it.
            ready: Called once the line is ours, and again when it is after the store was away.

        Raises:
            LineBusy: Another process runs the line until it is stopped.
            StoreError: The store does not serve, and waiting does not help.
        """
        ours = told = False
        for pause in pauses():
            try:
                self._run(stop, progress, ready)
                return
            except LineBusy as busy:
                # Once it was ours, it is held by the session that broke off, until the server notices.
                if not ours and not busy.passing:
                    raise
                if not ours and not told:
                    log.warning("%s", busy.waiting)
                told = True
            except StoreUnavailable as error:
                ours = True
                log.warning("%s; the line waits", error)
            if stop.wait(pause):
                return

    def _run(self, stop: threading.Event, progress: Progress, ready: Callable[[], object]) -> None:
        with self._line(progress, stays=True) as line:
            line.fold_log()  # whoever ran it before may have been killed behind an erasure
            ready()
            looked_at = ticked_at = self._now()
            news = False
            while not stop.is_set():
                busy = line.turn()
                news = news or busy
                if self._is_past(looked_at, TICK_EVERY):
                    looked_at = self._now()
                    if news or self._is_past(ticked_at, IDLE_TICK_EVERY) or line.is_due():
                        line.tick()
                        ticked_at, news = looked_at, False
                if not busy:
                    stop.wait(LOOK_SECONDS)

    def _is_past(self, since: datetime, every: timedelta) -> bool:
        """Say whether so much time has passed; so it has when the machine's time was set back."""
        return not timedelta(0) <= self._now() - since < every

    @contextmanager
    def _line(self, progress: Progress, *, stays: bool = False) -> Iterator[Line]:
        with line_lock(self.database.address, stays=stays), rare_collections():
            yield Line(
                self.database, self._workers, self._sequencer, self._now, watch=self._watch, progress=progress
            )


@contextmanager
def rare_collections() -> Iterator[None]:
    """Look for reference cycles a hundred times less often while the line runs.

    What a batch makes dies by its reference counts; looking for cycles among it cost an eighth of the time
    and found none (docs/performance.md).
    """
    thresholds = gc.get_threshold()
    gc.set_threshold(100_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
