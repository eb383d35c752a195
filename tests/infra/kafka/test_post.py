"""One partition in hand: when it is worked, when it is taken over again, and what stops everything."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from infra.gaps import Gap, Missing
from infra.kafka import post as posts
from infra.kafka.errors import GapLasted
from infra.kafka.post import AHEAD, Leaving, Post
from infra.kafka.producing import Undelivered
from infra.kafka.work import Fetched, KafkaRecord
from infra.store.errors import StoreAway
from infra.store.positions import Fenced
from tests.infra.kafka.fetching import fetched


@dataclass
class Ledger:
    """Work that notes what it was given, and fails as it is told to, once for each error in ``errors``."""

    post: Post
    stands: int = 0
    taken: list[int] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)
    takeovers: int = 0
    closed: int = 0

    def take_over(self) -> int:
        """Return where to read on."""
        self.takeovers += 1
        if self.errors:
            raise self.errors.pop(0)
        return self.stands

    def process(self, records: Sequence[KafkaRecord]) -> None:
        """Note the records."""
        if self.errors:
            raise self.errors.pop(0)
        self.taken += [one.offset for one in records]
        self.sizes.append(len(records))
        self.stands = records[-1].offset + 1
        self.post.stir()

    @property
    def close(self) -> Callable[[], None]:
        """Notes that it was closed."""
        return self._close

    def _close(self) -> None:
        self.closed += 1


@pytest.fixture
def at_work(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Post, Ledger]]:
    """A post that has been taken over at offset 10, and the work done there; it pauses for no time."""
    monkeypatch.setattr(posts, "FIRST_PAUSE_SECONDS", 0.0)
    ledgers: list[Ledger] = []

    def hire(post: Post) -> Ledger:
        ledgers.append(Ledger(post, stands=10))
        return ledgers[-1]

    post = Post("scoring", 0, hire)
    seat(post)
    yield post, ledgers[0]
    asyncio.run(post.close())


def seat(post: Post) -> int | None:
    """Take a post over, as the crew does."""
    offset = asyncio.run(post.sit())
    post.seated = offset is not None
    return offset


def do(post: Post, batch: Fetched) -> bool:
    """Have a batch decided; return whether the partition is still this process's."""
    return asyncio.run(post.do(batch))


At = tuple[Post, Ledger]


def test_what_is_fetched_is_decided_and_the_post_stands_behind_it(at_work: At) -> None:
    post, ledger = at_work
    assert do(post, fetched(10, 10, 11, 12))
    assert (ledger.taken, post.next_offset) == ([10, 11, 12], 13)


def test_what_was_decided_before_is_passed_over(at_work: At) -> None:
    post, ledger = at_work
    assert do(post, fetched(8, 8, 9, 10, 11))
    assert ledger.taken == [10, 11]
    assert do(post, fetched(8, 8, 9))
    assert (ledger.taken, post.next_offset) == ([10, 11], 12)


def test_a_gap_that_transactions_left_is_none(at_work: At) -> None:
    post, ledger = at_work
    assert do(post, fetched(10, 12))
    assert do(post, fetched(13, 15))
    assert (ledger.taken, post.next_offset) == ([12, 15], 16)


def test_what_was_lost_on_the_way_here_is_read_again(at_work: At) -> None:
    post, ledger = at_work
    assert not do(post, fetched(11, 11, 12))
    assert (ledger.taken, post.seated) == ([], False)


@pytest.mark.parametrize("error", [Fenced("scoring", 0), StoreAway("away"), Undelivered("no broker")])
def test_what_passes_by_itself_has_the_partition_taken_over_again(at_work: At, error: Exception) -> None:
    post, ledger = at_work
    ledger.errors = [error]
    assert not do(post, fetched(10, 10))
    assert (post.seated, post.waits_for) == (False, str(error))
    assert post.fences == isinstance(error, Fenced)
    assert seat(post) == 10
    assert post.waits_for is None
    assert do(post, fetched(10, 10))
    assert ledger.taken == [10]


def test_nothing_is_taken_between_a_failure_and_the_next_take_over(at_work: At) -> None:
    post, ledger = at_work
    ledger.errors = [StoreAway("away")]
    assert not do(post, fetched(10, 10))
    assert do(post, fetched(11, 11))
    assert ledger.taken == []


def test_to_take_over_is_tried_until_it_can_be(at_work: At) -> None:
    post, ledger = at_work
    post.unseat()
    ledger.errors = [StoreAway("away"), Undelivered("no broker"), StoreAway("away")]
    assert seat(post) == 10
    assert ledger.takeovers == 5


def test_records_that_never_came_stop_the_worker(at_work: At) -> None:
    post, ledger = at_work
    ledger.errors = [Gap("scoring", [Missing("L1", 2, 5)])]
    with pytest.raises(GapLasted, match="lead L1 from version 3 on"):
        do(post, fetched(10, 10))


def test_a_bug_stops_the_worker(at_work: At) -> None:
    post, ledger = at_work
    ledger.errors = [ZeroDivisionError("a bug")]
    with pytest.raises(ZeroDivisionError):
        do(post, fetched(10, 10))


def test_a_post_that_is_given_back_stops_behind_the_commit_in_hand(at_work: At) -> None:
    post, ledger = at_work
    post.unseat()
    with pytest.raises(Leaving):
        post.stir()
    assert do(post, fetched(10, 10))
    assert ledger.taken == []


def test_it_wants_a_few_batches_at_most(at_work: At) -> None:
    post, _ = at_work
    wanted = []
    for count in range(AHEAD + 1):
        post.outstanding = set(range(count))
        wanted.append(post.wants)
    post.outstanding.clear()
    post.unseat()
    assert (wanted, post.wants) == ([True] * AHEAD + [False], False)


def test_what_waits_for_the_batch_in_hand_is_decided_together(at_work: At) -> None:
    post, ledger = at_work

    async def come_at_once() -> list[bool]:
        batches = fetched(10, 10, 11), fetched(12, 12), fetched(13, 13, 14)
        return await asyncio.gather(*map(post.do, batches))

    assert asyncio.run(come_at_once()) == [True, True, True]
    assert (ledger.sizes, post.next_offset) == ([2, 3], 15)


def test_what_it_holds_is_let_go(at_work: At) -> None:
    post, ledger = at_work
    asyncio.run(post.close())
    assert ledger.closed == 1
    post._thread = type(post._thread)(1)
