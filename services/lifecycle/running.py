"""The clocks of the open hand-off, all at once: which start, stand, change their terms, and end.

``clocks.py`` knows one clock and no lead; here are the lead's owner, the agreement's clauses and the pauses
that are on. A clock stands while any pause that covers it is on, so pauses may overlap as they like:
beginning one that is on, or ending one that is not, does nothing.
"""

from schemas.agreement.conditions import FactPattern
from schemas.agreement.handoff import Carry, Clock, ClockStart
from schemas.calendars import Allowance, BusinessCalendar
from schemas.facts import LeadFact
from schemas.handoffs import ClockEnd, ClockEnded, ClockStarted
from schemas.records import replace
from schemas.vocabulary import Name
from services.lifecycle import clocks
from services.lifecycle.clocks import Terms, Whose
from services.lifecycle.state import MOST_ENDED_CLOCKS, HandoffState, Interval, SlaClock
from services.lifecycle.turn import Turn, Why


def start_all(turn: Turn, on: ClockStart) -> None:
    """Start the clocks that start on this and are not running; those answered early end at once, met."""
    for definition in turn.plan.clocks.values():
        handoff = turn.state.open_handoff
        if handoff is None or definition.starts != on or running(handoff, definition.id):
            continue
        clock = _start(turn, definition)
        if definition.id in handoff.early:
            end(turn, clock, ClockEnd.MET)


def answered(turn: Turn, fact: LeadFact, *, accepts: bool) -> None:
    """End the running clocks that the fact answers, and note which it answers before they begin.

    A fact that accepts the hand-off, in so many words or by its work, answers what ``accepted`` answers.
    """
    handoff = turn.state.open_handoff
    if handoff is None or not (accepts or fact.kind in turn.plan.listening):
        return
    for clock in handoff.running:
        if _answers(turn.plan.clocks[clock.clock], fact, accepts=accepts):
            end(turn, clock, ClockEnd.MET)
    if not accepts and handoff.accepted_at is None:
        _note_early(turn, fact)


def end(turn: Turn, clock: SlaClock, how: ClockEnd) -> None:
    """End one running clock."""
    handoff = turn.state.handoffs[-1]
    done = clocks.ended(clock, turn.at, how, handoff.calendars)
    others = tuple(each for each in handoff.running if each is not clock)
    turn.keep_handoff(replace(handoff, running=others, ended=(*handoff.ended, done)[-MOST_ENDED_CLOCKS:]))
    turn.say(
        ClockEnded(
            handoff_id=handoff.handoff_id,
            clock=done.clock,
            turn=done.turn,
            ended_at=turn.at,
            end=done.end or how,
            elapsed_seconds=int((turn.at - done.started_at).total_seconds()),
            working_seconds=int(done.working.total_seconds()) if done.working else 0,
        )
    )


def hear_pauses(turn: Turn, fact: LeadFact) -> None:
    """Begin and end the pauses that the fact begins and ends."""
    handoff = turn.state.open_handoff
    if handoff is None or fact.kind not in turn.plan.listening:
        return
    on = dict(handoff.pauses)
    for pause in turn.plan.pauses.values():
        if pause.begins.matches(fact):
            on.setdefault(pause.id, turn.at)
        elif _any_matches(pause.ends, fact):
            on.pop(pause.id, None)
    if tuple(on.items()) != handoff.pauses:
        turn.keep_handoff(replace(handoff, pauses=tuple(on.items())))
        settle_pauses(turn)


def settle_pauses(turn: Turn) -> None:
    """Let every running clock stand that a pause covers, and the others go on."""
    handoff = turn.state.handoffs[-1]
    for clock in handoff.running:
        covered = _covered(turn, handoff, clock.clock)
        if covered and not clock.paused:
            update(turn, clock, clocks.paused(clock, turn.at), "paused")
        elif clock.paused and not covered:
            update(turn, clock, clocks.resumed(clock, turn.at, handoff.calendars), "resumed")


def follow_owner(turn: Turn) -> None:
    """Put the running clocks under the hours of the lead's owner and team, as ``on_change.owner`` says."""
    handoff = turn.state.open_handoff
    if handoff is None:
        return
    before, how = (handoff.owner, handoff.team), turn.plan.on_change.owner
    turn.keep_handoff(replace(handoff, owner=turn.state.owner, team=turn.state.team or handoff.team))
    for clock in handoff.running:
        terms = _terms(turn, turn.plan.clocks[clock.clock], clock.allowance)
        if how == "keep":  # a signing, too, then speaks of the hours that it has
            terms = replace(terms, hours_of=clock.hours_of or before)
        _change(turn, clock, terms, how, "owner")


def follow_agreement(turn: Turn) -> None:
    """Put the running clocks under the agreement that is now in force, as its ``on_change`` says.

    A clock that is no longer agreed ends. One that is newly agreed starts with what next starts it.
    """
    handoff = turn.state.open_handoff
    if handoff is None:
        return
    turn.keep_handoff(replace(handoff, owner=turn.state.owner, team=turn.state.team or handoff.team))
    for clock in handoff.running:
        definition = turn.plan.clocks.get(clock.clock)
        if definition is None:
            end(turn, clock, ClockEnd.CANCELLED)
            continue
        _follow_terms(turn, clock, _terms(turn, definition, definition.allowance, clock.hours_of))
    settle_pauses(turn)


def update(turn: Turn, old: SlaClock, new: SlaClock, why: Why | None = None) -> None:
    """Replace a running clock, with its deadline and next event counted anew unless it stands.

    ``why`` is what a deadline that comes out otherwise is put down to.
    """
    handoff = turn.state.handoffs[-1]
    if not new.paused:
        new = clocks.scheduled(new, turn.at, handoff.calendars, turn.plan.clocks[new.clock])
    if why:
        turn.moved[new.clock, new.turn] = why
    turn.keep_handoff(
        replace(handoff, running=tuple(new if each is old else each for each in handoff.running))
    )


def running(handoff: HandoffState, clock: Name) -> SlaClock | None:
    """Return the run of a clock that is on, or None."""
    return next((each for each in handoff.running if each.clock == clock), None)


def _start(turn: Turn, definition: Clock) -> SlaClock:
    terms = _terms(turn, definition, definition.allowance)
    handoff = turn.state.handoffs[-1]
    count = handoff.turns.get(definition.id, 0) + 1
    clock = clocks.started(definition.id, count, turn.at, terms, handoff.calendars)
    if _covered(turn, handoff, definition.id):
        clock = clocks.paused(clock, turn.at)
    else:
        clock = clocks.scheduled(clock, turn.at, handoff.calendars, definition)
    turns = {**handoff.turns, definition.id: count}
    turn.keep_handoff(replace(handoff, running=(*handoff.running, clock), turns=turns))
    turn.say(
        ClockStarted(
            handoff_id=handoff.handoff_id,
            clock=clock.clock,
            turn=count,
            started_at=turn.at,
            due_at=clock.due_at,
        )
    )
    return clock


def _note_early(turn: Turn, fact: LeadFact) -> None:
    handoff = turn.state.handoffs[-1]
    early = tuple(
        each.id
        for each in turn.plan.clocks.values()
        if each.starts == "accepted" and each.id not in handoff.early and _any_matches(each.stops, fact)
    )
    if early:
        turn.keep_handoff(replace(handoff, early=(*handoff.early, *early)))


def _change(turn: Turn, clock: SlaClock, terms: Terms, how: Carry, why: Why) -> None:
    if how == "restart" and clock.breached_at:
        how = "carry"  # what is broken stays broken
    calendars = turn.state.handoffs[-1].calendars
    if how == "carry" and not _differ(turn, clock, terms):
        how = "keep"
    update(turn, clock, clocks.changed(clock, how, turn.at, terms, calendars), why)


def _follow_terms(turn: Turn, clock: SlaClock, agreed: Terms) -> None:
    """Put a clock under what is agreed now: the allowance as ``policy`` says, the hours as ``calendar`` does.

    What restarts restarts the whole of a clock: it has one use of time, whatever that is counted under.
    """
    on_change = turn.plan.on_change
    terms = agreed
    if on_change.policy == "keep":
        terms = replace(terms, allowance=clock.allowance)
    if on_change.calendar == "keep":
        terms = replace(terms, calendar=clock.calendar, away=_ahead(turn, clock))
    grants_other = terms.allowance != clock.allowance
    other_hours = _differ(turn, clock, replace(terms, allowance=clock.allowance))
    ways: dict[Why, Carry] = {}
    if grants_other:
        ways["policy"] = on_change.policy
    if other_hours:
        ways["calendar"] = on_change.calendar
    how: Carry = "restart" if "restart" in ways.values() else "carry" if ways else "keep"
    # Alerts read off the reason whether the clock has begun anew.
    why: Why = next((why for why, way in ways.items() if way == how), "policy")
    _change(turn, clock, terms, how, why)


def _differ(turn: Turn, clock: SlaClock, terms: Terms) -> bool:
    kept = (clock.allowance, clock.calendar, _ahead(turn, clock))
    return (terms.allowance, terms.calendar, terms.away) != kept


def _ahead(turn: Turn, clock: SlaClock) -> tuple[Interval, ...]:
    """Return the absences of a clock's terms that are not over."""
    return tuple(each for each in clock.away if each[1] is None or each[1] > turn.at)


def _terms(turn: Turn, definition: Clock, allowance: Allowance, hours_of: Whose | None = None) -> Terms:
    handoff = turn.state.handoffs[-1]
    owner, team = hours_of or (handoff.owner, handoff.team)
    name = turn.plan.calendar_for(definition.calendar, owner, team)
    away = turn.plan.away(definition, owner, turn.at)
    return Terms(allowance, _held(turn, name), away, handoff.owner, hours_of)


def _held(turn: Turn, name: Name) -> str:
    """Return the key of a calendar as it is agreed now; the hand-off keeps it from now on."""
    handoff, calendar = turn.state.handoffs[-1], turn.plan.calendar(name)
    for key, held in handoff.calendars.items():
        if calendar_name(key) == name and held == calendar:
            return key
    key = f"{name}@{turn.plan.agreement.version}"
    while key in handoff.calendars:  # the version was signed twice, with other hours
        key += "'"
    turn.keep_handoff(replace(handoff, calendars={**_in_use(handoff), key: calendar}))
    return key


def calendar_name(key: str) -> Name:
    """Return the name that a held calendar has in the agreement."""
    return key.rpartition("@")[0]


def _in_use(handoff: HandoffState) -> dict[str, BusinessCalendar]:
    every = (*handoff.running, *handoff.ended)
    used = {clock.calendar for clock in every}
    used.update(stretch.calendar for clock in every for stretch in clock.earlier)
    return {key: held for key, held in handoff.calendars.items() if key in used}


def _covered(turn: Turn, handoff: HandoffState, clock: Name) -> bool:
    on = (turn.plan.pauses[each] for each, _ in handoff.pauses if each in turn.plan.pauses)
    return any(not pause.clocks or clock in pause.clocks for pause in on)


def _answers(definition: Clock, fact: LeadFact, *, accepts: bool) -> bool:
    if accepts and any(pattern.kind == "accepted" for pattern in definition.stops):
        return True
    return _any_matches(definition.stops, fact)


def _any_matches(patterns: tuple[FactPattern, ...], fact: LeadFact) -> bool:
    return any(pattern.matches(fact) for pattern in patterns)
