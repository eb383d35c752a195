"""The most and the least that a score can come to under an agreement, whatever a lead is and does.

A threshold that no lead can reach is the commonest mistake in scoring, and nobody notices it: leads just
never qualify. The bounds are sound (no lead scores outside them) and close: rules that exclude each
other, such as two countries, are not added up, caps cut as they do in ``services.scoring``, and what a
frequency limit, a window and a half-life leave of repeated facts is counted. Numbers are points.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import product
from math import inf, nextafter, prod
from typing import NamedTuple

from schemas.agreement.conditions import Condition
from schemas.agreement.scoring import EngagementRule, EngagementScoring, FitRule, FitScoring, Scoring
from schemas.vocabulary import Scalar

UNHEARD_OF = "\x00 a value that no rule names"
MOST_COMBINATIONS = 4096

ENDLESS = Decimal("Infinity")


class Range(NamedTuple):
    """From the least to the most points."""

    least: Decimal
    most: Decimal


def fit_range(fit: FitScoring) -> Range:
    """Return between which points fit lies."""
    groups = dict.fromkeys((rule.group for rule in fit.rules), Range(Decimal(0), Decimal(0)))
    for rules in _entangled(fit.rules):
        for group, found in _ranges(rules).items():
            known = groups[group]
            groups[group] = Range(known.least + found.least, known.most + found.most)
    return _capped(groups, fit.groups, fit.total_cap)


def engagement_range(engagement: EngagementScoring) -> Range:
    """Return between which points engagement lies."""
    groups: dict[str, Range] = {}
    for rule in engagement.rules:
        least, most = groups.get(rule.group, Range(Decimal(0), Decimal(0)))
        points = _repeated(rule, engagement.half_life_days)
        groups[rule.group] = Range(least + min(points, Decimal(0)), most + max(points, Decimal(0)))
    return _capped(groups, engagement.groups, engagement.total_cap)


def cells(scoring: Scoring) -> frozenset[str]:
    """Return the cells of the grid, A1 to C3, that a lead can get into."""
    fit, engagement = fit_range(scoring.fit), engagement_range(scoring.engagement)
    grades = _steps(fit, "ABC", scoring.fit.grade_a_from, scoring.fit.grade_b_from)
    levels = _steps(engagement, "123", scoring.engagement.level_1_from, scoring.engagement.level_2_from)
    return frozenset(grade + level for grade, level in product(grades, levels))


def bands(scoring: Scoring) -> frozenset[str]:
    """Return the bands that a lead can get into."""
    attainable = cells(scoring)
    return frozenset(band for band, members in scoring.bands.items() if attainable.intersection(members))


def _steps(points: Range, names: str, first_from: Decimal, second_from: Decimal) -> Iterator[str]:
    """Yield those of three steps, best first, that points in a range can reach."""
    if points.most >= first_from:
        yield names[0]
    if points.most >= second_from and second_from < first_from and points.least < first_from:
        yield names[1]
    if points.least < min(first_from, second_from):
        yield names[2]


def _capped(groups: dict[str, Range], caps: dict[str, Decimal], total: Decimal) -> Range:
    least = most = Decimal(0)
    for group, points in groups.items():
        cap = caps.get(group, ENDLESS)
        least += min(max(points.least, -cap), cap)
        most += min(max(points.most, -cap), cap)
    return Range(min(max(least, Decimal(0)), total), min(max(most, Decimal(0)), total))


def _repeated(rule: EngagementRule, half_life: int | None) -> Decimal:
    """Return what a rule comes to when its facts are said as often as counts."""
    times = _most_times(rule, rule.half_life_days or half_life)
    size = abs(rule.points) * times if rule.points else Decimal(0)
    size = min(size, rule.cap or ENDLESS)
    return size if rule.points > 0 else -size


def _most_times(rule: EngagementRule, half_life: int | None) -> Decimal:
    """Return how many undecayed facts the facts of a rule are worth at most."""
    if rule.at_most is None:
        return ENDLESS
    count, per_days = rule.at_most.count, rule.at_most.per_days
    times = inf
    if rule.window_days:
        times = count * (rule.window_days // per_days + 1)
    if half_life:
        times = min(times, count / (1 - 0.5 ** (per_days / half_life)))
    return Decimal(times)


def _entangled(rules: Iterable[FitRule]) -> list[list[FitRule]]:
    """Split rules into sets that share no attribute: what holds in one set says nothing about another."""
    sets: list[tuple[frozenset[str], list[FitRule]]] = []
    for rule in rules:
        read = rule.when.attributes_read()
        touching = [each for each in sets if each[0] & read]
        sets = [each for each in sets if not each[0] & read]
        members = [member for _, found in touching for member in found]
        sets.append((read.union(*(names for names, _ in touching)), [*members, rule]))
    return [members for _, members in sets]


def _ranges(rules: list[FitRule]) -> dict[str, Range]:
    """Return what entangled rules can add to each group, over every combination of values that matters."""
    values: dict[str, dict[str, Scalar | None]] = {}
    for test in (part for rule in rules for part in _tests(rule.when)):
        known = values.setdefault(test.attribute or "", {"": None, UNHEARD_OF: UNHEARD_OF})
        known.update({repr(value): value for value in _telling(test)})  # repr, because 1 is equal to true
    if prod(map(len, values.values())) > MOST_COMBINATIONS:
        return _loosely(rules)
    choices = product(*(known.values() for known in values.values()))
    sums = [_sums(rules, dict(zip(values, chosen, strict=True))) for chosen in choices]
    return {
        group: Range(min(each[group] for each in sums), max(each[group] for each in sums))
        for group in sums[0]
    }


def _sums(rules: list[FitRule], attributes: dict[str, Scalar | None]) -> dict[str, Decimal]:
    sums = dict.fromkeys((rule.group for rule in rules), Decimal(0))
    for rule in rules:
        if rule.when.holds(attributes):
            sums[rule.group] += rule.points
    return sums


def _loosely(rules: list[FitRule]) -> dict[str, Range]:
    """Return the bounds as if any rules could hold at once."""
    found = dict.fromkeys((rule.group for rule in rules), Range(Decimal(0), Decimal(0)))
    for rule in rules:
        least, most = found[rule.group]
        found[rule.group] = Range(least + min(rule.points, Decimal(0)), most + max(rule.points, Decimal(0)))
    return found


def _tests(condition: Condition) -> Iterator[Condition]:
    """Yield the tests of an attribute that a condition is made of."""
    if condition.attribute is not None:
        yield condition
    for part in (*(condition.all or ()), *(condition.any or ()), *filter(None, (condition.not_,))):
        yield from _tests(part)


def _telling(test: Condition) -> Iterator[Scalar]:
    """Yield the values on either side of everything that a test asks."""
    if test.is_ is not None:
        yield test.is_
    yield from test.in_ or ()
    for bound in (test.at_least, test.below):
        if bound is not None:
            yield from (bound, nextafter(bound, -inf))
