"""The line on Kafka as those see it who speak to it: facts go to a topic, and workers elsewhere decide them.

The counterpart of ``infra.embedded.host`` where the log is a topic. What is said here is a fact like any
tool's: it is safe when the brokers have acknowledged it, and decided when every worker's clock has come past
the instant at which the log had it, for a worker lets time come on behind everything that came before.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from infra.decision import SignedAgreement
from infra.embedded.line import Progress, no_progress
from infra.embedded.lock import LineBusy
from infra.kafka.cluster import Cluster, cluster_of
from infra.kafka.facts_topic import FactsTopic
from infra.kafka.front_relay import forward
from infra.kafka.routes import JOURNAL
from infra.settings import KafkaSettings
from infra.store.database import Database
from infra.store.journal_memory import signed_agreements
from infra.store.reading.standing import WorkerPosition, positions_of
from infra.store.topics import KnownTopic, prefix_of
from schemas.agreement import Agreement, document_digest
from schemas.facts import AgreementSigned, Heartbeat
from schemas.vocabulary import WorkerName
from services.agreement.loader import DEFAULT, example, parse, read
from services.agreement.money import refuse_other_money
from services.line_host import ON_KAFKA, Standstill, control_event
from services.pipeline import WORKERS

__all__ = ["FactsTopic", "KafkaHost", "sign"]


class KafkaHost:
    """A line that other processes run, in the shape in which verbs know a host (``services.line_host.Host``).

    Args:
        settings: Where the brokers are; the tenant's prefix is the store's own.
        database: The store, shared with the workers.
        known: The topics that the store was filled from.
    """

    def __init__(self, settings: KafkaSettings, database: Database, known: Sequence[KnownTopic]) -> None:
        cluster = cluster_of(replace(settings, prefix=prefix_of(known)))
        partitions = next(one.partitions for one in known if one.name == cluster.name(JOURNAL))
        self._places: list[tuple[str, int]] = [(WorkerName.SEQUENCER, 0)]
        self._places += [(worker.name, number) for worker in WORKERS for number in range(partitions)]
        self._behind: dict[tuple[str, int], WorkerPosition | None] = {}
        self._moved_at = time.monotonic()
        self._database = database
        self._log = FactsTopic(cluster)

    def append(self, values: Sequence[bytes]) -> None:
        """Append facts to the log; durable at return."""
        self._log.append(values)

    def forward(self) -> None:
        """Append what the front door has left in the store."""
        forward(self._database, self._log.append)

    def is_at_rest(self) -> bool:
        """Say whether what was in the log when this was last said to, or first asked, has been decided."""
        if self._log.stamped_at is None:
            self._log.say([control_event(Heartbeat(), uuid4().hex)])
        with self._database.reading() as connection:
            stands = {(one.worker, one.partition): one for one in positions_of(connection)}
        behind = {place: stands.get(place) for place in self._places if self._is_behind(stands.get(place))}
        if behind != self._behind:
            self._behind, self._moved_at = behind, time.monotonic()
        return not behind

    def _is_behind(self, one: WorkerPosition | None) -> bool:
        said_at = self._log.stamped_at
        if one is None or one.cursor is not None or one.clock is None:
            return True
        return said_at is None or one.clock <= said_at

    def standstill(self) -> Standstill | None:
        """Return the first worker of the line that is behind, and how long nobody behind has moved."""
        if not self._behind:
            return None
        (worker, _), *_ = self._behind
        return Standstill(worker, time.monotonic() - self._moved_at)

    def refuse_if_busy(self) -> None:
        """Raise LineBusy: workers are to run this line, whether or not they do now."""
        raise LineBusy(self._database.address, ON_KAFKA, remedy="leave the line to them")

    def drain(self, progress: Progress = no_progress) -> None:
        """Leave it to the workers: raise LineBusy."""
        self.refuse_if_busy()

    def run(
        self,
        stop: threading.Event,
        progress: Progress = no_progress,
        ready: Callable[[], object] = lambda: None,
    ) -> None:
        """Leave it to the workers: raise LineBusy."""
        self.refuse_if_busy()


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
        MoneyCounted: It is in another currency than the revenue that the store has counted.
    """
    newest = _newest(database)
    if named is None and newest is not None:
        return None
    document, where = (read(named), str(named)) if named is not None else (example(DEFAULT), DEFAULT)
    digest = document_digest(document)
    if newest is not None and newest.digest == digest:
        return None
    agreement = parse(document, where)
    refuse_other_money(database, newest, agreement, where)
    event_id = f"agreement:{digest}:{newest.seq if newest else 0}"
    FactsTopic(cluster).say([control_event(AgreementSigned(document=document), event_id)])
    return agreement


def _newest(database: Database) -> SignedAgreement | None:
    with database.reading() as connection:
        return next(reversed(signed_agreements(connection)), None)
