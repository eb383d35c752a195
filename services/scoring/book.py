"""The scorebook: an agreement's scoring, made ready to count with.

Points become whole hundredths, days become seconds, decay becomes a table, and rules are found by what they
look at in a fact. A book is made once an agreement **object** (hosts hand the same one over for as long as it
is in force), not once a version: what tells two objects apart never fails to tell two agreements apart.
Nothing here knows a lead.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from operator import attrgetter
from typing import Any

from schemas.agreement import Agreement
from schemas.agreement.conditions import Condition, FactPattern
from schemas.agreement.scoring import EngagementRule, EngagementScoring, FitScoring
from schemas.facts import LeadFact
from schemas.scoring import Centipoints
from services.scoring.decay import losses

LATEST_COUNT = 100
"""How many facts a rule keeps one by one; a lead that visits every day for three months stays below it."""

NEVER = 1 << 62
"""Later than any instant, and more than any points."""

_DAY = 86_400
_MOST_BOOKS = 32
_MOST_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class Liking:
    """A fit rule."""

    id: str
    group: str
    when: Condition
    points: Centipoints


@dataclass(frozen=True, slots=True)
class Earning:
    """An engagement rule."""

    id: str
    place: int
    group: int
    """Index into ``Book.caps``."""
    on: FactPattern
    points: Centipoints
    worth: Centipoints
    """The points without their sign."""
    cap: Centipoints
    bound: Centipoints
    """What the rule's sum may be cut to without changing the total: its cap, or its group's where nothing
    there has the other sign."""
    half_life: int
    """In seconds; ``NEVER``: it does not decay."""
    losses: tuple[int, ...]
    """See ``decay``; empty: the rule is ageless."""
    count: int
    per: int
    """The frequency limit: so many facts in so many seconds."""
    keep: int
    forget: int
    """The age in seconds from which a fact neither counts nor fills the frequency limit."""


@dataclass(frozen=True, slots=True)
class Book:
    """An agreement's scoring; ``agreement`` is held so that its ``id`` stays its own."""

    agreement: Agreement
    key: str
    """What tells it apart in a state: the document's digest, or its version where it has none."""
    attributes: frozenset[str]
    """Those that are kept of a lead: all that may travel on the line, so that a rule to come finds them."""
    fit: tuple[Liking, ...]
    fit_caps: dict[str, Centipoints]
    fit_cap: Centipoints
    grade_from: tuple[Centipoints, Centipoints]
    earning: dict[str, Earning]
    by_kind: dict[str, tuple[Earning, ...]]
    groups: tuple[str, ...]
    caps: tuple[Centipoints, ...]
    cap: Centipoints
    level_from: tuple[Centipoints, Centipoints]
    bands: dict[str, str]
    _readers: dict[str, Callable[[LeadFact], Any]] = field(default_factory=dict)
    _matched: dict[Any, tuple[Earning, ...]] = field(default_factory=dict)

    def matched(self, fact: LeadFact) -> tuple[Earning, ...]:
        """Return the engagement rules that a fact is for, in the agreement's order."""
        rules = self.by_kind.get(fact.kind)
        if rules is None:
            return ()
        reader = self._readers.get(fact.kind)
        if reader is None:
            read = [name for name in FactPattern.model_fields if name in type(fact).model_fields]
            reader = self._readers[fact.kind] = attrgetter(*read)
        features = reader(fact)
        found = self._matched.get(features)
        if found is None:
            if len(self._matched) >= _MOST_REMEMBERED:
                self._matched.clear()
            found = self._matched[features] = tuple(rule for rule in rules if rule.on.matches(fact))
        return found

    def grade(self, fit: Centipoints) -> str:
        """Return A, B or C."""
        a_from, b_from = self.grade_from
        return "A" if fit >= a_from else "B" if fit >= b_from else "C"

    def level(self, engagement: Centipoints) -> str:
        """Return 1, 2 or 3."""
        first_from, second_from = self.level_from
        return "1" if engagement >= first_from else "2" if engagement >= second_from else "3"

    def span(self, engagement: Centipoints) -> tuple[Centipoints, Centipoints]:
        """Return the level's bounds: the least that is on it, and the least that is above it."""
        first_from, second_from = self.level_from
        if engagement >= first_from:
            return first_from, NEVER
        return (
            (second_from, first_from) if engagement >= second_from else (-NEVER, min(second_from, first_from))
        )


_BOOKS: dict[int, Book] = {}


def book_of(agreement: Agreement) -> Book:
    """Return the agreement's book, from memory when it has been made."""
    book = _BOOKS.get(id(agreement))
    if book is None:
        if len(_BOOKS) >= _MOST_BOOKS:
            _BOOKS.clear()
        book = _BOOKS[id(agreement)] = _write(agreement)
    return book


def _write(agreement: Agreement) -> Book:
    scoring = agreement.scoring
    fit, engagement = scoring.fit, scoring.engagement
    groups = tuple(dict.fromkeys(rule.group for rule in engagement.rules))
    earning = _earning_rules(engagement, groups)
    kinds = dict.fromkeys(rule.on.kind for rule in earning)
    return Book(
        agreement=agreement,
        key=agreement.digest or agreement.version,
        attributes=agreement.attributes_read,
        fit=_fit_rules(fit),
        fit_caps={name: _centi(cap) for name, cap in fit.groups.items()},
        fit_cap=_centi(fit.total_cap),
        grade_from=(_centi(fit.grade_a_from), _centi(fit.grade_b_from)),
        earning={rule.id: rule for rule in earning},
        by_kind={kind: tuple(rule for rule in earning if rule.on.kind == kind) for kind in kinds},
        groups=groups,
        caps=tuple(_cap(engagement.groups.get(name)) for name in groups),
        cap=_centi(engagement.total_cap),
        level_from=(_centi(engagement.level_1_from), _centi(engagement.level_2_from)),
        bands={cell: band for band, cells in scoring.bands.items() for cell in cells},
    )


def _fit_rules(fit: FitScoring) -> tuple[Liking, ...]:
    return tuple(Liking(rule.id, rule.group, rule.when, _centi(rule.points)) for rule in fit.rules)


def _earning_rules(engagement: EngagementScoring, groups: tuple[str, ...]) -> tuple[Earning, ...]:
    """Return the rules that can earn; those of 0 points cannot."""
    one_sided = {
        name
        for name in groups
        if len({rule.points > 0 for rule in engagement.rules if rule.group == name and rule.points}) == 1
    }
    return tuple(
        _earning(rule, place, engagement, groups=groups, one_sided=rule.group in one_sided)
        for place, rule in enumerate(engagement.rules)
        if rule.points
    )


def _earning(
    rule: EngagementRule,
    place: int,
    engagement: EngagementScoring,
    *,
    groups: tuple[str, ...],
    one_sided: bool,
) -> Earning:
    points, cap = _centi(rule.points), _cap(rule.cap)
    days = rule.half_life_days or engagement.half_life_days
    window = rule.window_days * _DAY if rule.window_days else None
    lost = losses(abs(points), days * _DAY if days else None, window)
    per = rule.at_most.per_days * _DAY if rule.at_most else 0
    count = rule.at_most.count if rule.at_most else NEVER
    return Earning(
        id=rule.id,
        place=place,
        group=groups.index(rule.group),
        on=rule.on,
        points=points,
        worth=abs(points),
        cap=cap,
        bound=min(cap, _cap(engagement.groups.get(rule.group))) if one_sided else cap,
        half_life=days * _DAY if days else NEVER,
        losses=lost,
        count=count,
        per=per,
        keep=max(LATEST_COUNT, count) if rule.at_most else LATEST_COUNT,
        forget=max(lost[-1], per) if lost else NEVER,
    )


def _centi(points: Decimal) -> Centipoints:
    return int(points * 100)


def _cap(points: Decimal | None) -> Centipoints:
    return NEVER if points is None else _centi(points)
