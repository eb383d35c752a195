"""Hypothesis strategies over the whole line: histories of leads in the world of the small agreement.

The histories are those of ``tests.histories``, told by a seed that hypothesis draws: an example that fails
shrinks to fewer facts of the same history, which says more to a reader than to other ones.
"""

from dataclasses import replace
from datetime import timedelta
from random import Random

from hypothesis import strategies as st

from tests.histories import START, Plan, Said, document, history, signing, written

QUIET = Plan(facts=12, merges=False, imports=False, signings=False, erasures=False, clock_jumps=False)
"""Facts about leads and nothing else."""


class Told(list[Said]):
    """A history that a failing example prints line by line."""

    def __repr__(self) -> str:
        """Return the history as a person reads it."""
        return f"\n{written(self)}\n"


@st.composite
def histories(draw: st.DrawFn, plan: Plan | None = None) -> Told:
    """Return a history."""
    rng = Random(draw(st.integers(0, 2**32)))
    wanted = plan or Plan()
    return Told(history(rng, replace(wanted, facts=draw(st.integers(1, wanted.facts)))))


@st.composite
def facts_apart(draw: st.DrawFn, within: timedelta, most: int = 10) -> Told:
    """Return facts about a few leads, each at an instant of its own, none further apart than ``within``.

    The agreement is signed first; no fact is said twice, and no lead is merged or forgotten.
    """
    plan = replace(QUIET, repeats=False, leads=2, facts=most)
    said = [
        one
        for one in draw(histories(plan))
        if not one.is_heartbeat and one.event.data.fact.kind != "agreement_signed"
    ]
    step = within / (len(said) + 1)
    placed = [
        replace(one, event=one.event.model_copy(update={"time": START + step * (place + 1)}))
        for place, one in enumerate(said)
    ]
    return Told([signing(START, document(), "first"), *placed])
