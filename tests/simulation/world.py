"""The line as many processes over topics in memory, in a world where everything that may go wrong does.

A **seat** is a worker's place at one partition; whoever sits there may die at any moment and is replaced. A
**topic** keeps all that was ever sent, so that a reader may go back. Everything follows from the seed: which
seat acts next, how much it takes, when it dies, how far back the next one begins, which record comes twice,
and when the late sends of the dead arrive.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

import services.sequencer
from infra.commit import Delivered, Outgoing, Station
from infra.commit_journal import JournalStation
from infra.journal.ports import LogRecord
from infra.store.database import Database
from infra.store.positions import Fenced
from infra.worker import Worker
from schemas.topics import partition_of
from services.pipeline import WORKERS
from tests.histories import Said
from tests.simulation.faults import Crash, Faults, FragileDatabase, Lost


@dataclass
class Topic:
    """One hop: what was sent, by partition, in the order of arrival."""

    name: str
    partitions: list[list[bytes]]

    def send(self, one: Outgoing, sender: int | None) -> None:
        """Take a record; a relaying worker writes its own partition, the sequencer all of them."""
        if one.is_letter:
            return
        if sender is not None:
            places = [sender]
        elif one.lead_id is None:
            places = list(range(len(self.partitions)))
        else:
            places = [partition_of(one.lead_id, len(self.partitions))]
        for place in places:
            self.partitions[place].append(one.value)


@dataclass
class Mishaps:
    """How much goes wrong, as chances a turn."""

    crash: float = 0.3
    rewind: float = 0.5
    repeat: float = 0.1
    usurper: float = 0.03
    loss: float = 0.05
    most_moments: int = 40


CALM = Mishaps(0, 0, 0, 0, 0)
"""Nothing goes wrong."""


@dataclass
class Outlet:
    """What one seat's processes send through.

    The rest of what the dead were sending arrives late; and it may lose a record and deliver later ones.
    """

    world: "World"
    topic: Topic
    sender: int | None

    def __call__(self, outgoing: Sequence[Outgoing]) -> None:
        """Send records in their order.

        Raises:
            Lost: One of them was not delivered; some of those behind it were.
        """
        if self.world.rng.random() < self.world.mishaps.loss:
            self._lose_one(outgoing)
        for place, one in enumerate(outgoing):
            try:
                self.world.faults.moment("publish")
            except Crash:
                late = [(self.topic, each, self.sender) for each in outgoing[place:]]
                self.world.late.append(late)
                raise
            self.topic.send(one, self.sender)
            if self.world.rng.random() < self.world.mishaps.repeat:
                self.topic.send(one, self.sender)

    def _lose_one(self, outgoing: Sequence[Outgoing]) -> None:
        lost = self.world.rng.randrange(len(outgoing))
        last = self.world.rng.randint(lost, len(outgoing))
        for one in (*outgoing[:lost], *outgoing[lost + 1 : last]):
            self.topic.send(one, self.sender)
        self.world.lost += 1
        raise Lost


@dataclass
class Seat:
    """A worker's place at one partition."""

    name: str
    hire: Callable[[], "Station | JournalStation"]
    read: Callable[[int, int], list[bytes] | list[LogRecord]]
    end: Callable[[], int]
    incumbent: "Station | JournalStation | None" = None
    offset: int = 0
    ousted: "list[tuple[Station | JournalStation, int]]" = field(default_factory=list)
    lost_something: bool = False

    def has_work(self) -> bool:
        """Whether anything has been sent that nobody here has read, or is to be sent again."""
        return self.incumbent is None or self.lost_something or self.offset < self.end()

    def sit_down(self, rng: Random, mishaps: Mishaps) -> None:
        """Let a new process take the seat over; it may be given records that were decided before."""
        station = self.hire()
        offset = station.take_over()
        if rng.random() < mishaps.rewind:
            offset -= rng.randint(0, min(offset, 6))
        self.incumbent, self.offset, self.lost_something = station, offset, False

    def send_again(self) -> None:
        """Let the process in the seat send again what it lost, and read on from where it stands."""
        assert self.incumbent is not None
        self.offset = self.incumbent.take_over()
        self.lost_something = False

    def take(self, count: int) -> None:
        """Let the process in the seat take as many records."""
        assert self.incumbent is not None
        self.offset += self.hand(self.incumbent, self.offset, count)

    def hand(self, station: "Station | JournalStation", offset: int, count: int) -> int:
        """Hand records to a process; return how many."""
        values = self.read(offset, count)
        if isinstance(station, JournalStation):
            station.process([one for one in values if isinstance(one, LogRecord)])
        else:
            station.process(
                [Delivered(offset + place, one) for place, one in enumerate(values) if isinstance(one, bytes)]
            )
        return len(values)


class World:
    """One tenant's line."""

    def __init__(
        self,
        database: Database,
        said: list[Said],
        rng: Random,
        mishaps: Mishaps,
        *,
        partitions: int = 2,
        faults: Faults | None = None,
    ) -> None:
        self.rng = rng
        self.mishaps = mishaps
        self.faults = faults or Faults()
        self.late: list[list[tuple[Topic, Outgoing, int | None]]] = []
        self.crashes: list[str] = []
        self.fenced = 0
        self.lost = 0
        self._database = FragileDatabase.over(database, self.faults)
        self._log = [LogRecord(offset, one.received_at, one.value) for offset, one in enumerate(said)]
        self._shown = 0
        journal = self._topic("journal", partitions)
        self.topics = {"journal": journal}
        hire = self._hire_sequencer(Outlet(self, journal, None))
        self.seats = [Seat("sequencer", hire, self._read_log, lambda: self._shown)]
        upstream = journal
        for worker in WORKERS:
            topic = self.topics[worker.name] = self._topic(worker.name, partitions)
            self.seats += [self._seat(worker, number, upstream, topic) for number in range(partitions)]
            upstream = topic if worker.relays else upstream

    def run(self) -> None:
        """Let everything happen until nothing is left to do."""
        self.faults.disarm()
        while True:
            if self._shown < len(self._log):
                self._shown += self.rng.randint(1, 3)
                self._shown = min(self._shown, len(self._log))
            busy = [seat for seat in self.seats if seat.has_work()]
            if not busy:
                if self._shown == len(self._log) and not self.late:
                    return
                self._deliver_late()
                continue
            self.turn(self.rng.choice(busy))

    def show(self, count: int) -> None:
        """Let the log have so many records, and no more for now."""
        self._shown = count

    def show_all(self) -> None:
        """Let the log have everything that it will ever have."""
        self.show(len(self._log))

    def turn(self, seat: Seat) -> None:
        """Let a seat's process take a few records, unless it dies."""
        rng, mishaps = self.rng, self.mishaps
        if self.late and rng.random() < 0.3:
            self._deliver_late()
        if rng.random() < mishaps.crash:
            self.faults.arm(rng.randrange(mishaps.most_moments))
        try:
            if seat.incumbent is not None and rng.random() < mishaps.usurper:
                if not seat.lost_something:  # else it knows that it must take its seat over
                    seat.ousted.append((seat.incumbent, seat.offset))
                seat.incumbent = None
            if seat.incumbent is None:
                seat.sit_down(rng, mishaps)
            elif seat.lost_something:
                seat.send_again()
            seat.take(rng.randint(1, 8))
            self.faults.disarm()
            self._awake(seat)
        except Crash as crash:
            self.crashes.append(str(crash))
            seat.incumbent = None
        except Lost:
            seat.lost_something = True
        finally:
            self.faults.disarm()

    def _awake(self, seat: Seat) -> None:
        """Let a process that was frozen while another took its seat go on as if nothing had happened."""
        for station, offset in seat.ousted:
            if seat.read(offset, 1):
                try:
                    seat.hand(station, offset, 3)
                except Fenced:
                    self.fenced += 1
        seat.ousted = []

    def _deliver_late(self) -> None:
        if not self.late:
            return
        some = self.late.pop(self.rng.randrange(len(self.late)))
        for topic, one, sender in some[: self.rng.randint(1, len(some))]:
            topic.send(one, sender)

    def _topic(self, name: str, partitions: int) -> Topic:
        return Topic(name, [[] for _ in range(partitions)])

    def _hire_sequencer(self, outlet: Outlet) -> Callable[[], JournalStation]:
        return lambda: JournalStation(services.sequencer, self._database, outlet)

    def _read_log(self, offset: int, count: int) -> list[LogRecord]:
        return self._log[offset : min(offset + count, self._shown)]

    def _seat(self, worker: Worker, number: int, upstream: Topic, topic: Topic) -> Seat:
        outlet, heard = Outlet(self, topic, number), upstream.partitions[number]
        return Seat(
            f"{worker.name}/{number}",
            lambda: Station(worker, number, self._database, outlet),
            lambda offset, count: heard[offset : offset + count],
            lambda: len(heard),
        )
