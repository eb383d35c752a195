"""The partitions in hand: what is done about them when they are to be given back."""

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from infra.kafka.crew import Crew
from infra.kafka.post import Post
from infra.kafka.producing import Undelivered
from infra.kafka.work import KafkaRecord
from tests.infra.kafka.fetching import fetched
from tests.infra.kafka.test_post import Ledger


@dataclass
class Stuck(Ledger):
    """Work that is in the midst of a batch until it is let go, and then was not delivered."""

    begun: threading.Event = field(default_factory=threading.Event)
    let_go: threading.Event = field(default_factory=threading.Event)

    def process(self, records: Sequence[KafkaRecord]) -> None:
        """Wait, and fail."""
        self.begun.set()
        self.let_go.wait()
        raise Undelivered("no broker")


class Nowhere:
    """A consumer that has nothing."""

    async def read_from(self, number: int, offset: int) -> None:
        """Read nothing."""

    def unread(self, number: int) -> int:
        """Return none."""
        return 0


def test_a_partition_that_is_given_back_is_not_taken_over_again_when_its_batch_fails() -> None:
    works: list[Stuck] = []

    def hire(post: Post) -> Stuck:
        works.append(Stuck(post, stands=10))
        return works[-1]

    async def give_back() -> None:
        crew = Crew("scoring", hire, lambda: None, lambda _: None)
        crew.reading = Nowhere()
        await crew.seat([0])
        crew.take(fetched(10, 10))
        await asyncio.to_thread(works[0].begun.wait)
        crew.unseat()
        works[0].let_go.set()
        await crew.rest()
        await crew.seat(())

    asyncio.run(give_back())
    assert works[0].takeovers == 1
