"""Looking at the numbers: by the partition that is the last to come to an instant, once."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from infra.agreements import AgreementBook
from infra.decision import SignedAgreement
from infra.store.database import Database
from infra.store.positions import advance, take_over
from infra.store.reading.notices import alerts_like
from infra.store.tables.hosts import positions
from infra.store.writing import stowed
from infra.watching import PUBLISHER, Noticed, Watch, notices_in, watched
from schemas.agreement import Agreement
from schemas.alerts import Alert, AlertKind, NoticeOpened, Severity
from schemas.vocabulary import WorkerName
from services.alerts.view import notice_rows
from tests.histories import START, document
from tests.servers.postgresql import Server
from tests.stores import new_store

HOUR = timedelta(hours=1)
BOOK = AgreementBook([SignedAgreement(1, "test-1", "digest", START, document())])


class Looks:
    """Notes when somebody looked: from which instant, to which."""

    def __init__(self) -> None:
        self.seen: list[tuple[datetime | None, datetime]] = []

    def __call__(self, _: object, before: datetime | None, stamp: datetime, __: Agreement) -> tuple[()]:
        self.seen.append((before, stamp))
        return ()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with new_store(tmp_path / "relevo.db") as database:
        yield database


def come_to(
    database: Database,
    looks: Watch,
    number: int,
    stamp: datetime,
    partitions: int = 2,
    moved: Callable[[], object] = lambda: None,
) -> None:
    """Let one partition's time come on, as its commit does; ``moved`` is called when its position has."""
    with database.writing() as connection:
        position = take_over(connection, WorkerName.METRICS, number)
        advance(connection, WorkerName.METRICS, number, position, clock=stamp)
        moved()
        arrive = watched(looks, WorkerName.METRICS, number, partitions)
        arrive(connection, position.clock, stamp, BOOK)


def test_nobody_looks_while_a_partition_has_never_come_anywhere(database: Database) -> None:
    looks = Looks()
    come_to(database, looks, 0, START)
    assert looks.seen == []
    come_to(database, looks, 1, START)
    assert looks.seen == [(None, START)]


def test_the_last_to_come_there_looks_at_how_far_all_have_come(database: Database) -> None:
    looks = Looks()
    for number in (0, 1):
        come_to(database, looks, number, START)
    looks.seen = []
    come_to(database, looks, 0, START + HOUR)
    come_to(database, looks, 1, START + 2 * HOUR)
    assert looks.seen == [(START, START), (START, START + HOUR)]


def test_within_a_quarter_of_an_hour_nobody_looks(database: Database) -> None:
    looks = Looks()
    for number in (0, 1):
        come_to(database, looks, number, START)
    looks.seen = []
    come_to(database, looks, 0, START + timedelta(minutes=14))
    come_to(database, looks, 1, START + timedelta(minutes=14))
    assert looks.seen == []


def test_positions_of_other_workers_do_not_matter(database: Database) -> None:
    with database.writing() as connection:
        row = {"worker": "alerts", "partition": 7, "next_offset": 0, "version": 0, "seq": 0}
        connection.execute(insert(positions), row)
    looks = Looks()
    come_to(database, looks, 0, START, partitions=1)
    assert looks.seen == [(None, START)]


def test_nobody_looks_before_an_agreement_says_at_what(database: Database) -> None:
    looks = Looks()
    with database.writing() as connection:
        watched(looks, WorkerName.METRICS, 0, 1)(connection, None, START, AgreementBook())
    assert looks.seen == []


@pytest.mark.postgres
def test_partitions_that_come_there_at_the_same_moment_do_not_wait_for_each_other(postgresql: Server) -> None:
    partitions = 4
    looks, all_moved = Looks(), threading.Barrier(partitions, timeout=30)

    with postgresql.store() as database, ThreadPoolExecutor(partitions) as threads:

        def come(number: int) -> None:
            come_to(database, looks, number, START + HOUR, partitions, moved=all_moved.wait)

        for number in range(partitions):
            come_to(database, looks, number, START, partitions)
        looks.seen = []
        list(threads.map(come, range(partitions)))
    assert [until for _, until in looks.seen].count(START + HOUR) == 1


class Finds:
    """Finds a number out of bounds, whenever somebody looks."""

    def __call__(self, _: object, __: datetime | None, stamp: datetime, ___: Agreement) -> list[Noticed]:
        alert = Alert(
            alert_id="out_of_bounds/won_count/at least 1 over 28 days",
            kind=AlertKind.OUT_OF_BOUNDS,
            about="won_count",
            severity=Severity.WARNING,
            opened_at=stamp,
            summary="won_count is 0; agreed: at least 1 over 28 days",
        )
        notice = NoticeOpened(alert=alert)
        return [Noticed(notice, row) for row in notice_rows(notice, stamp)]


def test_what_is_noticed_is_written_down_and_waits_for_who_publishes_it(database: Database) -> None:
    come_to(database, Finds(), 0, START, partitions=1)
    with database.reading() as connection:
        ((_, row),) = stowed(connection, PUBLISHER, 0)
        (notice,) = notices_in(row)
        (alert,) = alerts_like(connection)
    assert (notice.alert.alert_id, notice.alert.opened_at) == (alert.alert_id, alert.opened_at)


def test_where_nothing_is_noticed_nothing_waits(database: Database) -> None:
    come_to(database, Looks(), 0, START, partitions=1)
    with database.reading() as connection:
        assert stowed(connection, PUBLISHER, 0) == []
