"""The definition of engagement, computed the slow way: from every fact, in decimals, one by one.

Written from ``docs/scoring.md`` alone, to be compared with what the rule keeps and counts. Nothing is
collapsed, cached or looked up here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

from schemas.agreement.scoring import EngagementRule, EngagementScoring
from schemas.entries import Entry

LATEST = 100

Line = tuple[str, str, int, int, int]
"""Rule, event id, raw points, what decay leaves, what caps leave: hundredths."""


@dataclass
class _Contribution:
    order: tuple[datetime, str, str, int]
    rule: EngagementRule
    raw: int
    decayed: int
    kept: int


def engagement(scoring: EngagementScoring, facts: Iterable[Entry], at: datetime) -> tuple[int, list[Line]]:
    """Return engagement at an instant and its contributions, those of nothing left out."""
    lines: list[_Contribution] = []
    for place, rule in enumerate(scoring.rules):
        lines += _of_rule(scoring, rule, place, facts, at)
    lines.sort(key=lambda line: line.order)
    for group in {rule.group for rule in scoring.rules}:
        cap = scoring.groups.get(group)
        if cap is not None:
            _cut([line for line in lines if line.rule.group == group], -cap, cap)
    _cut(lines, Decimal(0), scoring.total_cap)
    listed = [(one.rule.id, one.order[2], one.raw, one.decayed, one.kept) for one in lines]
    return sum(line.kept for line in lines), listed


def _of_rule(
    scoring: EngagementScoring, rule: EngagementRule, place: int, facts: Iterable[Entry], at: datetime
) -> list[_Contribution]:
    matching = sorted(
        (fact for fact in facts if fact.fact is not None and rule.on.matches(fact.fact) and fact.at <= at),
        key=lambda fact: (fact.at, fact.source, fact.event_id),
    )
    half_life = rule.half_life_days or scoring.half_life_days
    earned = _earning(rule, matching)
    if half_life or rule.window_days:
        earned = earned[-max(LATEST, rule.at_most.count if rule.at_most else 0) :]
    raw = int(rule.points * 100)
    worths = [decayed(raw, _age(fact.at, at), half_life, rule.window_days) for fact in earned]
    lines = [
        _Contribution((fact.at, fact.source, fact.event_id, place), rule, raw, worth, worth)
        for fact, worth in zip(earned, worths, strict=True)
        if worth
    ]
    if rule.cap is not None:
        _cut(lines, -rule.cap, rule.cap)
    return lines


def _earning(rule: EngagementRule, facts: list[Entry]) -> list[Entry]:
    if rule.at_most is None:
        return facts
    earned: list[Entry] = []
    for fact in facts:
        lately = [one for one in earned if _age(one.at, fact.at) < rule.at_most.per_days * 86_400]
        if len(lately) < rule.at_most.count:
            earned.append(fact)
    return earned


def _age(since: datetime, at: datetime) -> int:
    whole = timedelta(microseconds=since.microsecond), timedelta(microseconds=at.microsecond)
    return round(((at - whole[1]) - (since - whole[0])).total_seconds())


def decayed(raw: int, age: int, half_life_days: int | None, window_days: int | None) -> int:
    """Return ``raw × 2^(−age / half-life)``, rounded half-even; nothing from the age of the window on."""
    if window_days is not None and age >= window_days * 86_400:
        return 0
    if half_life_days is None:
        return raw
    with localcontext() as context:
        context.prec = 60
        exact = Decimal(raw) * Decimal(2) ** (Decimal(-age) / Decimal(half_life_days * 86_400))
        return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


def _cut(lines: list[_Contribution], lowest: Decimal, highest: Decimal) -> None:
    while (over := sum(line.kept for line in lines) - int(highest * 100)) > 0:
        first = next(line for line in lines if line.kept > 0)
        first.kept -= min(first.kept, over)
    while (under := sum(line.kept for line in lines) - int(lowest * 100)) < 0:
        first = next(line for line in lines if line.kept < 0)
        first.kept -= max(first.kept, under)
