"""An agreement in tables, for people: plain rows of text, to be printed or sent as they are.

One ``Section`` is one table. The order is the one in which two teams talk about it: words, whom we sell
to, scoring, stages, hand-off and clocks, offices, people, alerts, goals. Labels come in the language
asked for, or in the other one where a text has only that.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from schemas.agreement import Agreement
from schemas.agreement.conditions import Condition
from schemas.agreement.handoff import Clock, Handoff
from schemas.agreement.lifecycle import Stage
from schemas.agreement.scoring import EngagementRule
from schemas.calendars import BusinessCalendar, allowance_text
from services.agreement.attainable import bands, engagement_range, fit_range
from services.agreement.moves import entrances, pattern_text

Language = Literal["en", "es"]
Row = tuple[str, ...]

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Section:
    """One table.

    Attributes:
        name: For machines: ``clocks``.
        title: For people.
        columns: What stands in the rows.
        rows: Each as long as the columns.
    """

    name: str
    title: str
    columns: Row
    rows: tuple[Row, ...]


def sections(agreement: Agreement, language: Language = "en") -> tuple[Section, ...]:
    """Return the agreement in tables; those with nothing in them are left out."""
    made = (
        _overview(agreement),
        glossary(agreement, language),
        _people_sold_to(agreement, language),
        _scoring(agreement),
        _rules(agreement),
        _stages(agreement, language),
        *(_handoff(agreement.handoff, language) if agreement.handoff else ()),
        _calendars(agreement),
        _people(agreement),
        _alerts(agreement),
        _goals(agreement, language),
        _rhythm(agreement),
    )
    return tuple(section for section in made if section.rows)


def glossary(agreement: Agreement, language: Language = "en") -> Section:
    """Return the words that both teams mean the same by."""
    rows = ((term.term, _label(term.definition, language), term.source or "") for term in agreement.glossary)
    return Section("glossary", "Words", ("term", "definition", "source"), tuple(rows))


def condition_text(condition: Condition) -> str:
    """Return a condition in a few words: ``employees ≥ 50 and < 1000``."""
    if condition.all is not None:
        return " and ".join(_nested(part) for part in condition.all)
    if condition.any is not None:
        return " or ".join(_nested(part) for part in condition.any)
    if condition.not_ is not None:
        return f"not ({condition_text(condition.not_)})"
    return f"{condition.attribute} {' and '.join(_tests(condition))}"


def _nested(condition: Condition) -> str:
    text = condition_text(condition)
    return text if condition.attribute or condition.not_ else f"({text})"


def _tests(condition: Condition) -> Iterator[str]:
    if condition.known is not None:
        yield "known" if condition.known else "unknown"
    if condition.is_ is not None:
        yield f"= {_value(condition.is_)}"
    if condition.in_ is not None:
        yield f"in {', '.join(map(_value, condition.in_))}"
    if condition.at_least is not None:
        yield f"≥ {condition.at_least:g}"
    if condition.below is not None:
        yield f"< {condition.below:g}"


def _value(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _label(label: dict[Language, str], language: Language) -> str:
    return label.get(language) or next(iter(label.values()))


def _points(points: Decimal) -> str:
    return f"{points:f}"


def _overview(agreement: Agreement) -> Section:
    rows = [
        ("title", agreement.title),
        ("version", agreement.version),
        ("digest", agreement.digest),
        ("currency", agreement.currency),
        ("time zone", agreement.time_zone),
        ("success path", " → ".join(agreement.lifecycle.success_path)),
        ("leads are one by", ", ".join(agreement.identity.merge_on)),
        ("tools", ", ".join(f"{name} ({source.side})" for name, source in agreement.sources.items())),
    ]
    filled = tuple(row for row in rows if row[1])
    return Section("overview", "The agreement", ("what", "value"), filled)


def _people_sold_to(agreement: Agreement, language: Language) -> Section:
    kinds = (("segment", agreement.segments), ("persona", agreement.personas))
    rows = (
        (kind, member.id, _label(member.label, language), condition_text(member.when))
        for kind, members in kinds
        for member in members
    )
    return Section("segments", "Segments and personas", ("kind", "id", "label", "when"), tuple(rows))


def _scoring(agreement: Agreement) -> Section:
    fit, engagement = agreement.scoring.fit, agreement.scoring.engagement
    attainable = bands(agreement.scoring)
    rows: list[Row] = [
        (
            "fit",
            f"A from {_points(fit.grade_a_from)}, B from {_points(fit.grade_b_from)}",
            _most(fit_range(fit).most),
        ),
        (
            "engagement",
            f"1 from {_points(engagement.level_1_from)}, 2 from {_points(engagement.level_2_from)}",
            _most(engagement_range(engagement).most),
        ),
    ]
    rows += [
        (f"band {band}", ", ".join(cells), "" if band in attainable else "nobody can get into it")
        for band, cells in agreement.scoring.bands.items()
    ]
    return Section("scoring", "Scores and bands", ("score", "thresholds", "attainable"), tuple(rows))


def _most(points: Decimal) -> str:
    return f"{_points(points.normalize())} points at most"


def _rules(agreement: Agreement) -> Section:
    columns = ("score", "rule", "group", "points", "for", "limits")
    fit = [
        ("fit", rule.id, rule.group, _points(rule.points), condition_text(rule.when), "")
        for rule in agreement.scoring.fit.rules
    ]
    engagement = [
        (
            "engagement",
            rule.id,
            rule.group,
            _points(rule.points),
            pattern_text(rule.on),
            ", ".join(_limits(rule)),
        )
        for rule in agreement.scoring.engagement.rules
    ]
    return Section("rules", "Scoring rules", columns, (*fit, *engagement))


def _limits(rule: EngagementRule) -> Iterator[str]:
    if rule.cap is not None:
        yield f"cap {_points(rule.cap)}"
    if rule.at_most is not None:
        yield f"{rule.at_most.count} in {rule.at_most.per_days} days"
    if rule.window_days is not None:
        yield f"last {rule.window_days} days"
    if rule.half_life_days is not None:
        yield f"half-life {rule.half_life_days} days"


def _stages(agreement: Agreement, language: Language) -> Section:
    columns = ("stage", "label", "kind", "side", "entered by", "stale after", "outcome")
    rows = (_stage(agreement, stage, language) for stage in agreement.lifecycle.stages)
    return Section("stages", "Stages", columns, tuple(rows))


def _stage(agreement: Agreement, stage: Stage, language: Language) -> Row:
    return (
        stage.id,
        _label(stage.label, language),
        stage.kind.value,
        stage.side.value,
        ", ".join(dict.fromkeys(entrance.text for entrance in entrances(agreement, stage))) or "a claim",
        allowance_text(stage.stale_after) if stage.stale_after else "",
        stage.outcome.value if stage.outcome else "",
    )


def _handoff(handoff: Handoff, language: Language) -> Iterable[Section]:
    accepted = handoff.accepted_stage or handoff.opens_at
    rows = [
        ("opens at", handoff.opens_at),
        ("to", handoff.to_team),
        ("accepted", f"goes to {accepted}"),
        ("rejected or expired", f"goes to {handoff.rejected_stage}"),
        ("brief", ", ".join(handoff.brief.attributes)),
    ]
    for name in ("rejection_reasons", "recycle_reasons", "lost_reasons"):
        reasons = (f"{reason.id} ({_label(reason.label, language)})" for reason in getattr(handoff, name))
        rows.append((name.replace("_", " "), ", ".join(reasons)))
    yield Section("handoff", "Hand-off", ("what", "value"), tuple(row for row in rows if row[1]))
    columns = ("clock", "label", "starts", "stopped by", "allowance", "calendar", "warns at", "escalates")
    yield Section("clocks", "Clocks", columns, tuple(_clock(clock, language) for clock in handoff.clocks))


def _clock(clock: Clock, language: Language) -> Row:
    return (
        clock.id,
        _label(clock.label, language),
        clock.starts,
        ", ".join(pattern_text(pattern) for pattern in clock.stops),
        allowance_text(clock.allowance),
        clock.calendar,
        ", ".join(f"{share:.0%}" for share in clock.warn_at),
        ", ".join(f"{step.to} after {allowance_text(step.after)}" for step in clock.escalate),
    )


def _calendars(agreement: Agreement) -> Section:
    columns = ("calendar", "time zone", *WEEK, "holidays")
    rows = (_calendar(name, calendar) for name, calendar in agreement.calendars.items())
    return Section("calendars", "Offices", columns, tuple(rows))


def _calendar(name: str, calendar: BusinessCalendar) -> Row:
    written = calendar.model_dump(mode="json")
    openings: dict[str, list[list[str]]] = written["week"]
    week = (", ".join("–".join(pair) for pair in openings.get(day, [])) for day in WEEK)
    holidays = sorted(calendar.holidays)
    said = f"{len(holidays)}, the last {holidays[-1].isoformat()}" if holidays else "none"
    return (name, calendar.time_zone, *week, said)


def _people(agreement: Agreement) -> Section:
    rows = (
        (
            team.id,
            team.label,
            team.side.value,
            team.calendar,
            team.manager or "",
            ", ".join(owner.id for owner in agreement.owners if owner.team == team.id),
        )
        for team in agreement.teams
    )
    columns = ("team", "label", "side", "calendar", "manager", "owners")
    return Section("people", "People", columns, tuple(rows))


def _alerts(agreement: Agreement) -> Section:
    policies = (
        (
            policy.on.value,
            policy.severity.value,
            ", ".join(policy.channels),
            f"again every {policy.repeat_every_minutes} minutes" if policy.repeat_every_minutes else "once",
        )
        for policy in agreement.alerts
    )
    usual = agreement.policy_on_bounds
    bounds = (
        (
            f"{bound.metric} {_between(bound.at_least, bound.at_most)}",
            (bound.severity or usual.severity).value,
            ", ".join(bound.channels or usual.channels),
            f"over {bound.over_days} days",
        )
        for bound in agreement.bounds
    )
    return Section("alerts", "Alerts", ("on", "severity", "channels", "how often"), (*policies, *bounds))


def _between(at_least: float | None, at_most: float | None) -> str:
    sides = (("≥", at_least), ("≤", at_most))
    return " and ".join(f"{sign} {bound:g}" for sign, bound in sides if bound is not None)


def _goals(agreement: Agreement, language: Language) -> Section:
    rows = (
        (
            _label(goal.label, language),
            goal.metric,
            f"{goal.target:,.15g} {goal.unit or ''}".rstrip(),
            goal.period,
            ", ".join(
                f"{pay.side} {pay.share_rate:.0%}" for pay in agreement.variable_pay if pay.goal == goal.id
            ),
        )
        for goal in agreement.goals
    )
    return Section("goals", "Goals", ("goal", "metric", "target", "per", "variable pay"), tuple(rows))


def _rhythm(agreement: Agreement) -> Section:
    rows = ((meeting.label, meeting.every, "; ".join(meeting.agenda)) for meeting in agreement.meetings)
    return Section("meetings", "Meetings", ("meeting", "every", "agenda"), tuple(rows))
