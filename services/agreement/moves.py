"""How a lead gets into each stage, and what leads out of it: the lifecycle as a picture of its moves.

A stage is entered by a fact, by a score, by accepting or rejecting the hand-off, by the outcome that it
stands for, by passing the gate before it, or by a tool that claims it. Claims are allowed wherever the
agreement does not forbid them, so that a claim shows an intention only where the stage says so itself
(``claim: true``).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from schemas.agreement import Agreement
from schemas.agreement.conditions import FactPattern
from schemas.agreement.lifecycle import ScoreEntry, Stage, StageKind
from services.agreement.attainable import bands, engagement_range, fit_range


class How(StrEnum):
    """By what a lead gets into a stage."""

    FACT = "fact"
    SCORE = "score"
    OUTCOME = "outcome"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    GATE = "gate"
    CLAIM = "claim"


@dataclass(frozen=True, slots=True)
class Entrance:
    """One way into a stage."""

    stage: Stage
    how: How
    text: str
    """In a few words: ``engaged: form demo*``, ``score: hot``."""
    kind: str | None = None
    """The kind of fact that it takes."""


def entrances(agreement: Agreement, stage: Stage) -> tuple[Entrance, ...]:
    """Return the ways into a stage that the agreement states, those that no lead can take left out."""
    return tuple(_entrances(agreement, stage))


def exits(agreement: Agreement, stage: Stage) -> tuple[Stage, ...]:
    """Return the stages that a lead can go on to: later ones on the success path, and detours."""
    return tuple(
        other
        for other in agreement.lifecycle.stages
        if other is not stage and _lies_ahead(agreement, stage, other) and _opens_again(agreement, other)
    )


def _entrances(agreement: Agreement, stage: Stage) -> Iterator[Entrance]:
    for pattern in stage.enter.facts:
        yield Entrance(stage, How.FACT, pattern_text(pattern), pattern.kind)
    if stage.enter.score and is_attainable(agreement, stage.enter.score):
        yield Entrance(stage, How.SCORE, score_text(stage.enter.score))
    if stage.outcome and agreement.lifecycle.outcome_stage(stage.outcome) is stage:
        yield Entrance(stage, How.OUTCOME, stage.outcome.value, stage.outcome.value)
    handoff = agreement.handoff
    if handoff and handoff.accepted_stage == stage.id:
        yield Entrance(stage, How.ACCEPTED, "hand-off accepted", "accepted")
    if handoff and handoff.rejected_stage == stage.id:
        yield Entrance(stage, How.REJECTED, "hand-off rejected or expired", "rejected")
    if (gate := _gate_before(agreement, stage)) is not None:
        yield Entrance(stage, How.GATE, f"{gate.id} passed")
    if stage.enter.claim and "claim" in stage.enter.model_fields_set:
        yield Entrance(stage, How.CLAIM, "claimed by a tool", "stage_claimed")


def passes_on(agreement: Agreement, stage: Stage) -> bool:
    """Say whether the stage is a gate that every lead passes as it enters."""
    return any(_gate_before(agreement, other) is stage for other in agreement.lifecycle.stages)


def _gate_before(agreement: Agreement, stage: Stage) -> Stage | None:
    """Return the gate that leads pass into this stage without anything more, or None."""
    path = agreement.lifecycle.success_path
    place = path.index(stage.id) if stage.id in path else 0
    before = agreement.lifecycle.stage(path[place - 1]) if place else None
    if before is None or before.kind is not StageKind.GATE or stage.outcome is not None:
        return None
    return before if stage.enter.score is None and not stage.enter.facts else None


def _lies_ahead(agreement: Agreement, stage: Stage, other: Stage) -> bool:
    path = agreement.lifecycle.success_path
    if stage.id not in path or other.id not in path:
        return True
    return path.index(other.id) > path.index(stage.id)


def _opens_again(agreement: Agreement, stage: Stage) -> bool:
    """Say whether a lead that is known already can get in: capturing it is the beginning, and no way on."""
    return any(entrance.kind != "captured" for entrance in entrances(agreement, stage))


def is_attainable(agreement: Agreement, asked: ScoreEntry) -> bool:
    """Say whether any lead can have a score that lets it in."""
    if bands(agreement.scoring).intersection(asked.bands):
        return True
    if asked.fit_at_least is None and asked.engagement_at_least is None:
        return False
    fit, engagement = fit_range(agreement.scoring.fit), engagement_range(agreement.scoring.engagement)
    return (asked.fit_at_least or 0) <= fit.most and (asked.engagement_at_least or 0) <= engagement.most


def pattern_text(pattern: FactPattern) -> str:
    """Return a pattern in a few words: ``engaged: form demo*``."""
    details = [pattern.channel, pattern.action, pattern.outcome, pattern.name, pattern.campaign]
    said = " ".join(str(detail) for detail in details if detail is not None)
    return f"{pattern.kind}: {said}" if said else pattern.kind


def score_text(asked: ScoreEntry) -> str:
    """Return what a stage asks of the score in a few words: ``score: hot, or fit ≥ 50``."""
    points = (("fit", asked.fit_at_least), ("engagement", asked.engagement_at_least))
    reached = " and ".join(f"{name} ≥ {least:g}" for name, least in points if least is not None)
    return "score: " + ", or ".join(part for part in (" or ".join(asked.bands), reached) if part)
