"""The scoring rule. This is the definition; ``docs/scoring.md`` tells it to people, with an example.

Points are whole hundredths. **Fit** is the sum of the fit rules whose condition holds of the lead's
attributes, each attribute as the latest fact said it. **Engagement** at an instant is the sum, over the facts
that earned, of the rule's points × 2^(−age / half-life), rounded half-even to a hundredth; age is in whole
seconds of UTC, and a fact as old as the rule's window counts for nothing. A fact earns when fewer than
``at_most.count`` of those before it earned within ``per_days``. Of a rule that decays or has a window, the
latest ``LATEST_COUNT`` facts count (or ``at_most.count``, if that is more). Then the caps: each rule within ±
its own, each group within ± its own, the total between 0 and its own. Facts stand in the order (``at``,
source, event id), in whatever order they were heard; the latest fill a cap, and the earliest are cut.

A fact is read **once, under the agreement in force at its instant**: which rules it earns under, by id, and
which attributes it sets. What all of it is worth follows from the agreement in force now. So a new version
applies its points, caps, half-lives and thresholds at once to what was earned; a rule that it adds counts
from then on, and one that it drops is forgotten. No fact is needed again for that, and refolding the history
comes to the same.

``ScoreChanged`` is said at a lead's first capture or first fact that is read; when such a fact changes the
score; when decay alone changes the cell, at that very second; and when a new agreement changes the score. A
fact that nothing here reads changes nothing at all. A lead that asked to be forgotten is scored no more.

The timer is armed for the very second at which decay will change the cell, if no fact comes. A fact that can
only put that off leaves it as it is: then it wakes the rule once in vain.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, assert_never

from schemas.agreement import Agreement
from schemas.entries import Entry
from schemas.records import replace
from schemas.scoring import Centipoints, ScoreChanged
from schemas.step import AgreementChanged, Event, Step, Timer, TimerDue
from schemas.vocabulary import Name
from services.scoring.book import Book, Earning, book_of
from services.scoring.engagement import Moment, adopted, earn, measure, under
from services.scoring.fit import alike, fit_of, heard, said_by
from services.scoring.horizon import can_rise, next_crossing
from services.scoring.state import SECOND, Profile, Said, ScoringState, instant, microseconds

DECAY = "decay"
"""The kind of this rule's timer."""

_ALWAYS_READ = frozenset({"captured", "erased"})

Reason = Literal["fact", "decay", "agreement"]


def step(state: ScoringState | None, event: Event, agreement: Agreement) -> Step[ScoringState]:
    """Score one lead; see the module."""
    book = book_of(agreement)
    held = state or ScoringState(agreement=book.key)
    if held.erased:
        return Step(held)
    match event:
        case Entry():
            return _hear(held, event, book)
        case TimerDue():
            fired = replace(adopted(held, book), decay_due=None)
            fit = _fit_after(held, held.profile, book, ())
            return _conclude(fired, book, at=event.at, reason="decay", fit=fit)
        case AgreementChanged():
            if held.said is None:
                return Step(held)
            told = under(held, book)
            return _conclude(told, book, at=event.at, reason="agreement", fit=fit_of(held.profile, book))
        case _:
            assert_never(event)


def matters(entry: Entry, agreement: Agreement) -> bool:
    """Say whether the fact's place in time changes what scoring concludes: whether anything here reads it."""
    book = book_of(agreement)
    fact = entry.fact
    if fact is None:
        return False
    return fact.kind in _ALWAYS_READ or bool(book.matched(fact)) or any(said_by(entry, book))


def _hear(state: ScoringState, entry: Entry, book: Book) -> Step[ScoringState]:
    """Take a fact in, and conclude from it if it changes anything."""
    fact = entry.fact
    if fact is None:
        return Step(state)
    rules = book.matched(fact)
    stated, derived = said_by(entry, book)
    if not (rules or stated or derived or fact.kind in _ALWAYS_READ):
        return Step(state)
    if fact.kind == "erased":
        timers = () if state.decay_due is None else (Timer(DECAY, None),)
        return Step(replace(state, decay_due=None, erased=True), timers=timers)
    held = adopted(state, book)
    mark = (microseconds(entry.at), entry.source, entry.event_id)
    profile = heard(held.profile, mark, stated, derived)
    earned = earn(held.earned, rules, mark)
    fit = _fit_after(state, profile, book, (*stated, *derived))
    new = ScoringState(held.agreement, profile, earned, held.said, held.decay_due)
    if held is not state:
        return _conclude(new, book, at=entry.at, reason="agreement", fit=fit)
    if earned is state.earned and state.said is not None and fit == state.said.fit:
        return Step(new)
    return _conclude(new, book, at=entry.at, reason="fact", fit=fit, earning=rules)


def _fit_after(state: ScoringState, profile: Profile, book: Book, names: Iterable[Name]) -> Centipoints:
    """Return the fit that a profile comes to, as last said if no attribute that was named is another now."""
    if state.said is None or state.agreement != book.key or not alike(state.profile, profile, names):
        return fit_of(profile, book)
    return state.said.fit


def _conclude(
    state: ScoringState,
    book: Book,
    *,
    at: datetime,
    reason: Reason,
    fit: Centipoints,
    earning: tuple[Earning, ...] | None = None,
) -> Step[ScoringState]:
    """Say the score if it is another than was last said, and arm the timer for when decay will change it.

    ``earning`` are the rules that a fact was for; None: more than a fact has changed.
    """
    last = state.said
    place = microseconds(at) if last is None else max(microseconds(at), last.at)
    now = measure(book, state.earned, place // SECOND)
    cell = book.grade(fit) + book.level(now.total)
    said = Said(fit, now.total, cell, book.bands[cell], place)
    due = state.decay_due
    if earning is None or not _only_put_off(state, now, book, earning):
        due = next_crossing(book, state.earned, now)
    timers = () if due == state.decay_due else (_timer(due),)
    if last is not None and _as_good_as(last, said, reason):
        return Step(ScoringState(state.agreement, state.profile, state.earned, last, due), timers=timers)
    changed = ScoreChanged(
        reason=reason,
        fit=fit,
        engagement=now.total,
        cell=cell,
        band=said.band,
        previous_band=None if last is None else last.band,
    )
    return Step(ScoringState(state.agreement, state.profile, state.earned, said, due), (changed,), timers)


def _timer(due: int | None) -> Timer:
    return Timer(DECAY, None if due is None else instant(due * SECOND))


def _only_put_off(state: ScoringState, now: Moment, book: Book, earning: tuple[Earning, ...]) -> bool:
    """Say whether a fact can have done no more than put off the crossing that the live timer is armed for.

    It has added points and left the level the same, and no higher level is in reach. The timer is left as it
    is: should it wake the rule in vain, the rule says nothing and arms it for the crossing. To search anew
    after every page view would cost several times what counting it costs, and write a timer each time.
    """
    if state.said is None or state.said.cell[-1] != book.level(now.total):
        return False
    if any(rule.points < 0 for rule in earning) or can_rise(book, state.earned, now):
        return False
    return state.decay_due is None or state.decay_due > now.second


def _as_good_as(last: Said, said: Said, reason: Reason) -> bool:
    """Say whether there is nothing to say: for decay alone, as long as the cell and band are the same."""
    if (last.cell, last.band) != (said.cell, said.band):
        return False
    return reason == "decay" or (last.fit, last.engagement) == (said.fit, said.engagement)
