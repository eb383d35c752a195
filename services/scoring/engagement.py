"""Engagement: what the lead did, added up at an instant.

Two things, kept apart. ``earn`` decides **once**, when a fact is heard, which rules take it (the frequency
limit), and what they may now forget. ``measure`` says what all that was taken is worth **at a second**; the
search for the next crossing (``horizon``) is made of nothing else.

Why a rule may forget, and the sum stays exact. An ageless rule's facts are all worth the same, so that a
count says as much as a list. Of an ageing rule, what has decayed below half a hundredth, or lies outside the
window, is nothing for good; and its latest ``LATEST_COUNT`` facts are all that count, by definition: without
that, a list of facts that decay is bounded by nothing, and a cap does not help, because what it cuts today
comes back as the rest decays.
"""

from bisect import bisect_right
from typing import NamedTuple

from schemas.records import replace
from schemas.scoring import Centipoints
from services.scoring.book import Book, Earning
from services.scoring.state import SECOND, Earned, Mark, ScoringState

_NONE = (0, 0)


class Moment(NamedTuple):
    """Engagement at one second."""

    second: int
    total: Centipoints
    sums: list[Centipoints]
    """By rule, in the order of the marks."""


def earn(earned: Earned, rules: tuple[Earning, ...], mark: Mark) -> Earned:
    """Return what the lead has earned with one more fact; the very same when no rule takes it."""
    marks, summed = earned.marks, earned.summed
    for rule in rules:
        before = marks.get(rule.id, ())
        after = _taken(rule, before, mark)
        if after == before:
            continue
        facts, rest = _thinned(rule, after, summed.get(rule.id))
        marks = {**marks, rule.id: facts}
        if rest:
            summed = {**summed, rule.id: rest}
    return earned if marks is earned.marks else Earned(marks, summed)


def _taken(rule: Earning, marks: tuple[Mark, ...], mark: Mark) -> tuple[Mark, ...]:
    """Return the rule's marks with one more fact, or as they are when the frequency limit refuses it.

    A fact earns while fewer than ``count`` of those before it have earned within ``per`` seconds. Of facts of
    the same instant the first in order earn, so one that comes later may take another's place.
    """
    place = bisect_right(marks, mark)
    if not rule.per:
        return (*marks[:place], mark, *marks[place:])
    taken = marks[:place]
    for fact in (mark, *marks[place:]):
        if len(taken) < rule.count or fact[0] // SECOND - taken[-rule.count][0] // SECOND >= rule.per:
            taken = (*taken, fact)
    return taken


def _thinned(
    rule: Earning, marks: tuple[Mark, ...], summed: tuple[int, int] | None
) -> tuple[tuple[Mark, ...], tuple[int, int] | None]:
    """Return the marks that must be kept one by one, and the sum of those before them that still count.

    Args:
        rule: Whose marks they are.
        marks: In order; at least one.
        summed: How many went before, and the ``at`` of the last; None: none did.
    """
    first = max(len(marks) - rule.keep, 0)
    if rule.losses:
        newest = marks[-1][0] // SECOND
        while newest - marks[first][0] // SECOND >= rule.forget:
            first += 1
        return marks[first:], None
    if not first:
        return marks, summed
    count, last_at = summed or _NONE
    return marks[first:], (count + first, max(last_at, marks[first - 1][0]))


def adopted(state: ScoringState, book: Book) -> ScoringState:
    """Return the state under the agreement in force, in case the lead has not been told of it."""
    return state if state.agreement == book.key else under(state, book)


def under(state: ScoringState, book: Book) -> ScoringState:
    """Return the state with no more than what an agreement's rules count."""
    marks = {}
    summed = {}
    for name, facts in state.earned.marks.items():
        if (rule := book.earning.get(name)) is not None:
            marks[name], rest = _thinned(rule, facts, state.earned.summed.get(name))
            if rest:
                summed[name] = rest
    return replace(state, agreement=book.key, earned=Earned(marks, summed))


def measure(book: Book, earned: Earned, second: int) -> Moment:
    """Return engagement at a second.

    Args:
        book: With a rule for each that has marks.
        earned: What the lead has earned.
        second: Seconds since 1970; not before the last mark.
    """
    sums = []
    groups = [0] * len(book.caps)
    for name, facts in earned.marks.items():
        rule = book.earning[name]
        if rule.losses:
            points = _ageing(rule, facts, second)
        else:
            count = len(facts) + earned.summed.get(name, _NONE)[0]
            points = min(rule.worth * count, rule.bound)
        signed = points if rule.points > 0 else -points
        sums.append(signed)
        groups[rule.group] += signed
    return Moment(second, _total(book, groups), sums)


def _ageing(rule: Earning, facts: tuple[Mark, ...], second: int) -> Centipoints:
    """Return a rule's sum without its sign.

    The latest facts are added first, until the bound is full or the rest has come to nothing.
    """
    worth, lost, bound = rule.worth, rule.losses, rule.bound
    points = 0
    for fact in reversed(facts):
        gone = bisect_right(lost, second - fact[0] // SECOND)
        if gone == worth:
            break
        points += worth - gone
        if points >= bound:
            return bound
    return points


def total_of(book: Book, earned: Earned, sums: list[Centipoints]) -> Centipoints:
    """Return what rules' sums come to: each group within ± its cap, the whole from 0 to its own."""
    groups = [0] * len(book.caps)
    for name, points in zip(earned.marks, sums, strict=True):
        groups[book.earning[name].group] += points
    return _total(book, groups)


def _total(book: Book, groups: list[Centipoints]) -> Centipoints:
    total = 0
    for points, cap in zip(groups, book.caps, strict=True):
        if -cap <= points <= cap:
            total += points
        else:
            total += cap if points > 0 else -cap
    return min(max(total, 0), book.cap)
