"""The job that all of them do: a running score for each lead, said of each event.

An event is an entry of the line as ``leads.journal`` carries it, with the points that it is worth among its
traits. Whoever does the job reads it, adds its points to what its lead has, keeps that, and passes the entry
on with the score: one record out for one in. All of them read the same bytes from the same topic.

``check`` believes nobody: every score that was said must be what a plain fold over the lead's events gives,
and on a whole run the last one of each lead must be its sum.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from infra.wire import RECORD
from schemas.entries import Entry
from schemas.facts import Engaged
from schemas.topics import partition_of
from schemas.vocabulary import EngagementChannel, LeadId

PREFIX = "peers."
EVENTS, SCORED = f"{PREFIX}leads.journal", f"{PREFIX}leads.scored"
"""What is read, and where Relevo writes."""

FAUST, QUIX, ALOS, EOS = OTHERS = tuple(
    f"{PREFIX}{name}.scored" for name in ("faust", "quix", "at_least_once", "exactly_once_v2")
)
"""Where the others write."""

POINTS = "points"
MOST_POINTS = 20
BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""When the first event was; the agreement is older."""
_FACT = Engaged(channel=EngagementChannel.PAGE, action="viewed", name="/pricing")


class Wrong(Exception):
    """What was said is not what a plain fold gives."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much there is to do; every lead has about as many events."""

    events: int
    leads: int
    partitions: int


def entries(plan: Plan, seed: int = 7) -> Iterator[Entry]:
    """Yield the events in their order."""
    random, versions = Random(seed), Counter[LeadId]()
    for seq in range(1, plan.events + 1):
        lead_id = f"L{random.randrange(plan.leads):015d}"
        versions[lead_id] += 1
        at = BEGIN + timedelta(milliseconds=10 * seq)
        traits: dict[str, Any] = {POINTS: random.randint(1, MOST_POINTS), "country": "ES"}
        yield Entry(lead_id, seq, at, at, versions[lead_id], _FACT, "web", f"e{seq}", traits=traits)


def records(plan: Plan) -> Iterator[tuple[LeadId, int, bytes]]:
    """Yield each event as it is written: its lead, its partition and its bytes."""
    for entry in entries(plan):
        number = partition_of(entry.lead_id, plan.partitions)
        yield entry.lead_id, number, RECORD.dump_json(entry)


def score_said(document: dict[str, Any]) -> int:
    """Return the score in what was said; Relevo's is a conclusion, everybody else's a member."""
    if "score" in document:
        return int(document["score"])
    return int(document["conclusions"][-1]["body"]["engagement"])


def check(plan: Plan, said: Iterable[bytes], event_count: int) -> int:
    """Hold what was said to a plain fold; return how many scores there were.

    Args:
        plan: What there was to do.
        said: Every record that was written, each partition in its order.
        event_count: How many of the events were to be done, at least.

    Raises:
        Wrong: A score is not what it should be, or some are missing.
    """
    scores, done = Counter[LeadId](), 0
    for value in said:
        document = json.loads(value)
        lead_id = document["lead_id"]
        scores[lead_id] += document["traits"][POINTS]
        if (found := score_said(document)) != scores[lead_id]:
            raise Wrong(f"{lead_id} was said to have {found} points and has {scores[lead_id]}")
        done += 1
    if done < event_count:
        raise Wrong(f"{done} scores were said, and {event_count} were to be")
    if done >= plan.events and scores != _sums(plan):
        raise Wrong("a lead's last score is not the sum of its points")
    return done


def _sums(plan: Plan) -> Counter[LeadId]:
    sums = Counter[LeadId]()
    for entry in entries(plan):
        sums[entry.lead_id] += int(entry.traits[POINTS] or 0)
    return sums
