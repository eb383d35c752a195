"""Names that name nothing, names that name two things, and names that nobody can read.

Every place where the agreement refers to a part of itself is listed here, and every list whose members
are told apart by name. All of it is an error: what refers to nothing would be silently ignored by the
rules.
"""

from collections.abc import Iterable
from itertools import chain

from infra.plain_errors import Place
from schemas.agreement import Agreement
from schemas.agreement.handoff import Handoff
from services.agreement.currencies import CURRENCIES
from services.agreement.problems import Findings, error, twice, unknown
from services.metrics.catalogue import CATALOGUE
from services.phone_numbers import region_problem

IDENTIFIERS = ("email", "phone", "external_id")
"""What ``identity.merge_on`` may name; an anonymous id always joins."""

RESERVED = {"calendars": ("owner", "team"), "owners": ("manager",)}
"""Names that mean something else where the section's members are referred to."""


NAMES = frozenset(("version", "title", "id", "name", "term"))
"""The fields by which people find a part of the agreement again."""


def check_names(agreement: Agreement) -> Findings:
    """Yield an error for each reference to nothing, and for each name that is blank or stands twice."""
    return chain(
        _blank((), agreement.model_dump(by_alias=True)),
        unknown(("currency",), agreement.currency, "currency", sorted(CURRENCIES)),
        _identity(agreement),
        _people(agreement),
        _stages(agreement),
        _scoring(agreement),
        _handoff(agreement, agreement.handoff) if agreement.handoff else (),
        _numbers(agreement),
        _twice(agreement),
        _reserved(agreement),
    )


def _blank(at: Place, value: object) -> Findings:
    if isinstance(value, tuple):
        for index, member in enumerate(value):
            yield from _blank((*at, index), member)
    if isinstance(value, dict):
        for name, below in value.items():
            if not name.strip() or (name in NAMES and isinstance(below, str) and not below.strip()):
                blank = below if name.strip() else name
                yield error((*at, name), blank, f"{blank!r} is blank", "write a name that people can read")
            yield from _blank((*at, name), below)


def _identity(agreement: Agreement) -> Findings:
    for index, name in enumerate(agreement.identity.merge_on):
        yield from unknown(("identity", "merge_on", index), name, "identifier", IDENTIFIERS)
    region = agreement.identity.default_region
    if problem := region_problem(region):
        yield error(("identity", "default_region"), region, *problem)


def _people(agreement: Agreement) -> Findings:
    teams, owners = _ids(agreement.teams), _ids(agreement.owners)
    for index, team in enumerate(agreement.teams):
        yield from unknown(("teams", index, "calendar"), team.calendar, "calendar", agreement.calendars)
        if team.manager:
            yield from unknown(("teams", index, "manager"), team.manager, "owner", owners)
    for index, owner in enumerate(agreement.owners):
        yield from unknown(("owners", index, "team"), owner.team, "team", teams)
        if owner.calendar:
            yield from unknown(("owners", index, "calendar"), owner.calendar, "calendar", agreement.calendars)
    for index, absence in enumerate(agreement.absences):
        yield from unknown(("absences", index, "owner"), absence.owner, "owner", owners)


def _stages(agreement: Agreement) -> Findings:
    lifecycle = agreement.lifecycle
    if lifecycle.calendar:
        yield from unknown(("lifecycle", "calendar"), lifecycle.calendar, "calendar", agreement.calendars)
    for index, stage in enumerate(lifecycle.stages):
        for place, band in enumerate(stage.enter.score.bands if stage.enter.score else ()):
            at = ("lifecycle", "stages", index, "enter", "score", "bands", place)
            yield from unknown(at, band, "band", agreement.scoring.bands)


def _scoring(agreement: Agreement) -> Findings:
    fit, engagement = agreement.scoring.fit, agreement.scoring.engagement
    for name, rules, groups in (
        ("fit", [rule.group for rule in fit.rules], fit.groups),
        ("engagement", [rule.group for rule in engagement.rules], engagement.groups),
    ):
        for index, group in enumerate(rules):
            yield from unknown(("scoring", name, "rules", index, "group"), group, "group", groups)


def _handoff(agreement: Agreement, handoff: Handoff) -> Findings:
    stages = _ids(agreement.lifecycle.stages)
    for field in ("opens_at", "accepted_stage", "rejected_stage"):
        if stage := getattr(handoff, field):
            yield from unknown(("handoff", field), stage, "stage", stages)
    yield from unknown(("handoff", "to_team"), handoff.to_team, "team", _ids(agreement.teams))
    for index, clock in enumerate(handoff.clocks):
        at: Place = ("handoff", "clocks", index)
        calendars = ("owner", "team", *agreement.calendars)
        yield from unknown((*at, "calendar"), clock.calendar, "calendar", calendars)
        for place, step in enumerate(clock.escalate):
            people = ("manager", *_ids(agreement.owners))
            yield from unknown((*at, "escalate", place, "to"), step.to, "owner", people)
    for index, pause in enumerate(handoff.pauses):
        for place, name in enumerate(pause.clocks):
            at = ("handoff", "pauses", index, "clocks", place)
            yield from unknown(at, name, "clock", _ids(handoff.clocks))


def _numbers(agreement: Agreement) -> Findings:
    metrics = [metric.name for metric in CATALOGUE]
    channels = _ids(agreement.channels)
    for section in ("goals", "bounds"):
        for index, number in enumerate(getattr(agreement, section)):
            yield from unknown((section, index, "metric"), number.metric, "metric", metrics)
    for section in ("alerts", "bounds"):
        for index, told in enumerate(getattr(agreement, section)):
            for place, channel in enumerate(told.channels):
                yield from unknown((section, index, "channels", place), channel, "channel", channels)
    for index, pay in enumerate(agreement.variable_pay):
        yield from unknown(("variable_pay", index, "goal"), pay.goal, "goal", _ids(agreement.goals))


def _twice(agreement: Agreement) -> Findings:
    for section in ("personas", "segments", "teams", "owners", "channels", "goals", "campaigns"):
        yield from twice((section,), _ids(getattr(agreement, section)))
    yield from twice(("scoring", "fit", "rules"), _ids(agreement.scoring.fit.rules))
    yield from twice(("scoring", "engagement", "rules"), _ids(agreement.scoring.engagement.rules))
    yield from twice(("glossary",), (term.term for term in agreement.glossary), "term")
    if agreement.handoff:
        for section in ("rejection_reasons", "recycle_reasons", "lost_reasons", "clocks", "pauses"):
            yield from twice(("handoff", section), _ids(getattr(agreement.handoff, section)))


def _reserved(agreement: Agreement) -> Findings:
    for name in RESERVED["calendars"]:
        if name in agreement.calendars:
            message = f"{name!r} means the {name}'s calendar where a clock names one"
            yield error(("calendars", name), name, message, "call it something else")
    for index, owner in enumerate(agreement.owners):
        if owner.id in RESERVED["owners"]:
            message = f"{owner.id!r} means the team's manager where an escalation names somebody"
            yield error(("owners", index, "id"), owner.id, message, "call the person something else")


def _ids(members: Iterable[object]) -> tuple[str, ...]:
    return tuple(str(getattr(member, "id")) for member in members)  # noqa: B009  members share the field, no type
