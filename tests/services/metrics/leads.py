"""Leads for the tests of metrics: a history in, what is counted out.

``history`` folds entries by their place, as a host does; ``tally`` adds up cells by measure and detail,
because most tests are about one number and not about its days.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from infra.fold import place_of
from schemas.agreement import Agreement
from schemas.entries import Conclusion, Entry
from schemas.facts import LeadFact
from schemas.lifecycle import MoveReason, StageChanged
from schemas.metrics import Cell, Measure
from services.metrics.cells import counts
from services.metrics.rule import step
from services.metrics.summary import LeadSummary
from tests.builders import agreement, entry, instant

SMALL = agreement()


def history(*entries: Entry, under: Agreement = SMALL) -> LeadSummary:
    """Fold a lead's entries in their places."""
    state: LeadSummary | None = None
    for each in sorted(entries, key=place_of):
        state = step(state, each, under).state
    return state or LeadSummary()


def on(at: str, fact: LeadFact | None = None, *said: Conclusion, seq: int = 1, **fields: object) -> Entry:
    """Return an entry at an instant, with the conclusions that came with it."""
    return entry(fact, at=at, seq=seq, said=said, **fields)  # type: ignore[arg-type]


def moved(at: str, to: str, *, since: str | None = None, **fields: object) -> StageChanged:
    """Return a move to a stage; ``since`` says which was left, and when entered: "lead@2026-03-01"."""
    left, _, entered = (since or "").partition("@")
    seconds = int((instant(at) - instant(entered)).total_seconds()) if entered else None
    values: dict[str, object] = {"cycle": 1, "reason": MoveReason.FACT, **fields}
    return StageChanged.model_validate(
        {
            "from_stage": left or None,
            "to_stage": to,
            "entered_at": instant(at),
            "seconds_in_from_stage": seconds,
            **values,
        }
    )


def tally(cells: Mapping[Cell, int] | LeadSummary) -> dict[str, int]:
    """Add cells up by measure and detail: ``{"standing:lead": 1}``."""
    if isinstance(cells, LeadSummary):
        cells = counts(cells)
    found: Counter[str] = Counter()
    for cell, amount in cells.items():
        found[f"{cell.measure}:{cell.detail}" if cell.detail else cell.measure.value] += amount
    return dict(found)


def of(measure: Measure, cells: Iterable[Cell]) -> list[Cell]:
    """Return the cells of one measure."""
    return [cell for cell in cells if cell.measure is measure]
