"""Sources side by side: one that is away is tried again, and the others are served meanwhile."""

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import pytest

from infra.elsewhere.away import SourceAway
from infra.store.database import Database
from infra.store.pulls import Batch, Position
from services.intake.pulling.origin import Keeper, Notice
from services.intake.pulling.puller import Puller, once, run_all
from services.intake.pulling.rows import Row
from tests.services.intake.pulling.fetching import CONTACTS, Fetching, fetched_source

PULL = {"url_env": "DB", "table": "contacts", "key": "id", "every": "1s"}


@dataclass
class Scripted:
    """An origin that does what each look's script says, and stops everything after the last."""

    keeper: Keeper
    script: list[Callable[[], list[Row]]]
    stop: threading.Event
    closed: list[bool] = field(default_factory=list)

    def batches(self, position: Position, files: Mapping[str, str]) -> Iterator[Batch | Notice]:
        """Play the next look."""
        look = self.script.pop(0)
        if not self.script:
            self.stop.set()
        yield Batch(self.keeper.rows(look()))

    def close(self) -> None:
        """Note it."""
        self.closed.append(True)


def row(number: int) -> Row:
    return Row(f"contacts {number}", {"id": number, "email": f"{number}@example.com", "stage": "new"})


def away() -> list[Row]:
    raise SourceAway("the CRM does not answer")


def bug() -> list[Row]:
    raise LookupError("a bug")


class Impatient(threading.Event):
    """An event at which nobody waits, so that pauses cost a test nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.pauses: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        """Note how long somebody would have waited."""
        if timeout is not None:
            self.pauses.append(timeout)
        return self.is_set()


def scripted(
    one: Fetching, stop: threading.Event, script: list[Callable[[], list[Row]]]
) -> tuple[Puller, Scripted]:
    origin = Scripted(Keeper(one.source, one.now), script, stop)

    return Puller(one.source, one.database, lambda _source, _now: origin, tell=one.told.append), origin


@pytest.fixture
def one(store: Database) -> Fetching:
    return Fetching(store, fetched_source("sql", PULL, CONTACTS, DB=""))


def test_a_source_that_is_away_is_tried_again_after_growing_pauses(one: Fetching) -> None:
    stop = Impatient()
    puller, origin = scripted(one, stop, [away, away, lambda: [row(1)]])
    puller.run(stop)
    first, second, third = stop.pauses
    assert 4 <= first <= 5
    assert 8 <= second <= 10
    assert third == 1
    assert one.told[0].startswith("crm: the CRM does not answer; trying again in ")
    assert one.told[2:] == ["crm: is back", "crm: 1 new rows, 0 known already"]
    assert (one.counted(), origin.closed) == ((1, 0), [True])


def test_pauses_do_not_grow_without_end(one: Fetching) -> None:
    stop = Impatient()
    puller, _ = scripted(one, stop, [away] * 30)
    puller.run(stop)
    assert max(stop.pauses) <= 300


def test_a_bug_in_one_source_ends_them_all_and_is_said(one: Fetching) -> None:
    stop = threading.Event()
    broken, _ = scripted(one, threading.Event(), [bug])
    waiting, _ = scripted(one, threading.Event(), [away, away])
    with pytest.raises(LookupError, match="a bug"):
        run_all([waiting, broken], stop)


def test_one_look_says_of_each_source_what_it_came_to(one: Fetching) -> None:
    stop = threading.Event()
    good, _ = scripted(one, stop, [lambda: [row(1), row(2)]])
    bad, _ = scripted(one, stop, [away])
    looks, wrong = once({"bad": bad, "good": good}, threading.Event())
    assert looks["good"].new_count == 2
    assert wrong == {"bad": "the CRM does not answer"}
