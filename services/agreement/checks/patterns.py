"""Patterns of facts that match nothing: a kind that no fact has, a field that its kind does not carry.

Such a pattern is well formed and never matches, so that a stage is never entered and a clock never
stopped. What each kind of fact carries is read from ``schemas.facts``, which is where a new kind is
added.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import get_args

from pydantic import BaseModel

from infra.plain_errors import Place
from schemas.agreement import Agreement
from schemas.agreement.conditions import Condition, FactPattern
from schemas.facts import LeadFact
from services.agreement.problems import Findings, doubt, error, unknown

FACTS: dict[str, type[BaseModel]] = {fact.model_fields["kind"].default: fact for fact in get_args(LeadFact)}
"""Every kind of fact about a lead."""


def check_patterns(agreement: Agreement) -> Findings:
    """Yield an error for each pattern that no fact can match, and a doubt for conditions that never hold."""
    for at, pattern in patterns(agreement):
        yield from _pattern(agreement, at, pattern)
    for at, condition in _conditions(agreement):
        yield from _condition(at, condition)


def patterns(agreement: Agreement) -> Iterator[tuple[Place, FactPattern]]:
    """Yield every pattern of the agreement with its place."""
    for index, stage in enumerate(agreement.lifecycle.stages):
        for place, pattern in enumerate(stage.enter.facts):
            yield ("lifecycle", "stages", index, "enter", "facts", place), pattern
    for index, rule in enumerate(agreement.scoring.engagement.rules):
        yield ("scoring", "engagement", "rules", index, "on"), rule.on
    if agreement.handoff is None:
        return
    for index, clock in enumerate(agreement.handoff.clocks):
        for place, pattern in enumerate(clock.stops):
            yield ("handoff", "clocks", index, "stops", place), pattern
    for index, pause in enumerate(agreement.handoff.pauses):
        yield ("handoff", "pauses", index, "begins"), pause.begins
        for place, pattern in enumerate(pause.ends):
            yield ("handoff", "pauses", index, "ends", place), pattern


def _pattern(agreement: Agreement, at: Place, pattern: FactPattern) -> Findings:
    fact = FACTS.get(pattern.kind)
    if fact is None:
        yield from unknown((*at, "kind"), pattern.kind, "fact", FACTS)
        return
    for field in sorted(pattern.model_fields_set - set(fact.model_fields)):
        carried = ", ".join(name for name in FactPattern.model_fields if name in fact.model_fields)
        message = f"a fact of kind {pattern.kind} has no {field}"
        value = getattr(pattern, field)
        yield error((*at, field), value, message, f"take it out; what can be asked of it: {carried}")
    channels = _channels(fact)
    if pattern.channel is not None and channels:
        yield from unknown((*at, "channel"), pattern.channel.value, f"channel of {pattern.kind}", channels)
    if pattern.campaign is not None and "campaign" in fact.model_fields:
        campaigns = [campaign.id for campaign in agreement.campaigns]
        yield from unknown((*at, "campaign"), pattern.campaign, "campaign", campaigns)


def _channels(fact: type[BaseModel]) -> tuple[str, ...]:
    """Return the channels that a kind of fact may have; none when it has none of the agreement's."""
    field = fact.model_fields.get("channel")
    channel = field.annotation if field else None
    if isinstance(channel, type) and issubclass(channel, StrEnum):
        return tuple(channel)
    return get_args(channel)


def _conditions(agreement: Agreement) -> Iterator[tuple[Place, Condition]]:
    for section in ("personas", "segments"):
        for index, member in enumerate(getattr(agreement, section)):
            yield (section, index, "when"), member.when
    for index, rule in enumerate(agreement.scoring.fit.rules):
        yield ("scoring", "fit", "rules", index, "when"), rule.when


def _condition(at: Place, condition: Condition) -> Findings:
    least, below = condition.at_least, condition.below
    if least is not None and below is not None and least >= below:
        message = f"no number is at least {least:g} and below {below:g}"
        yield doubt((*at, "below"), below, message, f"write more than {least:g}, or take one of them out")
    for form in ("all", "any"):
        for index, part in enumerate(getattr(condition, form) or ()):
            yield from _condition((*at, form, index), part)
    if condition.not_ is not None:
        yield from _condition((*at, "not"), condition.not_)
