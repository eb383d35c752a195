"""One lead in a partition's hands, between the batches that touch it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from infra.fold import Folding, Place
from infra.recent import Recent
from schemas.entries import Entry
from schemas.metrics import Cell
from schemas.read_model import Row


@dataclass(slots=True)
class Held:
    """One lead in hand: the fold so far, and what the store shows of it."""

    folding: Folding[Any]
    taken: int
    said: int
    last_seq: int
    stored_state: Any
    stored_json: str | None
    stored_timers: Mapping[str, datetime]
    recent: Recent
    rows: tuple[Row, ...] | None = None
    counts: Mapping[Cell, int] | None = None
    refolded_by: Entry | None = None
    known: bool = False
    """It was kept before: what is counted anew of it was counted, or taken away, once."""
    overtaken: Place | None = None
    """The earliest place of what the next refold is to fold in; None: nothing is owed."""

    def overtake(self, place: Place) -> Place:
        """Note that the past changes from a place on; return the earliest such place."""
        self.overtaken = place if self.overtaken is None else min(self.overtaken, place)
        return self.overtaken
