"""A believable year of leads, told by several tools, up to an instant: the same for the same seed.

Leads are born day by day, more of them in spring and autumn, few in August and on weekends. Each one's life
is drafted whole when it is born; drafts wait in a queue until the day on which the line hears of them, and
whatever the line would hear after ``until`` has not happened yet, so that the year ends in the middle of
things: hand-offs that nobody has answered, deals that have fallen asleep. Nothing but those drafts is kept,
so that a hundred thousand leads fit where two thousand do.

Everything is drawn from one ``random.Random(seed)``.
"""

import heapq
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import accumulate, pairwise

from schemas.agreement import Agreement
from schemas.facts import FactEvent
from services.demo import mishaps, story
from services.demo.cast import Cast, cast_of
from services.demo.life import Life, become_known, fade_away, stay_in_touch, warm_up
from services.demo.people import Match, invent
from services.demo.selling import hand_over
from services.demo.tools import Draft

DAYS = 365

_BY_MONTH = (0.9, 1.1, 1.25, 1.1, 1.1, 0.95, 0.7, 0.4, 1.2, 1.3, 1.15, 0.6)
_BY_WEEKDAY = (1.1, 1.2, 1.2, 1.1, 0.8, 0.3, 0.25)
_GROWTH = 0.3
"""How much busier the last day is than the first."""

_WARM = {Match.GOOD: 0.5, Match.FAIR: 0.3, Match.POOR: 0.1}
"""How many of those who match so well come to want it."""

_NONSENSE = 0.003
"""How often a tool says something that cannot be taken."""

_A_MOMENT = timedelta(microseconds=1)

Item = FactEvent | bytes
Arrival = tuple[datetime, Item]


def demo_year(
    agreement: Agreement, *, seed: int, until: datetime, lead_count: int = 2000, import_id: str | None = None
) -> Iterator[Item]:
    """Yield a year of facts, in the order in which the line hears of them.

    Args:
        agreement: Whose owners, reasons and campaigns the facts name.
        seed: Equal seeds (and ends) make equal years.
        until: When the year ends (aware, UTC); nothing arrives later.
        lead_count: How many leads are born in the year.
        import_id: The import that the facts belong to, if any.

    Raises:
        SourceUnusable: The agreement hands leads over to nobody.
    """
    year = arrivals(agreement, seed=seed, until=until, lead_count=lead_count, import_id=import_id)
    return (item for _, item in year)


def arrivals(
    agreement: Agreement, *, seed: int, until: datetime, lead_count: int = 2000, import_id: str | None = None
) -> Iterator[Arrival]:
    """Yield the same year with the instant at which the line hears of each fact, never going back.

    See ``demo_year`` for the arguments.
    """
    telling = _Telling(random.Random(seed), cast_of(agreement), until, import_id)  # noqa: S311  a story, no secret
    return telling.told(seed, lead_count)


class _Telling:
    """The year as it is told: chance, and the queue of what has happened and is not heard of yet."""

    def __init__(self, rng: random.Random, cast: Cast, until: datetime, import_id: str | None) -> None:
        self._rng = rng
        self._cast = cast
        self._until = until
        self._import_id = import_id
        self._queue: list[tuple[datetime, int, Draft]] = []
        self._count = 0

    def told(self, seed: int, lead_count: int) -> Iterator[Arrival]:
        """Yield the year day by day; what a day's leads bring lies on that day or later."""
        for draft in story.told(self._rng, self._cast, seed, self._until):
            self._wait(draft)  # as it was written: no mishap befalls it
        number = 0
        for day, births in _births(self._until, lead_count):
            yield from self._heard_before(day)
            for _ in range(births):
                number += 1
                self._live(number, day)
        yield from self._heard_before(self._until + _A_MOMENT)

    def _live(self, number: int, day: datetime) -> None:
        person = invent(self._rng, number, home=self._cast.home, abroad=self._cast.abroad)
        life = Life(self._rng, self._cast, person, self._until)
        known_at = become_known(life, life.days_later(day, 0))
        (fate,) = self._rng.choices(tuple(_FATES), weights=tuple(_FATES.values()))
        fate(life, known_at)
        for draft in life.drafts:
            for delivery in mishaps.delivered(self._rng, draft, self._until):
                self._wait(delivery)

    def _wait(self, draft: Draft) -> None:
        if draft.arrives_at <= self._until:
            self._count += 1
            heapq.heappush(self._queue, (draft.arrives_at, self._count, draft))

    def _heard_before(self, end: datetime) -> Iterator[Arrival]:
        while self._queue and self._queue[0][0] < end:
            arrives_at, _, draft = heapq.heappop(self._queue)
            yield arrives_at, draft.event(self._import_id)
            if self._rng.random() < _NONSENSE:
                yield arrives_at, mishaps.nonsense(self._rng, draft, self._cast.currency, self._import_id)


def _usual(life: Life, known_at: datetime) -> None:
    """Warm up and be handed over, or fade away."""
    if life.rng.random() < _WARM[life.person.fit]:
        at = stay_in_touch(life, known_at, life.rng.randrange(6))
        at = warm_up(life, life.days_later(at, life.rng.randrange(1, 6)))
        if life.person.fit is not Match.POOR:
            hand_over(life, at)
            return
    fade_away(life, known_at)


def _known_twice(life: Life, known_at: datetime) -> None:
    mishaps.be_known_twice(life, known_at)
    _usual(life, known_at)


def _unsubscribed(life: Life, known_at: datetime) -> None:
    mishaps.withdraw_consent(life, known_at)
    _usual(life, known_at)


def _forgotten(life: Life, known_at: datetime) -> None:
    mishaps.ask_to_be_forgotten(life, known_at)


def _test(life: Life, known_at: datetime) -> None:
    """Somebody of the team tries the forms; what the test does is marked as one."""
    hand_over(life, warm_up(life, life.minutes_later(known_at, 60)), returns=0)
    life.drafts = [replace(draft, test=True) for draft in life.drafts]


_FATES: dict[Callable[[Life, datetime], None], int] = {
    _usual: 955,
    _known_twice: 12,
    _unsubscribed: 20,
    _forgotten: 2,
    _test: 11,
}
"""How many of a thousand leads fare so."""


def _births(until: datetime, lead_count: int) -> Iterator[tuple[datetime, int]]:
    """Yield each day of the year with the number of leads that are born on it; they add up to the count."""
    midnight = until.replace(hour=0, minute=0, second=0, microsecond=0)
    days = [midnight - timedelta(days=ago) for ago in range(DAYS - 1, -1, -1)]
    weights = [
        _BY_MONTH[day.month - 1] * _BY_WEEKDAY[day.weekday()] * (1 + _GROWTH * place / DAYS)
        for place, day in enumerate(days)
    ]
    so_far = [0.0, *accumulate(weights)]
    reached = [round(lead_count * weight / so_far[-1]) for weight in so_far]
    for day, (before, after) in zip(days, pairwise(reached), strict=True):
        yield day, after - before
