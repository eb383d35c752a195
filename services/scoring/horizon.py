"""When the level will change if no fact comes: the earliest second, exactly.

Each rule's sum only falls (or, for negative points, only rises) as time passes, and the total follows each
sum in the same direction. So between two seconds the total stays between what the larger and what the smaller
of each rule's two sums come to: where both lie on one level, nothing can happen between. What is left is
split and looked at again, the earliest part first. The total as a whole may go up and down (negative points
decay, windows end), and the search never assumes otherwise.

Two things make it quick, and neither is needed for it to be right. Where to split is guessed from the
half-life. And a total that stands so many hundredths above its level's threshold cannot leave the level
before as many hundredths are lost, which are instants that the tables of ``decay`` name: when nothing is
capped, the last of them **is** the crossing.
"""

from bisect import bisect_right
from heapq import heapify, heappop, heapreplace
from math import log2

from services.scoring.book import NEVER, Book
from services.scoring.engagement import Moment, measure, total_of
from services.scoring.state import SECOND, Earned, Mark

_NEAR = 12
"""So many losses are worth finding one by one."""

_AIM = 3
"""How far short of a level's bound to aim: what rounding puts a guess off by, so that it rarely goes past."""

_GUESSES = 4
"""How many splits to guess before every other one is in the middle."""


def next_crossing(book: Book, earned: Earned, now: Moment) -> int | None:
    """Return the first second after ``now`` at which engagement stands on another level; None: never.

    Args:
        book: The agreement's.
        earned: What the lead has earned.
        now: ``measure`` of it at the second in hand.
    """
    level = book.level(now.total)
    end = _all_over(book, earned)
    if end <= now.second or (level == "3" and not can_rise(book, earned, now)):
        return None
    only_falls = min(now.sums) >= 0
    ahead = [measure(book, earned, end)]
    reached, earliest, tries = now, _earliest(book, earned, now), 0
    while ahead:
        upcoming = ahead[-1]
        same = book.level(upcoming.total) == level
        if not same and earliest >= upcoming.second:
            return upcoming.second
        if same and (only_falls or earliest >= upcoming.second or _quiet(book, earned, reached, upcoming)):
            reached = ahead.pop()
            earliest = _earliest(book, earned, reached)
            continue
        second = _split(book, earned, reached, upcoming, tries)
        ahead.append(measure(book, earned, min(max(second, earliest), upcoming.second - 1)))
        tries += 1
    return None


def can_rise(book: Book, earned: Earned, moment: Moment) -> bool:
    """Say whether engagement would stand on a higher level if nothing were left of the points below zero.

    As points above zero only fade, it can otherwise not get there without a fact.
    """
    most = total_of(book, earned, [max(points, 0) for points in moment.sums])
    return book.level(most) != book.level(moment.total)


def _all_over(book: Book, earned: Earned) -> int:
    """Return the second from which nothing that ages counts any more."""
    ageing = ((facts[-1][0] // SECOND, book.earning[name].losses) for name, facts in earned.marks.items())
    return max((at + lost[-1] for at, lost in ageing if lost), default=0)


def _quiet(book: Book, earned: Earned, reached: Moment, upcoming: Moment) -> bool:
    """Say whether the level stays what it is at both moments from the one to the other."""
    pairs = list(zip(reached.sums, upcoming.sums, strict=True))
    most = total_of(book, earned, [max(pair) for pair in pairs])
    least = total_of(book, earned, [min(pair) for pair in pairs])
    return book.level(most) == book.level(least)


def _earliest(book: Book, earned: Earned, reached: Moment) -> int:
    """Return a second after ``reached`` before which the level cannot change."""
    floor, ceiling = book.span(reached.total)
    fall, rise = reached.total - floor + 1, ceiling - reached.total
    if min(fall, rise) > _NEAR:
        return reached.second + 1
    falls = _nth_loss(book, earned, reached.second, min(fall, _NEAR), positive=True)
    rises = _nth_loss(book, earned, reached.second, min(rise, _NEAR), positive=False)
    return min(falls, rises)


def _nth_loss(book: Book, earned: Earned, second: int, count: int, *, positive: bool) -> int:
    """Return when the rules of one sign will have lost so many hundredths more; ``NEVER``: they have less."""
    losing = []
    for name, facts in earned.marks.items():
        rule = book.earning[name]
        if (rule.points > 0) is positive and rule.losses:
            losing += _still_losing(facts, rule.losses, second)
    heap = [(at + lost[gone], place) for place, (at, gone, lost) in enumerate(losing)]
    heapify(heap)
    for _ in range(count - 1):
        if not heap:
            return NEVER
        place = heap[0][1]
        at, gone, lost = losing[place]
        losing[place] = (at, gone + 1, lost)
        if gone + 1 < len(lost):
            heapreplace(heap, (at + lost[gone + 1], place))
        else:
            heappop(heap)
    return heap[0][0] if heap else NEVER


def _still_losing(
    facts: tuple[Mark, ...], lost: tuple[int, ...], second: int
) -> list[tuple[int, int, tuple[int, ...]]]:
    """Return the facts that still count: when they were, how much of them is gone, and when the rest goes."""
    found = []
    for fact in reversed(facts):
        at = fact[0] // SECOND
        gone = bisect_right(lost, second - at)
        if gone == len(lost):
            break
        found.append((at, gone, lost))
    return found


def _split(book: Book, earned: Earned, reached: Moment, upcoming: Moment, tries: int) -> int:
    """Return a second between the two to look at next; anything will do, a near miss is best.

    A guess is when points above zero will have faded so far that the total would be just above its level's
    lower bound if those below zero stayed what they are, or the other way about, whichever is sooner: up to
    there, the level is sure to stay.
    """
    middle = (reached.second + upcoming.second) // 2
    if tries >= _GUESSES and tries % 2:
        return middle
    floor, ceiling = book.span(reached.total)
    rules = [book.earning[name] for name in earned.marks]
    fading = [(points, rule.half_life) for rule, points in zip(rules, reached.sums, strict=True) if points]
    falls = _time_to_lose(reached.total - floor - _AIM, [one for one in fading if one[0] > 0])
    rises = _time_to_lose(ceiling - reached.total - _AIM, [(-one[0], one[1]) for one in fading if one[0] < 0])
    guess = reached.second + min(falls, rises)
    return guess if guess < upcoming.second else middle


def _time_to_lose(loss: int, fading: list[tuple[int, int]]) -> int:
    """Return about how long it takes until so many hundredths have faded; ``NEVER``: they will not."""
    points = sum(one[0] for one in fading)
    rate = sum(one[0] / one[1] for one in fading)
    if loss >= points or not rate:
        return NEVER
    return int(points / rate * log2(points / (points - loss))) if loss > _NEAR else 0
