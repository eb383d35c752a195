"""A line that is kept running: prompt when something happens, and at rest when nothing does."""

import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

import services.sequencer
from infra.embedded.host import IDLE_TICK_EVERY, EmbeddedHost
from infra.embedded.lock import LineBusy, line_lock, lock_path
from infra.store.database import Database
from infra.store.opening import open_store
from infra.store.reading.standing import positions_of
from infra.store.tables.read_model import timeline
from infra.wire import write_fact
from schemas.facts import Captured, Erased, Subject
from services.pipeline import WORKERS
from services.verify import verify
from tests.contracts.host import DUE_AT, handed_over
from tests.histories import START
from tests.histories import event as event_of
from tests.servers.cable import cable_to
from tests.servers.postgresql import Server
from tests.stores import Clock, lasting_store

SECOND = timedelta(seconds=1)


class Heard(logging.Handler):
    """What is logged, and that something was."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.something = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())
        self.something.set()

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Listen to a logger."""
        logging.getLogger(name).addHandler(self)
        yield
        logging.getLogger(name).removeHandler(self)


class Passing(threading.Event):
    """Waiting lets a test's time pass instead; at the end of it, or when told, it is set."""

    def __init__(self, clock: Clock, until: datetime, at_each: Callable[[], None]) -> None:
        super().__init__()
        self._clock = clock
        self._until = until
        self._at_each = at_each

    def wait(self, timeout: float | None = None) -> bool:
        """Let so many seconds pass."""
        assert timeout is not None
        self._clock.now += timedelta(seconds=timeout)
        self._at_each()
        if self._clock.now >= self._until:
            self.set()
        return self.is_set()


class Running:
    """A host that is kept running on a store of its own."""

    def __init__(self, database: Database) -> None:
        self.clock = Clock(START)
        self.database = database
        self.host = EmbeddedHost(self.database, WORKERS, services.sequencer, self.clock)
        for one in handed_over():
            self.clock.now = one.received_at
            self.host.append([one.value])
        self.host.drain()

    def run(self, until: datetime, at_each: Callable[[], None] = lambda: None) -> None:
        """Keep the line running until it is so late."""
        self.host.run(Passing(self.clock, until, at_each))

    @contextmanager
    def counted(self) -> Iterator[list[str]]:
        """Count how often somebody takes the write lock."""
        taken: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if statement == "BEGIN IMMEDIATE":
                taken.append(statement)

        event.listen(self.database.engine, "before_cursor_execute", note)
        try:
            yield taken
        finally:
            event.remove(self.database.engine, "before_cursor_execute", note)

    def breached(self) -> bool:
        """Say whether the hand-off's clock has been found breached."""
        with self.database.reading() as connection:
            kinds = connection.execute(select(timeline.c.kind)).scalars()
            return "sla_breached" in set(kinds)


@pytest.fixture
def running(tmp_path: Path) -> Running:
    return Running(lasting_store(tmp_path / "relevo.db"))


def test_an_idle_line_writes_once_a_tick_and_a_tick_is_rare(running: Running) -> None:
    with running.counted() as taken:
        running.run(running.clock.now + 10 * IDLE_TICK_EVERY)
    assert 10 <= len(taken) <= 12  # one takes the partitions over


def test_time_comes_on_while_nothing_happens(running: Running) -> None:
    running.run(running.clock.now + 3 * IDLE_TICK_EVERY)
    with running.database.reading() as connection:
        behind = [running.clock.now - (one.clock or START) for one in positions_of(connection)]
    assert max(behind) <= IDLE_TICK_EVERY + SECOND
    assert verify(running.database, WORKERS).agrees


def test_what_is_appended_to_an_idle_line_is_decided_within_a_second(running: Running) -> None:
    idle_since = running.clock.now
    waited: list[datetime] = []

    def say_once() -> None:
        if not waited and running.clock.now > idle_since + 7 * SECOND:
            running.host.append([handed_over()[1].value])
            waited.append(running.clock.now)
        elif len(waited) == 1 and not running.host.waiting():
            waited.append(running.clock.now)

    running.run(idle_since + 20 * SECOND, say_once)
    said_at, decided_by = waited
    assert decided_by - said_at < SECOND


def test_a_timer_of_an_idle_line_fires_within_a_second_of_its_instant(running: Running) -> None:
    running.clock.now = DUE_AT - 3 * SECOND
    running.run(DUE_AT - SECOND / 10)
    assert not running.breached()
    running.run(DUE_AT + SECOND)
    assert running.breached()
    assert verify(running.database, WORKERS).agrees


def test_a_line_is_ready_once_it_is_ours_and_never_while_it_is_anothers(running: Running) -> None:
    stop = threading.Event()
    refused: list[str] = []

    def ready() -> None:
        with pytest.raises(LineBusy) as busy:
            running.host.refuse_if_busy()
        refused.append(str(busy.value))
        stop.set()

    with line_lock(running.database.address, stays=True), pytest.raises(LineBusy):
        running.host.run(stop, ready=ready)
    assert refused == []
    running.host.run(stop, ready=ready)
    assert len(refused) == 1


def test_a_line_waits_for_who_has_it_only_for_a_piece_of_work(running: Running) -> None:
    stop, heard = threading.Event(), Heard()
    line = threading.Thread(target=running.host.run, args=(stop,), kwargs={"ready": stop.set})
    with heard.of("infra.embedded.host"), line_lock(running.database.address):
        line.start()
        assert heard.something.wait(60)
        assert not stop.is_set()
    line.join(60)
    assert stop.is_set()
    assert heard.said == [f"Waiting for relevo, process {os.getpid()}, which has the line until it is done."]


def test_who_has_the_line_without_having_signed_is_waited_for_in_a_whole_sentence(running: Running) -> None:
    stop, heard = Passing(running.clock, running.clock.now + SECOND, lambda: None), Heard()
    file = running.database.address.file
    assert file is not None
    with heard.of("infra.embedded.host"), line_lock(running.database.address):
        lock_path(file).write_text("")
        running.host.run(stop)
    assert heard.said == ["Waiting for another process, which has the line until it is done."]


def test_what_an_erasure_blanked_is_gone_from_the_log_beside_the_file(
    running: Running, tmp_path: Path
) -> None:
    def traces() -> list[str]:
        files = (file for file in tmp_path.iterdir() if b"ana@example.com" in file.read_bytes())
        return [file.name for file in files]

    ana = Subject(email="ana@example.com", name="Ana")
    said = [event_of(Captured(), ana, event_id="a"), event_of(Erased(), ana, event_id="b")]
    begun, still_there = running.clock.now, []
    with open_store(f"sqlite:///{tmp_path}/relevo.db") as other, other.reading() as connection:

        def at_each() -> None:
            if running.clock.now == begun + SECOND / 10:
                connection.exec_driver_sql("SELECT * FROM facts").all()
                running.host.append([write_fact(one) for one in said])
            elif running.clock.now == begun + 5 * SECOND:
                still_there.extend(traces())
                connection.rollback()

        running.run(begun + 2 * IDLE_TICK_EVERY, at_each)
        assert "relevo.db-wal" in still_there  # while somebody read
        assert traces() == []


def test_a_machine_whose_time_is_set_back_goes_on(running: Running) -> None:
    was = running.clock.now
    moved: list[datetime] = []

    def set_back_once() -> None:
        if not moved:
            moved.append(running.clock.now)
            running.clock.now -= timedelta(hours=1)

    with running.counted() as taken:
        running.run(was - timedelta(hours=1) + IDLE_TICK_EVERY + SECOND, set_back_once)
    with running.database.reading() as connection:
        assert {one.clock for one in positions_of(connection)} == {was}
    assert len(taken) == 3  # it takes the partitions over, sees that time was set back, and ticks


@pytest.mark.postgres
def test_a_line_whose_server_goes_away_waits_and_goes_on(
    postgresql: Server, caplog: pytest.LogCaptureFixture
) -> None:
    host, port = str(postgresql.url.host), postgresql.url.port or 5432
    with (
        postgresql.database() as name,
        cable_to(host, port) as cable,
        open_store(postgresql.address(name, host="127.0.0.1", port=cable.port)) as database,
    ):
        running = Running(database)
        running.clock.now = DUE_AT - SECOND
        looked = count()

        def away_for_a_while() -> None:
            turn = next(looked)
            if turn == 2:
                cable.cut()
            elif turn == 4:
                cable.mend()

        with caplog.at_level("WARNING", "infra.embedded.host"):
            running.run(DUE_AT + 10 * SECOND, away_for_a_while)
        assert "the line waits" in caplog.text
        assert running.breached()
