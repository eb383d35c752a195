"""The catalogue of topics: what is said where, under which key, by whom, and who listens.

A topic is a public contract; this table is the only place where it stands, and the JSON Schemas, the AsyncAPI
document, the Kafka host's administration and ``relevo topics`` are made from it. Data runs one way: no worker
writes to a topic that lies before the one it reads (a test holds the table to that). On one machine the same
records stand in the store, in the table ``records``.
"""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Literal

from schemas.alerts import Notice
from schemas.dead_letters import PublishedLetter
from schemas.entries import JournalRecord
from schemas.facts import FactEvent
from schemas.metrics import Total
from schemas.vocabulary import LeadId

LARGEST_RECORD_BYTES = 4 * 1024 * 1024
"""What every topic takes; four times Kafka's default, because a merge may restate a lead's whole history."""

Kept = Literal["until read", "newest per key"]
"""How long records are kept: until every reader has them, or the newest of each key."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic.

    ``payload`` is the type that its records have; ``partitions`` is None where the operator chooses how many.
    """

    name: str
    key: str
    partitions: int | None
    payload: Any
    speaks: tuple[str, ...]
    hears: tuple[str, ...]
    kept: Kept
    sentence: str


TOPICS = (
    Topic(
        "leads.facts",
        key="source and id of the event",
        partitions=1,
        payload=FactEvent,
        speaks=("tools", "people", "intake", "sequencer"),
        hears=("sequencer",),
        kept="until read",
        sentence="What tools and people say of leads, as CloudEvents; the only way in.",
    ),
    Topic(
        "leads.journal",
        key="lead_id",
        partitions=None,
        payload=JournalRecord,
        speaks=("sequencer",),
        hears=("scoring",),
        kept="until read",
        sentence="Each fact in its place (whose lead, which number, when), without personal data; and ticks.",
    ),
    Topic(
        "leads.scored",
        key="lead_id",
        partitions=None,
        payload=JournalRecord,
        speaks=("scoring",),
        hears=("lifecycle",),
        kept="until read",
        sentence="The same entries, with what scoring concluded.",
    ),
    Topic(
        "leads.decided",
        key="lead_id",
        partitions=None,
        payload=JournalRecord,
        speaks=("lifecycle",),
        hears=("metrics", "alerts"),
        kept="until read",
        sentence="The same entries, with stages, hand-offs and clocks decided.",
    ),
    Topic(
        "metrics.totals",
        key="metric, basis, period and dimensions, as a JSON array",
        partitions=1,
        payload=Total,
        speaks=("totals",),
        hears=("totals", "dashboards of other teams"),
        kept="newest per key",
        sentence="Every shared number as it stands now; a late fact says it again, under a higher revision.",
    ),
    Topic(
        "alerts.notices",
        key="alert_id",
        partitions=None,
        payload=Notice,
        speaks=("alerts", "totals"),
        hears=("notifier",),
        kept="until read",
        sentence="What wants attention: opened, repeated, resolved, under one stable id.",
    ),
    Topic(
        "leads.dead",
        key="source and id of the event",
        partitions=1,
        payload=PublishedLetter,
        speaks=("sequencer", "scoring", "lifecycle", "metrics", "alerts"),
        hears=("people",),
        kept="until read",
        sentence="What could not be taken: a typed reason, the original bytes, and the remedy.",
    ),
)
"""Every topic, in the order of the line."""


def partition_of(lead_id: LeadId, partitions: int) -> int:
    """Return the partition that holds a lead, the same on every host: a number in [0, ``partitions``)."""
    return int.from_bytes(blake2b(lead_id.encode(), digest_size=8).digest()) % partitions
