"""Years for the tests of the demo: told once, looked at by many."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from random import Random

from infra.wire import write_fact
from schemas.agreement import Agreement
from schemas.facts import FactEvent
from services.agreement.loader import default
from services.demo.cast import Cast, cast_of
from services.demo.life import Life
from services.demo.people import invent
from services.demo.year import Arrival, Item, arrivals

UNTIL = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)
AGREEMENT: Agreement = default()


@cache
def year(seed: int = 7, lead_count: int = 1000) -> tuple[Arrival, ...]:
    """Return a year under the default agreement, with the instant at which each fact arrives."""
    return tuple(arrivals(AGREEMENT, seed=seed, until=UNTIL, lead_count=lead_count))


def facts(seed: int = 7, lead_count: int = 1000) -> Iterator[FactEvent]:
    """Yield the events of a year that are no garbled bytes."""
    return (item for _, item in year(seed, lead_count) if isinstance(item, FactEvent))


def written(item: Item) -> bytes:
    """Return an item as the log holds it."""
    return item if isinstance(item, bytes) else write_fact(item)


def cast() -> Cast:
    """Return the cast of the default agreement."""
    return cast_of(AGREEMENT)


def life(seed: int = 1, number: int = 1) -> Life:
    """Return a life that has nothing in it yet."""
    rng = Random(seed)
    return Life(rng, cast(), invent(rng, number, home=("ES", "MX"), abroad=("FR",)), UNTIL)
