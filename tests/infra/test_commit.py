"""A commit on a server that breaks off, deadlocks and comes back: written once, published once."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from infra.commit import Holding, NotHeld, Outgoing
from infra.store.database import Database, Transaction
from infra.store.errors import StoreUnavailable
from infra.store.opening import open_store
from infra.store.positions import Fenced
from infra.store.writing import stowed, write_rows
from schemas.entries import Tick
from schemas.read_model import Row
from schemas.vocabulary import WorkerName
from tests.builders import instant
from tests.servers.cable import Cable, cable_to
from tests.servers.postgresql import Server
from tests.waiting import wait_for

pytestmark = pytest.mark.postgres

AT = instant("2026-03-02 09:00")
SCORING, LIFECYCLE = WorkerName.SCORING, WorkerName.LIFECYCLE


@dataclass
class Scene:
    """A store that is reached over a cable, and the same store at its server's side."""

    database: Database
    near: Database
    cable: Cable
    published: list[Outgoing] = field(default_factory=list)

    def holding(self, worker: WorkerName = SCORING) -> Holding:
        holding = Holding(self.database, worker, 0, self.published.extend)
        holding.take_over()
        return holding

    def scores(self) -> list[int]:
        with self.near.reading() as connection:
            return list(connection.exec_driver_sql("SELECT fit FROM leads ORDER BY lead_id").scalars())


@pytest.fixture
def scene(postgresql: Server) -> Iterator[Scene]:
    host, port = str(postgresql.url.host), postgresql.url.port or 5432
    with postgresql.database() as name, cable_to(host, port) as cable:
        postgresql.run(f"ALTER DATABASE {name} SET deadlock_timeout = '20ms'")
        with (
            open_store(postgresql.address(name)) as near,
            open_store(postgresql.address(name, host="127.0.0.1", port=cable.port)) as far,
        ):
            yield Scene(far, near, cable)


def scored(fit: int) -> Callable[[Transaction], None]:
    return lambda connection: write_rows(connection, [Row("leads", ("L1",), (("fit", fit),))])


def test_a_commit_whose_answer_is_lost_is_found_to_stand_and_is_not_written_again(scene: Scene) -> None:
    holding = scene.holding()
    scene.cable.lose_answer(b"COMMIT")
    holding.commit(scored(1), [Tick(AT)], next_offset=7)
    assert scene.cable.lost_count == 1
    assert (scene.scores(), holding.position.next_offset, len(scene.published)) == ([1], 7, 1)
    holding.commit(scored(2), [], next_offset=8)
    with scene.near.reading() as connection:
        assert stowed(connection, SCORING, 0) == []
    assert scene.scores() == [2]


@pytest.mark.parametrize("message", [b"BEGIN", b"UPDATE positions", b"INSERT INTO leads", b"COMMIT"])
def test_a_commit_that_the_server_never_heard_of_is_tried_again(scene: Scene, message: bytes) -> None:
    holding = scene.holding()
    scene.cable.lose_question(message)
    holding.commit(scored(1), [Tick(AT)], next_offset=7)
    assert scene.cable.lost_count == 1
    assert (scene.scores(), holding.position.next_offset, len(scene.published)) == ([1], 7, 1)


def test_a_commit_that_was_lost_while_another_took_over_does_not_stand(scene: Scene) -> None:
    holding = scene.holding()

    def taken_over_meanwhile(connection: Transaction) -> None:
        scored(1)(connection)
        if not scene.cable.lost_count:
            scene.cable.lose_question(b"COMMIT")
            threading.Thread(target=Holding(scene.near, SCORING, 0, scene.published.extend).take_over).start()
            # The other waits for our row; what ends our session lets it go on.
            wait_for("somebody to wait for a lock", lambda: somebody_waits(scene.near))

    with pytest.raises(Fenced):
        holding.commit(taken_over_meanwhile, [Tick(AT)], next_offset=7)
    assert (scene.scores(), scene.published) == ([], [])


def somebody_waits(database: Database) -> bool:
    waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    with database.reading() as connection:
        return bool(connection.exec_driver_sql(waiting).scalar())


def test_two_that_stand_in_each_others_way_both_get_through(scene: Scene) -> None:
    both_hold_one = threading.Barrier(2)
    tries: list[str] = []

    def writing(first: str, second: str) -> Callable[[Transaction], None]:
        def write(connection: Transaction) -> None:
            tries.append(first)
            write_rows(connection, [Row("leads", (first,), (("fit", 1),))])
            if tries.count(first) == 1:
                both_hold_one.wait(60)
            write_rows(connection, [Row("leads", (second,), (("fit", 2),))])

        return write

    one, other = scene.holding(SCORING), scene.holding(LIFECYCLE)
    thread = threading.Thread(target=other.commit, args=(writing("L2", "L1"), []))
    thread.start()
    one.commit(writing("L1", "L2"), [])
    thread.join()
    assert len(tries) == 3
    assert len(scene.scores()) == 2


def test_a_server_that_stays_away_is_given_up_and_the_partition_must_be_taken_over(scene: Scene) -> None:
    holding = scene.holding()
    scene.cable.cut()
    with pytest.raises(StoreUnavailable):
        holding.commit(scored(1), [], next_offset=7)
    with pytest.raises(NotHeld):
        _ = holding.position
    scene.cable.mend()
    assert holding.take_over().next_offset == 0
    holding.commit(scored(1), [], next_offset=7)
    assert scene.scores() == [1]
