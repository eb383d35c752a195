"""Why a lead has its score: every contribution, with what decay and caps took from it. They add up exactly.

This counts in the open what ``fit`` and ``engagement`` count in a hurry: a line for each contribution, cut
line by line where a cap is full. A line whose points have all decayed is not listed, for it never comes back.

A cut takes from the earliest lines first: the newest is what people expect to see count, and what decays
last. For fit, where nothing is early or late, it takes from the rules that stand last in the agreement.
"""

from dataclasses import dataclass
from datetime import datetime

from schemas.agreement import Agreement
from schemas.scoring import Centipoints
from services.scoring.book import Book, Earning, book_of
from services.scoring.decay import left
from services.scoring.engagement import adopted
from services.scoring.fit import attributes_of
from services.scoring.state import SECOND, Mark, Profile, ScoringState, instant, microseconds

_NO_FACT: Mark = (0, "", "")


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one fact contributes under one rule; all in hundredths of a point.

    With an instant but no source it is ``count`` facts that are not kept one by one, the last of them at
    ``at``. For fit, the fact is the last that said what the condition reads; there is none when all of that
    is unknown.
    """

    rule: str
    group: str
    source: str | None
    event_id: str | None
    at: datetime | None
    count: int
    raw: Centipoints
    decayed: Centipoints
    """What decay and window leave of ``raw``."""
    cut: Centipoints
    """What caps take from ``decayed``, with its sign."""

    @property
    def points(self) -> Centipoints:
        """What it adds to the score."""
        return self.decayed - self.cut


@dataclass(frozen=True, slots=True)
class Explanation:
    """A lead's scores at an instant; each is the sum of the points of its contributions."""

    at: datetime
    fit: Centipoints
    engagement: Centipoints
    cell: str
    band: str
    fit_contributions: tuple[Contribution, ...]
    engagement_contributions: tuple[Contribution, ...]


@dataclass(slots=True)
class _Line:
    """A contribution in the making: ``kept`` is what cuts have left of it so far."""

    rule: str
    group: str
    mark: Mark | None
    raw: Centipoints
    decayed: Centipoints
    count: int = 1
    place: int = 0
    """The rule's, in the agreement: what orders the lines of one fact."""
    kept: Centipoints = 0

    def __post_init__(self) -> None:
        self.kept = self.decayed


def explain(state: ScoringState, agreement: Agreement, at: datetime) -> Explanation:
    """Return why a lead has the score that it has at an instant.

    Args:
        state: The lead's.
        agreement: In force at ``at``.
        at: Aware; not before the lead's last fact.
    """
    book = book_of(agreement)
    held = adopted(state, book)
    fit = _fit_lines(held, book)
    engagement = _engagement_lines(held, book, microseconds(at) // SECOND)
    fit_points = sum(line.kept for line in fit)
    engagement_points = sum(line.kept for line in engagement)
    cell = book.grade(fit_points) + book.level(engagement_points)
    return Explanation(
        at=at,
        fit=fit_points,
        engagement=engagement_points,
        cell=cell,
        band=book.bands[cell],
        fit_contributions=tuple(_written(line) for line in reversed(fit)),
        engagement_contributions=tuple(_written(line) for line in engagement),
    )


def _fit_lines(state: ScoringState, book: Book) -> list[_Line]:
    """Return the lines of fit, those of the agreement's last rules first."""
    attributes = attributes_of(state.profile)
    lines = [
        _Line(
            rule=rule.id,
            group=rule.group,
            mark=_last_to_say(state.profile, rule.when.attributes_read()),
            raw=rule.points,
            decayed=rule.points,
        )
        for rule in reversed(book.fit)
        if rule.when.holds(attributes)
    ]
    for group, cap in book.fit_caps.items():
        _cut([line for line in lines if line.group == group], -cap, cap)
    _cut(lines, 0, book.fit_cap)
    return lines


def _last_to_say(profile: Profile, names: frozenset[str]) -> Mark | None:
    """Return the latest of the facts that these attributes are known from; None: all are unknown."""
    known = {
        name: saying[:3]
        for sayings in (profile.derived, profile.stated)
        for saying in sayings
        for name, value in saying[3].items()
        if value is not None
    }
    return max((known[name] for name in names if name in known), default=None)


def _engagement_lines(state: ScoringState, book: Book, second: int) -> list[_Line]:
    """Return the lines of engagement in the order of the facts."""
    lines: list[_Line] = []
    for name, facts in state.earned.marks.items():
        rule = book.earning[name]
        of_rule = [line for fact in facts if (line := _line(rule, book, fact, second)).decayed]
        if name in state.earned.summed:
            of_rule.insert(0, _summed_line(rule, book, *state.earned.summed[name]))
        _cut(of_rule, -rule.cap, rule.cap)
        lines += of_rule
    lines.sort(key=lambda line: (line.mark or _NO_FACT, line.place))
    for group, cap in zip(book.groups, book.caps, strict=True):
        _cut([line for line in lines if line.group == group], -cap, cap)
    _cut(lines, 0, book.cap)
    return lines


def _line(rule: Earning, book: Book, mark: Mark, second: int) -> _Line:
    worth = left(rule.worth, rule.losses, second - mark[0] // SECOND)
    return _Line(
        rule=rule.id,
        group=book.groups[rule.group],
        mark=mark,
        raw=rule.points,
        decayed=worth if rule.points > 0 else -worth,
        place=rule.place,
    )


def _summed_line(rule: Earning, book: Book, count: int, last_at: int) -> _Line:
    return _Line(
        rule=rule.id,
        group=book.groups[rule.group],
        mark=(last_at, "", ""),
        raw=rule.points * count,
        decayed=rule.points * count,
        count=count,
        place=rule.place,
    )


def _cut(lines: list[_Line], lowest: Centipoints, highest: Centipoints) -> None:
    """Cut lines, the first ones first, until their sum lies within the bounds."""
    total = sum(line.kept for line in lines)
    excess = total - min(max(total, lowest), highest)
    sign = 1 if excess > 0 else -1
    for line in lines:
        cut = sign * min(max(sign * line.kept, 0), sign * excess)
        line.kept -= cut
        excess -= cut


def _written(line: _Line) -> Contribution:
    at, source, event_id = line.mark or (None, "", "")
    return Contribution(
        rule=line.rule,
        group=line.group,
        source=source or None,
        event_id=event_id or None,
        at=None if at is None else instant(at),
        count=line.count,
        raw=line.raw,
        decayed=line.decayed,
        cut=line.decayed - line.kept,
    )
