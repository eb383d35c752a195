"""Who holds a log and runs the line on it, in the shape in which verbs know them.

One machine's host is ``infra.embedded.host``; ``services.kafka_line`` speaks to workers elsewhere.
"""

import threading
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from infra.embedded.line import Progress
from schemas.facts import TYPE_PREFIX, Fact, FactData, FactEvent

OWN_SOURCE = "relevo"
"""The source of facts that Relevo says of the line itself."""

ON_KAFKA = "workers on Kafka"
"""Who runs a line whose log is a topic, in words."""


class Standstill(NamedTuple):
    """Who has something to decide and gets nowhere, and for how long."""

    worker: str
    seconds: float


class Host(Protocol):
    """Who holds the log and runs the line: this process, or workers elsewhere."""

    def append(self, values: Sequence[bytes]) -> None:
        """Append facts to the log; durable at return."""

    def forward(self) -> None:
        """Append to the log what the front door has left in the store, where that is not the same thing."""

    def is_at_rest(self) -> bool:
        """Say whether everything in the log has been decided, by whoever runs the line."""

    def standstill(self) -> Standstill | None:
        """Return who gets nowhere, as of the last ``is_at_rest``; None: nobody is known to."""

    def refuse_if_busy(self) -> None:
        """Raise LineBusy if others run the line until they are stopped."""

    def drain(self, progress: Progress = ...) -> None:
        """Decide everything that is in the log; raise LineBusy if others run the line."""

    def run(self, stop: threading.Event, progress: Progress = ..., ready: Callable[[], object] = ...) -> None:
        """Run the line until ``stop`` is set; call ``ready`` once it is ours, raise LineBusy if others do."""


def control_event(fact: Fact, event_id: str) -> FactEvent:
    """Return the event with which Relevo says something of the line itself."""
    return FactEvent(id=event_id, source=OWN_SOURCE, type=TYPE_PREFIX + fact.kind, data=FactData(fact=fact))
