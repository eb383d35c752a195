"""``relevo worker`` in a process that dies at a chosen moment: ``python -m tests.infra.kafka.fragile …``.

``FRAGILE_STEP`` is what a moment begins with (a statement, or one of the names below), ``FRAGILE_AFTER`` how
many such moments it survives. The product has no fault points: the moments are those that a database's
events, a store's transactions and a producer have anyway. Each process is in a group of its own, because
Kafka would otherwise wait ten seconds for the dead one; whose a partition is, the store decides.
"""

import os
import signal
import threading
from collections.abc import Callable, Sequence

from infra.kafka import hiring
from infra.kafka.cluster import Cluster
from infra.kafka.producing import Publisher, Receipt, Sending
from infra.store.database import Database
from services.cli import worker
from services.cli.main import main
from tests.simulation.faults import Faults, FragileDatabase

MID_PUBLISH, AFTER_PUBLISH = "mid publish", "after publish"


class Mortal(Faults):
    """Ends the process, as a power cut would, at a moment of one kind."""

    def __init__(self) -> None:
        super().__init__()
        self._step = os.environ.get("FRAGILE_STEP", "never")
        self._survives = int(os.environ.get("FRAGILE_AFTER", "0"))
        self._lock = threading.Lock()

    def moment(self, name: str) -> None:
        """Die here, if it is the one."""
        if not name.startswith(self._step):
            return
        with self._lock:
            self._survives -= 1
            if self._survives < 0:
                os.kill(os.getpid(), signal.SIGKILL)


FAULTS = Mortal()


class MortalPublisher(Publisher):
    """May die with half of its records sent, or with all of them."""

    def send(self, records: Sequence[Sending], is_late: Callable[[], bool] = bool) -> Receipt | None:
        """Send records."""
        if len(records) > 1:
            super().send(records[: len(records) // 2], is_late)
            FAULTS.moment(MID_PUBLISH)
            records = records[len(records) // 2 :]
        receipt = super().send(records, is_late)
        FAULTS.moment(AFTER_PUBLISH)
        return receipt


def mortal_store(store: str, stopping: threading.Event) -> Database:
    """Open the store in the hands of a process that may die."""
    return FragileDatabase.over(opened(store, stopping), FAULTS)


def group_of_its_own(cluster: Cluster, worker: str) -> str:
    """Return the name of a group that nobody else is in."""
    return f"{cluster.prefix}{worker}.{os.getpid()}"


opened = worker._opened
if __name__ == "__main__":
    worker._opened = mortal_store
    hiring.Publisher = MortalPublisher  # type: ignore[attr-defined]
    Cluster.group = group_of_its_own  # type: ignore[method-assign, assignment]
    main()
