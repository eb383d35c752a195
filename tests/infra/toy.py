"""A toy rule: it counts what it is called with, says how many, and naps for a day after each fact.

For tests of what calls rules. ``said`` is what it concludes: the count stands where the score's fit does.
"""

from datetime import timedelta

from schemas.agreement import Agreement
from schemas.entries import Concluded, Entry
from schemas.scoring import ScoreChanged
from schemas.step import AgreementChanged, Event, Step, Timer, TimerDue

NAP = timedelta(days=1)


def said(count: int, reason: str = "fact", band: str = "test-1") -> ScoreChanged:
    """Return what the toy says."""
    return ScoreChanged.model_validate(
        {"reason": reason, "fit": count, "engagement": 0, "cell": "C3", "band": band}
    )


def step(state: int | None, event: Event, agreement: Agreement) -> Step[int]:
    """Count an event; an entry without a fact is counted in silence, and cancels the nap."""
    count = (state or 0) + 1
    match event:
        case Entry(fact=None):
            return Step(count, (), (Timer("nap", None),))
        case Entry():
            return Step(count, (said(count, "fact", agreement.version),), (Timer("nap", event.at + NAP),))
        case TimerDue():
            return Step(count, (said(count, "decay", agreement.version),))
        case AgreementChanged():
            return Step(count, (said(count, "agreement", agreement.version),))


def counts(concluded: list[Concluded]) -> list[tuple[str, int]]:
    """Return what the toy concluded, in short: why, and how many."""
    return [(one.body.reason, one.body.fit) for one in concluded if isinstance(one.body, ScoreChanged)]
