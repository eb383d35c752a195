"""Saying facts to the line on Kafka: the agreement that is to hold, and whatever else Relevo says itself.

The counterpart of ``services.line`` where the log is a topic. What is said here is a fact like any tool's: it
is safe when the brokers have acknowledged it, and decided when the sequencer comes to it.
"""

from collections.abc import Iterable
from pathlib import Path

from infra.decision import SignedAgreement
from infra.kafka.cluster import Cluster
from infra.kafka.producing import Publisher, Sending
from infra.kafka.routes import FACTS
from infra.store.engine import Database
from infra.store.journal_memory import signed_agreements
from infra.wire import write_fact
from schemas.agreement import Agreement, document_digest
from schemas.facts import AgreementSigned, FactEvent
from services.agreement.loader import DEFAULT, example, parse, read
from services.line import control_event

FACTS_AT_ONCE = 1000


class FactsTopic:
    """The log of facts, to be appended to."""

    def __init__(self, cluster: Cluster, name: str = "relevo") -> None:
        self._topic = cluster.name(FACTS)
        self._publisher = Publisher(cluster, name)

    def append(self, values: Iterable[bytes]) -> int:
        """Append facts; safe at return. Returns how many there were.

        Raises:
            Undelivered: One was not acknowledged; those before it were.
        """
        count, some = 0, list[Sending]()
        for value in values:
            some.append(Sending(self._topic, 0, None, value))
            count += 1
            if len(some) == FACTS_AT_ONCE:
                self._publisher.send(some)
                some = []
        self._publisher.send(some)
        return count

    def say(self, events: Iterable[FactEvent]) -> int:
        """Append facts."""
        return self.append(write_fact(event) for event in events)


def sign(cluster: Cluster, database: Database, named: Path | None) -> Agreement | None:
    """Say that an agreement is signed, if it differs from the newest in the store.

    Args:
        cluster: The brokers.
        database: The store, as far as the sequencer has come.
        named: The agreement's file; None: the one in the store, or else the default that comes with Relevo.

    Returns:
        What was signed, or None: nothing had to be.

    Raises:
        AgreementInvalid: The text is no agreement that may be signed.
    """
    newest = _newest(database)
    if named is None and newest is not None:
        return None
    document, where = (read(named), str(named)) if named is not None else (example(DEFAULT), DEFAULT)
    digest = document_digest(document)
    if newest is not None and newest.digest == digest:
        return None
    agreement = parse(document, where)
    event_id = f"agreement:{digest}:{newest.seq if newest else 0}"
    FactsTopic(cluster).say([control_event(AgreementSigned(document=document), event_id)])
    return agreement


def _newest(database: Database) -> SignedAgreement | None:
    with database.reading() as connection:
        return next(reversed(signed_agreements(connection)), None)
