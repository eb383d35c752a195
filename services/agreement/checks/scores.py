"""Scores that no lead can have, and rules that cannot count as they say.

Thresholds in the wrong order are errors; everything else is a doubt. What is attainable is worked out in
``services.agreement.attainable``.
"""

from collections.abc import Sequence
from decimal import Decimal

from infra.plain_errors import Place
from schemas.agreement import Agreement
from schemas.agreement.scoring import EngagementRule, EngagementScoring, FitRule, FitScoring
from services.agreement.attainable import Range, bands, engagement_range, fit_range
from services.agreement.problems import Findings, doubt, error

AnyRule = FitRule | EngagementRule


def check_scores(agreement: Agreement) -> Findings:
    """Yield what keeps scores from meaning what they say."""
    fit, engagement = agreement.scoring.fit, agreement.scoring.engagement
    grades = {"grade_a_from": fit.grade_a_from, "grade_b_from": fit.grade_b_from}
    levels = {"level_1_from": engagement.level_1_from, "level_2_from": engagement.level_2_from}
    yield from _thresholds("fit", grades, fit_range(fit))
    yield from _thresholds("engagement", levels, engagement_range(engagement))
    yield from _bands(agreement)
    yield from _rules("fit", fit, fit.rules)
    yield from _rules("engagement", engagement, engagement.rules)


def _thresholds(name: str, thresholds: dict[str, Decimal], attainable: Range) -> Findings:
    for field, threshold in thresholds.items():
        if threshold > attainable.most:
            message = f"no lead can reach {threshold:f} points of {name}; {attainable.most:f} is the most"
            remedy = "lower it, or give the rules and their caps more points"
            yield doubt(("scoring", name, field), threshold, message, remedy)
    (first, higher), (second, lower) = thresholds.items()
    if higher <= lower:
        message = f"{first} ({higher:f}) is not above {second} ({lower:f})"
        yield error(("scoring", name, first), higher, message, f"write more than {lower:f}")


def _bands(agreement: Agreement) -> Findings:
    attainable = bands(agreement.scoring)
    for band, cells in agreement.scoring.bands.items():
        if band not in attainable:
            message = (
                f"no lead can get into {band!r}: none of {', '.join(cells) or 'its cells'} is attainable"
            )
            remedy = "look at the thresholds of fit and engagement, or give the band other cells"
            yield doubt(("scoring", "bands", band), list(cells), message, remedy)


def _rules(name: str, scoring: FitScoring | EngagementScoring, rules: Sequence[AnyRule]) -> Findings:
    for group, cap in scoring.groups.items():
        at = ("scoring", name, "groups", group)
        points = [rule.points for rule in rules if rule.group == group]
        if not points:
            yield doubt(at, cap, f"no rule is in the group {group!r}", "take it out, or put rules into it")
        elif max(points) < 0:
            message = f"the rules of the group {group!r} only take points away"
            yield doubt(at, cap, message, "put them into the group whose points they are to reduce")
        if cap > scoring.total_cap:
            message = f"the cap of {group!r} ({cap:f}) is above that of the total ({scoring.total_cap:f})"
            yield doubt(at, cap, message, f"lower it to {scoring.total_cap:f}, or raise total_cap")
    for index, rule in enumerate(rules):
        yield from _points(("scoring", name, "rules", index, "points"), rule, scoring.groups.get(rule.group))


def _points(at: Place, rule: AnyRule, group: Decimal | None) -> Findings:
    size = abs(rule.points)
    own = rule.cap if isinstance(rule, EngagementRule) else None
    if not rule.points:
        yield doubt(
            at, rule.points, f"the rule {rule.id!r} gives no points", "give it points, or take it out"
        )
    elif own is not None and size > own:
        message = f"{rule.points:f} points are always cut to the rule's own cap of {own:f}"
        yield doubt(at, rule.points, message, f"write {own:f} points, or raise the cap")
    elif group is not None and size > group:
        message = f"{rule.points:f} points are always cut to the cap of the group {rule.group!r}, {group:f}"
        yield doubt(at, rule.points, message, f"write {group:f} points or less, or raise the group's cap")
