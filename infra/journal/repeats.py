"""Repeats: what was admitted before changes nothing; with other words, under the same name, it is put aside.

A tool must give each distinct event a name of its own, (source, id), and may send one more than once; whoever
hears an event may take an equal name for a repeat (CloudEvents 1.0, "id"). That loses what a tool says that
gives one name to two events. So the words are compared, too: the first ones stand, and the others become a
dead letter instead of vanishing. The import that an event came with is not part of its words. Of somebody
who was forgotten the first words are gone, and a repeat is a repeat.
"""

from collections.abc import Mapping

from infra.journal.ports import FirstSaid
from infra.keyring import event_key
from infra.wire import read_fact
from schemas.dead_letters import DeadLetter, DeadReason
from schemas.facts import FactEvent


class Firsts:
    """What the events of a batch said when they were admitted, in this batch or before."""

    def __init__(self, stored: Mapping[bytes, FirstSaid]) -> None:
        self._stored = stored
        self._here: dict[tuple[str, str], FactEvent] = {}

    def add(self, event: FactEvent) -> None:
        """Note an event that is being admitted."""
        self._here[event.source, event.id] = event

    def contradict(self, event: FactEvent, value: bytes) -> bool:
        """Say whether an event that was admitted before says something else now.

        Args:
            event: The event.
            value: Its bytes.
        """
        if (event.source, event.id) in self._here:
            return content_of(self._here[event.source, event.id]) != content_of(event)
        first = self._stored[event_key(event)]
        if first.original is None:
            return not first.forgotten and event.data.fact.model_dump_json() != first.fact
        return first.original != value and _content(first.original) != content_of(event)


def conflict(event: FactEvent) -> DeadLetter:
    """Return the dead letter of an event whose name was taken."""
    return DeadLetter(
        reason=DeadReason.CONFLICTING_REPEAT,
        detail="an event of this source and id was taken before, and says something else; it stands",
        source=event.source[:128],
        event_id=event.id[:128],
    )


def content_of(event: FactEvent) -> bytes:
    """Return what an event says, in one form, whatever import it came with."""
    return event.model_dump_json(exclude={"data": {"import_id"}}, exclude_none=True).encode()


def _content(value: bytes) -> bytes:
    event = read_fact(value)
    return content_of(event) if isinstance(event, FactEvent) else value
