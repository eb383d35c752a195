"""The job on Relevo's host: the real ``infra.kafka`` with the smallest rule that does it.

``python -m tests.bench.peers.relevo_host BOOTSTRAP STORE``, until it is stopped. It does what no peer does
besides: it drops repeats by the lead's version, keeps alarms, checks each entry at the wire, keeps every
conclusion in the timeline, and commits state, position and outbox in one transaction of the store.
"""

import asyncio
import logging
import sys

from pydantic import TypeAdapter

from infra.kafka.cluster import Cluster
from infra.kafka.shift import Shift
from infra.store.opening import open_store
from infra.worker import Worker
from schemas.agreement import Agreement
from schemas.entries import Entry
from schemas.records import record
from schemas.scoring import ScoreChanged
from schemas.step import Event, Step
from schemas.vocabulary import WorkerName
from tests.bench.peers.job import POINTS, PREFIX


@record(frozen=True, slots=True)
class Tally:
    """A lead's score."""

    points: int


def step(state: Tally | None, event: Event, _: Agreement) -> Step[Tally]:
    """Add an event's points to its lead's."""
    tally = Tally((state.points if state else 0) + int(event.traits[POINTS] or 0))  # type: ignore[union-attr]
    said = ScoreChanged(reason="fact", fit=0, engagement=tally.points, cell="A1", band="hot")
    return Step(tally, (said,))


def matters(_entry: Entry, _agreement: Agreement) -> bool:
    """Say that order does not matter: sums commute."""
    return False


SCORE = Worker(WorkerName.SCORING, True, None, step, matters, TypeAdapter(Tally))


def main(bootstrap: str, store: str) -> None:
    """Work until a signal comes."""
    logging.basicConfig(level=logging.WARNING)
    with open_store(store) as database:
        shift = Shift(Cluster(bootstrap, PREFIX), database, SCORE, "127.0.0.1:0", lambda: None)
        asyncio.run(shift.run())


if __name__ == "__main__":
    main(*sys.argv[1:])
