"""A worker as a host sees it: a rule, the shape of its state, and what people may query of it.

Hosts know this shape and no rule; ``services.pipeline`` fills it in, one value a worker, in the order of
the line.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from schemas.agreement import Agreement
from schemas.entries import Concluded, Conclusion, Entry
from schemas.metrics import Cell
from schemas.read_model import Row
from schemas.step import Rule, Step
from schemas.vocabulary import LeadId, WorkerName

Rows = Callable[[LeadId, Any], tuple[Row, ...]]
Counts = Callable[[Any], Mapping[Cell, int]]
Settle = Callable[[Any, Any, LeadId, datetime, Iterable[Conclusion]], Step[Any]]


def _no_rows(*_: object) -> tuple[Row, ...]:
    return ()


def any_state(_: object) -> bool:
    """Say that a fold may go on from whatever state there is."""
    return True


@dataclass(frozen=True, slots=True)
class Worker:
    """One worker downstream of the sequencer.

    Attributes:
        name: Who it is.
        relays: Whether every entry travels on from here; a worker at the end of the line passes on only what
            it says.
        upstream: Whose conclusions it reads; None reads facts alone.
        step: Its rule.
        matters: Whether an entry's place in time changes what the rule concludes; only such an entry, when
            late, is worth a refold.
        state: Reads and writes the rule's state.
        rows: The read-model rows that a state shows.
        said_rows: The read-model rows that a conclusion shows, where the state does not keep it.
        counts: What of this lead is counted; None for a worker that counts nothing.
        resumes: Whether a state that live work came to is what a fold of the history would come to there, so
            that one may go on from it.
        settle: For a worker whose conclusions are messages to people: the state to go on with and what to say
            when a refold replaced one state by another. None: a refold's conclusions are compared one by one.
    """

    name: WorkerName
    relays: bool
    upstream: WorkerName | None
    step: Rule[Any]
    matters: Callable[[Entry, Agreement], bool]
    state: TypeAdapter[Any]
    rows: Rows = _no_rows
    said_rows: Callable[[Concluded], tuple[Row, ...]] = _no_rows
    counts: Counts | None = None
    resumes: Callable[[Any], bool] = any_state
    settle: Settle | None = None
