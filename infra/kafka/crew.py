"""Every partition that this process has in hand, between the consumer's loop and the partitions' threads.

The consumer says which partitions are its own (``seat``) and hands over what it fetched (``take``); the crew
sees to it that nothing is fetched for a partition before it has been taken over and the consumer has been
told where to read on, and that when partitions are taken away no batch is in hand any more (``rest``).
Everything here runs on one event loop.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable
from typing import Protocol

from infra.kafka.errors import HostError
from infra.kafka.post import Post
from infra.kafka.watchdog import Sighting
from infra.kafka.work import Fetched, Work

SEATING_SECONDS = 20
"""How long an assignment waits for its partitions; what takes longer goes on by itself."""

NOT_TOLD = "the brokers have not said yet which partitions are its own"

_log = logging.getLogger(__name__)


class Reading(Protocol):
    """What the crew asks of the consumer."""

    async def read_from(self, number: int, offset: int) -> None:
        """Read a partition from an offset on; raise if the log does not have it."""

    def unread(self, number: int) -> int:
        """Return how many offsets of a partition were not fetched."""


class Crew:
    """The partitions in hand.

    Attributes:
        posts: By partition.
        settled: Whether what was assigned last has been taken care of once.
        failure: What stopped the worker, if anything did.
        reading: The consumer; it makes itself known.
    """

    def __init__(
        self,
        worker: str,
        hire: Callable[[Post], Work],
        stop: Callable[[], None],
        took: Callable[[float], None],
    ) -> None:
        self.worker = worker
        self.posts: dict[int, Post] = {}
        self.settled = False
        self.failure: BaseException | None = None
        self.reading: Reading
        self._hire = hire
        self._stop = stop
        self._took = took
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def hindrance(self) -> str | None:
        """Why not every partition of this process is at work, a line each; None if nothing is in the way."""
        if self.failure is not None:
            return f"it stops: {self.failure}"
        if not self.settled:
            return NOT_TOLD
        idle = [post for post in list(self.posts.values()) if not post.seated]
        return "\n".join(f"{post.name}: {post.waits_for or 'is being taken over'}" for post in idle) or None

    @property
    def ready(self) -> bool:
        """Whether nothing hinders it; with no partition of its own it stands by."""
        return self.hindrance is None

    def wants(self, number: int) -> bool:
        """Whether a partition takes another batch."""
        return number in self.posts and self.posts[number].wants

    def next_offset(self, number: int) -> int | None:
        """Return where a partition stands, while it is this process's."""
        post = self.posts.get(number)
        return post.next_offset if post is not None and post.seated else None

    def lag(self, post: Post) -> int:
        """Return how many offsets of a partition are not decided: those not fetched, and those in hand."""
        in_hand = max(post.outstanding, default=post.next_offset) - post.next_offset
        return self.reading.unread(post.number) + max(0, in_hand)

    def sightings(self) -> list[Sighting]:
        """Return the partitions as the watchdog sees them; one that waits for the store has no work."""
        return [
            Sighting(
                post.name,
                post.waits_for is None and bool(post.outstanding or self.reading.unread(post.number)),
                post.stirred_at,
            )
            for post in list(self.posts.values())
        ]

    async def seat(self, numbers: Iterable[int]) -> None:
        """Take partitions over and read on from where each of them stands; give back all others."""
        wanted = set(numbers)
        for number in self.posts.keys() - wanted:
            await self.posts.pop(number).close()
        try:
            posts = [self._post(number) for number in wanted]
        except HostError as error:
            self.fail(error)
            return
        tasks = {self._begin(self._seat(post)) for post in posts}
        self._tasks |= tasks
        if tasks:
            await asyncio.wait(tasks, timeout=SEATING_SECONDS)
        self.settled = True

    def expect(self, fetched: Fetched) -> None:
        """Take note that a batch is on its way."""
        post = self.posts.get(fetched.partition)
        if post is not None:
            post.outstanding.add(fetched.end)

    def take(self, fetched: Fetched) -> None:
        """Have a batch decided; returns at once."""
        post = self.posts.get(fetched.partition)
        if post is not None:
            self._tasks.add(self._begin(self._do(post, fetched)))

    def unseat(self) -> None:
        """Take nothing more from any partition."""
        for post in self.posts.values():
            post.unseat()

    async def rest(self) -> None:
        """Return when no batch is in hand; the partitions stay known."""
        self.unseat()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def fail(self, error: BaseException) -> None:
        """Stop the worker because of this."""
        if self.failure is None:
            self.failure = error
            self.unseat()
            self._stop()

    def _post(self, number: int) -> Post:
        if number not in self.posts:
            self.posts[number] = Post(self.worker, number, self._hire, self._took)
        return self.posts[number]

    def _begin(self, job: Coroutine[None, None, None]) -> "asyncio.Task[None]":
        task = asyncio.create_task(job)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.fail(error)

    async def _seat(self, post: Post) -> None:
        offset = await post.sit()
        if offset is None:
            return
        await self.reading.read_from(post.number, offset)
        post.take_seat()
        _log.info("%s reads on from %d", post.name, offset)

    async def _do(self, post: Post, fetched: Fetched) -> None:
        done = await post.do(fetched)
        if not done and not post.leaving and post is self.posts.get(post.number):
            await self._seat(post)
