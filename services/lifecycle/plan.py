"""An agreement made ready for the lifecycle: every question that a step asks of it is one look-up here.

Built once for an agreement and kept, because a rule is called a million times under the same one. It adds no
meaning: what an agreement says is said in ``schemas.agreement``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from schemas.agreement import Agreement
from schemas.agreement.conditions import FactPattern
from schemas.agreement.handoff import BriefForm, Clock, Handoff, OnChange, Pause
from schemas.agreement.lifecycle import Outcome, ScoreEntry, Stage, StageKind
from schemas.calendars import BusinessCalendar
from schemas.facts import LeadFact
from schemas.scoring import Centipoints
from schemas.vocabulary import Name, OwnerId, Side, StageId, TeamId
from services.business_time import NoDeadline, deadline
from services.lifecycle.state import Interval, LifecycleState, Score

Routes = dict[str, tuple[tuple[FactPattern, Stage], ...]]


@dataclass(frozen=True, slots=True)
class Threshold:
    """What a stage asks of a score, in the units that scores are said in."""

    bands: frozenset[Name]
    fit: Centipoints | None
    engagement: Centipoints | None

    def holds(self, score: Score) -> bool:
        """Say whether the score is in one of the bands, or reaches all the points that are asked for."""
        if score.band in self.bands:
            return True
        if self.fit is None and self.engagement is None:
            return False
        return (self.fit is None or score.fit >= self.fit) and (
            self.engagement is None or score.engagement >= self.engagement
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """One agreement, looked up."""

    agreement: Agreement
    stages: dict[StageId, Stage]
    path: tuple[Stage, ...]
    place: dict[StageId, int]
    """Where on the success path a stage lies; detours are not in it."""
    routes: Routes
    """By kind of fact: the patterns that enter a stage; the path in order, then the detours."""
    thresholds: dict[StageId, Threshold]
    handoff: Handoff | None
    opens_at: StageId | None
    accepted_stage: Stage | None
    rejected_stage: Stage | None
    worked_beyond: int
    """The place on the path after which a hand-off that was taken on has been worked."""
    form: BriefForm
    on_change: OnChange
    answering: Side
    """Whose hand-offs are to answer: the side of the team that gets them."""
    clocks: dict[Name, Clock]
    pauses: dict[Name, Pause]
    listening: dict[str, tuple[FactPattern, ...]]
    """By kind of fact: the patterns of clocks and pauses."""
    owners: dict[OwnerId, TeamId]
    return_points: Centipoints

    def entered_by(self, fact: LeadFact) -> tuple[Stage, ...]:
        """Return the stages that the fact's patterns enter."""
        routes = self.routes.get(fact.kind)
        if routes is None:
            return ()
        return tuple(stage for pattern, stage in routes if pattern.matches(fact))

    def standing(self, state: LifecycleState) -> int:
        """Return how far along the success path the lead stands; -1 off it, or nowhere yet.

        A stage that the lead entered on the path, and that a later agreement took off it, counts for the last
        of the lead's stages that is left there.
        """
        place = self.place.get(state.stage or "")
        if place is not None:
            return place
        if state.stage not in state.trail:
            return -1
        return max((self.place[name] for name in state.trail if name in self.place), default=-1)

    def reads(self, fact: LeadFact) -> bool:
        """Say whether a pattern of a stage, a clock or a pause matches the fact."""
        listening = self.listening.get(fact.kind, ())
        return bool(self.entered_by(fact)) or any(pattern.matches(fact) for pattern in listening)

    def outcome_stage(self, outcome: Outcome, fact: LeadFact | None = None) -> Stage | None:
        """Return the stage of an outcome: the one that the fact's patterns enter, or the first."""
        named = self.entered_by(fact) if fact else ()
        own = next((stage for stage in named if stage.outcome is outcome), None)
        return own or self.agreement.lifecycle.outcome_stage(outcome)

    def passes(self, gate: Stage, following: Stage, score: Score | None) -> bool:
        """Say whether a lead at a gate goes straight on: the next stage's condition holds, or it has none."""
        if gate.kind is not StageKind.GATE or following.outcome is not None:
            return False
        threshold = self.thresholds.get(following.id)
        if threshold is None:
            return not following.enter.facts
        return score is not None and threshold.holds(score)

    def knows_owner(self, owner: OwnerId) -> bool:
        """Say whether the agreement knows the owner; one that lists none knows anybody."""
        return not self.owners or owner in self.owners

    def knows_team(self, team: TeamId) -> bool:
        """Say whether the agreement knows the team; one that lists none knows any."""
        return not self.agreement.teams or self.agreement.team(team) is not None

    def calendar_for(self, whose: str, owner: OwnerId | None, team: TeamId | None) -> Name:
        """Name the calendar that ``owner``, ``team`` or a calendar's own name stands for."""
        agreed = None
        if whose in ("owner", "team"):
            agreed = self.agreement.hours_of(owner if whose == "owner" else None, team)
        return agreed or (whose if whose in self.agreement.calendars else self.house_calendar)

    @property
    def house_calendar(self) -> Name:
        """Name the calendar of the lifecycle, by default the agreement's first."""
        named = self.agreement.lifecycle.calendar
        return named if named in self.agreement.calendars else next(iter(self.agreement.calendars))

    def calendar(self, name: Name) -> BusinessCalendar:
        """Return a calendar that the agreement has."""
        return self.agreement.calendars[name]

    def away(self, clock: Clock, owner: OwnerId | None, since: datetime) -> tuple[Interval, ...]:
        """Return when the clock's owner is away from ``since`` on, as far as that stops the clock."""
        if not (self.handoff and self.handoff.pause_when_absent and clock.calendar == "owner" and owner):
            return ()
        away = (each for each in self.agreement.absences if each.owner == owner and each.end > since)
        return tuple(sorted((each.start, each.end) for each in away))

    def stale_at(self, stage: Stage, since: datetime) -> datetime | None:
        """Return when a lead that entered the stage at ``since`` has stalled; None if it never does."""
        if stage.stale_after is None:
            return None
        try:
            return deadline(since, stage.stale_after, self.calendar(self.house_calendar))
        except NoDeadline:
            return None


_kept: dict[tuple[Name, str], Plan] = {}
"""Plans by what tells agreements apart: a pure function's results, so keeping them changes nothing."""
_MOST_PLANS = 64


def plan_for(agreement: Agreement) -> Plan:
    """Return the plan of an agreement, made once.

    Agreements without a digest (built in memory) are told apart by identity.
    """
    key = (agreement.version, agreement.digest)
    plan = _kept.get(key)
    if plan is None or (plan.agreement is not agreement and not agreement.digest):
        if len(_kept) >= _MOST_PLANS:
            _kept.clear()
        plan = _kept[key] = _made(agreement)
    return plan


def _made(agreement: Agreement) -> Plan:
    lifecycle, handoff = agreement.lifecycle, agreement.handoff
    stages = {stage.id: stage for stage in lifecycle.stages}
    path = tuple(stages[name] for name in lifecycle.success_path)
    place = {stage.id: index for index, stage in enumerate(path)}
    ordered = (*path, *(stage for stage in lifecycle.stages if stage.id not in place))
    team = agreement.team(handoff.to_team) if handoff else None
    return Plan(
        agreement=agreement,
        stages=stages,
        path=path,
        place=place,
        routes=_routes(ordered),
        thresholds={stage.id: _threshold(stage.enter.score) for stage in ordered if stage.enter.score},
        handoff=handoff,
        opens_at=handoff.opens_at if handoff else None,
        accepted_stage=stages.get(handoff.accepted_stage or "") if handoff else None,
        rejected_stage=stages.get(handoff.rejected_stage) if handoff else None,
        worked_beyond=max(place.get(name or "", -1) for name in (handoff.opens_at, handoff.accepted_stage))
        if handoff
        else -1,
        form=handoff.brief if handoff else BriefForm(activity_count=0, promise_count=0),
        on_change=handoff.on_change if handoff else OnChange(),
        answering=team.side if team else Side.SALES,
        clocks={clock.id: clock for clock in handoff.clocks} if handoff else {},
        pauses={pause.id: pause for pause in handoff.pauses} if handoff else {},
        listening=_listening(handoff) if handoff else {},
        owners={owner.id: owner.team for owner in agreement.owners},
        return_points=_centipoints(lifecycle.return_points),
    )


def _routes(stages: Iterable[Stage]) -> Routes:
    routes: Routes = {}
    for stage in stages:
        for pattern in stage.enter.facts:
            routes[pattern.kind] = (*routes.get(pattern.kind, ()), (pattern, stage))
    return routes


def _threshold(asked: ScoreEntry) -> Threshold:
    fit, engagement = asked.fit_at_least, asked.engagement_at_least
    return Threshold(
        frozenset(asked.bands),
        None if fit is None else _centipoints(fit),
        None if engagement is None else _centipoints(engagement),
    )


def _centipoints(points: float) -> Centipoints:
    return round(points * 100)


def _listening(handoff: Handoff) -> dict[str, tuple[FactPattern, ...]]:
    patterns = [pattern for clock in handoff.clocks for pattern in clock.stops]
    patterns += [pattern for pause in handoff.pauses for pattern in (pause.begins, *pause.ends)]
    kinds = dict.fromkeys(pattern.kind for pattern in patterns)
    return {kind: tuple(each for each in patterns if each.kind == kind) for kind in kinds}
