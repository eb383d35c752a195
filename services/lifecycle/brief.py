"""What sales gets to read when a lead is handed over: who, why now, what they did, what they were promised.

The material is noted as facts go by, and no more of it than the agreement's brief asks for. A brief tells
what was known when it was made: something that happened earlier and became known later is noted for the
next one and does not rewrite what sales has read, not even when the lead's history is folded again. So the
order of noting does not matter, and a late page view is worth no refold. Nothing here names a person.
"""

from datetime import datetime
from typing import Any

from schemas.entries import Entry
from schemas.facts import Captured, Engaged, Enriched, LeadFact, Touched
from schemas.handoffs import Activity, Brief
from schemas.lifecycle import StageChanged
from schemas.vocabulary import Scalar
from services.lifecycle.state import Noted
from services.lifecycle.turn import Turn

SLACK = 2
"""How many times a brief's worth of activities is kept: room for those that became known too late for it."""

MOST_TEXT = 200
"""Characters of an activity: a line that a person reads."""


def remember(turn: Turn, entry: Entry, fact: LeadFact) -> None:
    """Note what a brief may tell of this entry's fact."""
    form = turn.plan.form
    if entry.traits or isinstance(fact, Captured | Enriched):
        _remember_attributes(turn, entry.traits, fact)
    if isinstance(fact, Engaged) and form.activity_count:
        noted = Noted(entry.at, entry.seq, _told(fact))
        turn.keep(activities=_with(turn.state.activities, noted, form.activity_count * SLACK))
    if isinstance(fact, Engaged | Touched) and fact.promised and form.promise_count:
        noted = Noted(entry.at, entry.seq, fact.promised)
        turn.keep(promises=_with(turn.state.promises, noted, form.promise_count * SLACK))


def brief(turn: Turn) -> Brief:
    """Return the brief of a hand-off that opens now."""
    state, form = turn.state, turn.plan.form
    return Brief(
        lead_id=state.lead_id,
        why_now=_why_now(turn),
        cell=state.score.cell if state.score else None,
        attributes={name: state.attributes[name] for name in form.attributes if name in state.attributes},
        activities=_known(state.activities, form.activity_count, turn.seq),
        promises=_known(state.promises, form.promise_count, turn.seq),
    )


def forgotten() -> dict[str, Any]:
    """Return the changes that leave nothing of a brief's material."""
    return {"attributes": {}, "activities": (), "promises": ()}


def _remember_attributes(turn: Turn, traits: dict[str, Scalar | None], fact: LeadFact) -> None:
    asked, known = turn.plan.form.attributes, turn.state.attributes
    said = {**traits, **(fact.attributes if isinstance(fact, Captured | Enriched) else {})}
    news = {name: value for name, value in said.items() if name in asked and known.get(name) != value}
    if news:
        merged = {**known, **news}
        turn.keep(attributes={name: value for name, value in merged.items() if value is not None})


def _with(noted: tuple[Noted, ...], new: Noted, most: int) -> tuple[Noted, ...]:
    grown = (*noted, new)
    if noted and _place(new) < _place(noted[-1]):
        grown = tuple(sorted(grown, key=_place))
    return grown[-most:]


def _place(noted: Noted) -> tuple[datetime, int]:
    return noted.at, noted.seq


def _known(noted: tuple[Noted, ...], count: int, seq: int | None) -> tuple[Activity, ...]:
    known = [each for each in noted if seq is None or each.seq <= seq]
    return tuple(Activity(at=each.at, what=each.what) for each in (known[-count:] if count else ()))


def _told(fact: Engaged) -> str:
    told = " ".join(part for part in (fact.channel, fact.action, fact.name) if part)
    return told if len(told) <= MOST_TEXT else f"{told[: MOST_TEXT - 1]}…"


def _why_now(turn: Turn) -> str:
    move = next(said for said in reversed(turn.said) if isinstance(said, StageChanged))
    score = turn.state.score
    standing = f"{score.band} ({score.cell})" if score else None
    detail = move.detail if not score or move.detail != score.band else None
    return ": ".join(part for part in (move.reason.value, detail, standing) if part)
