"""The agreement's lifecycle: stages, how a lead gets into each, and who may move it.

The success path is the order of the stages that lie on it; detours (recycled, lost, on hold) are stages off
the path. Kinds follow SiriusDecisions' waterfall: an *inventory* stage holds leads, a *gate* is passed at
once, an *SLA* stage has a clock (docs/glossary.md).
"""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from schemas.agreement.conditions import FactPattern
from schemas.agreement.wrong import wrong
from schemas.calendars import Allowance
from schemas.frozen import Frozen
from schemas.vocabulary import Name, Side, StageId, Text

Label = Annotated[dict[Literal["en", "es"], Text], Field(min_length=1)]


class StageKind(StrEnum):
    """What a stage is for."""

    INVENTORY = "inventory"
    GATE = "gate"
    SLA = "sla"


class Outcome(StrEnum):
    """What it means for the lead to stand at a detour or at the end of the path."""

    WON = "won"
    LOST = "lost"
    RECYCLED = "recycled"


class ScoreEntry(Frozen):
    """A lead enters when its score stands in one of these bands, or reaches these points."""

    bands: tuple[Name, ...] = ()
    """The bands that let a lead in."""
    fit_at_least: float | None = None
    """The points of fit that it must have."""
    engagement_at_least: float | None = None
    """The points of engagement that it must have."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.bands and self.fit_at_least is None and self.engagement_at_least is None:
            raise ValueError(
                "the score entry asks for nothing; give bands, fit_at_least or engagement_at_least"
            )
        return self


class Enter(Frozen):
    """How a lead gets into a stage; any of them will do."""

    facts: tuple[FactPattern, ...] = ()
    """Any of these facts."""
    score: ScoreEntry | None = None
    """This score."""
    claim: bool = True
    """Whether a tool may claim the stage."""


class Stage(Frozen):
    """One stage."""

    id: StageId
    """What tools, numbers and the rest of the agreement call it."""
    kind: StageKind
    """Whether it holds leads (inventory), is passed at once (gate), or has a clock (sla)."""
    side: Side
    """Whose stage it is: only that side, and the system, moves a lead out of it or into it by a claim."""
    label: Label
    """What people call it."""
    enter: Enter = Enter()
    """How a lead gets in."""
    stale_after: Allowance | None = None
    """A lead that stays longer has stalled."""
    outcome: Outcome | None = None
    """What it means to stand here: won, lost or recycled; null: the lead is on its way."""


class Lifecycle(Frozen):
    """The stages and the rules of moving."""

    stages: Annotated[tuple[Stage, ...], Field(min_length=2)]
    """Every stage."""
    success_path: Annotated[tuple[StageId, ...], Field(min_length=2)]
    """The stages that lead to success, in order; all others are detours."""
    skipped: Literal["passed_through", "skipped"] = "passed_through"
    """How stages that were jumped over are recorded: as passed through at the same instant, or as skipped."""
    reopen_to: StageId | None = None
    """Where a reopened lead begins its new cycle; default: the first stage."""
    return_points: Annotated[float, Field(ge=0)] = 0
    """Engagement that a recycled lead must gain, over its lowest since, before its score brings it back
    while it never ceased to qualify. 0: any gain will do."""
    calendar: Name | None = None
    """The calendar for ``stale_after`` in business time; default: the first calendar."""

    @model_validator(mode="after")
    def _stages_exist(self) -> Self:
        known = [stage.id for stage in self.stages]
        for section, names in (("stages", known), ("success_path", self.success_path)):
            for index, name in enumerate(names):
                if name in names[:index]:
                    raise wrong((section, index), f"{name!r} stands twice", "keep one")
        asked = {("success_path", index): name for index, name in enumerate(self.success_path)}
        for at, name in (asked | {("reopen_to",): self.reopen_to or known[0]}).items():
            if name not in known:
                raise wrong(at, f"no stage is called {name!r}", f"the stages are {', '.join(known)}")
        return self

    def stage(self, stage_id: StageId) -> Stage | None:
        """Return the stage of this name, or None."""
        return next((stage for stage in self.stages if stage.id == stage_id), None)

    def outcome_stage(self, outcome: Outcome) -> Stage | None:
        """Return the first stage that means this outcome, or None."""
        return next((stage for stage in self.stages if stage.outcome is outcome), None)
