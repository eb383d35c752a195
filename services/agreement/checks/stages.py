"""Stages that nothing leads to, that nothing leads out of, and that nobody watches.

A lead that stands where no clock runs and nothing is ever stale is forgotten: that is what most of these
doubts are about. Moves are those of ``services.agreement.moves``.
"""

from schemas.agreement import Agreement
from schemas.agreement.lifecycle import Outcome, Stage, StageKind
from schemas.vocabulary import Side
from services.agreement.moves import How, entrances, exits, is_attainable, passes_on, pattern_text
from services.agreement.problems import Findings, doubt

MARKETING_FACTS = ("captured", "enriched", "engaged", "consent_changed")
"""What marketing's tools say of a lead, whatever sales thinks of it."""


def check_stages(agreement: Agreement) -> Findings:
    """Yield a doubt for each stage that leads cannot reach, cannot leave, or can be forgotten at."""
    for index, stage in enumerate(agreement.lifecycle.stages):
        yield from _reached(agreement, index, stage)
        yield from _left(agreement, index, stage)
        yield from _watched(agreement, index, stage)
        yield from _sided(agreement, index, stage)
    yield from _ends(agreement)


def _reached(agreement: Agreement, index: int, stage: Stage) -> Findings:
    at = ("lifecycle", "stages", index)
    asked = stage.enter.score
    if asked and not is_attainable(agreement, asked):
        message = f"no lead can have the score that {stage.id!r} asks for"
        remedy = "lower the thresholds, or give the rules and their caps more points"
        yield doubt((*at, "enter", "score"), list(asked.bands) or None, message, remedy)
    if not entrances(agreement, stage):
        remedy = "say under enter which facts or score lead here, or claim: true if tools put leads here"
        yield doubt(at, stage.id, f"no lead ever enters {stage.id!r}", remedy)


def _left(agreement: Agreement, index: int, stage: Stage) -> Findings:
    if stage.outcome is None and not exits(agreement, stage):
        remedy = "say how a later stage is entered, or give this one an outcome"
        yield doubt(("lifecycle", "stages", index), stage.id, f"nothing leads out of {stage.id!r}", remedy)


def _watched(agreement: Agreement, index: int, stage: Stage) -> Findings:
    at = ("lifecycle", "stages", index)
    if stage.kind is StageKind.SLA and stage.id not in _clocked(agreement):
        remedy = "give it a clock under handoff.clocks, or make it kind: inventory"
        yield doubt((*at, "kind"), stage.kind.value, f"{stage.id!r} is an SLA stage without a clock", remedy)
    if stage.outcome is None and stage.stale_after is None and not passes_on(agreement, stage):
        remedy = "add stale_after: 30 elapsed days, or what fits"
        yield doubt(at, stage.id, f"a lead can stay at {stage.id!r} for ever, and nobody hears of it", remedy)


def _clocked(agreement: Agreement) -> set[str]:
    """Name the stages at which a clock of the hand-off starts."""
    handoff = agreement.handoff
    if handoff is None:
        return set()
    accepted = handoff.accepted_stage or handoff.opens_at
    at = {"opened": handoff.opens_at, "accepted": accepted, "touched": accepted}
    return {at[clock.starts] for clock in handoff.clocks}


def _sided(agreement: Agreement, index: int, stage: Stage) -> Findings:
    if stage.side is not Side.SALES:
        return
    at = ("lifecycle", "stages", index, "enter")
    for place, pattern in enumerate(stage.enter.facts):
        if pattern.kind in MARKETING_FACTS:
            message = (
                f"marketing's facts ({pattern_text(pattern)}) move a lead into {stage.id!r}, a stage of sales"
            )
            remedy = "let sales' own facts do it, or make it a stage of marketing"
            yield doubt((*at, "facts", place), pattern.kind, message, remedy)
    if any(entrance.how is How.SCORE for entrance in entrances(agreement, stage)):
        message = f"the score moves a lead into {stage.id!r}, a stage of sales"
        yield doubt((*at, "score"), stage.id, message, "enter it by accepting the hand-off")


def _ends(agreement: Agreement) -> Findings:
    lifecycle = agreement.lifecycle
    last = lifecycle.stage(lifecycle.success_path[-1])
    if last is not None and last.outcome is not Outcome.WON:
        at = ("lifecycle", "success_path", len(lifecycle.success_path) - 1)
        message = f"the success path ends at {last.id!r}, which does not mean success"
        yield doubt(at, last.id, message, "give that stage outcome: won")
