"""Where records go: each worker's topic and partition, read off the catalogue."""

import pytest

from infra.commit import Outgoing
from infra.kafka.cluster import Cluster
from infra.kafka.producing import Sending
from infra.kafka.routes import Partitions, address, input_of, output_of
from infra.wire import RECORD
from schemas.alerts import Alert, AlertKind, NoticeOpened, Severity
from schemas.entries import Concluded, Entry, Tick
from schemas.topics import partition_of
from schemas.vocabulary import WorkerName
from tests.histories import START

CLUSTER = Cluster("nowhere:1", "acme.")
THREE = Partitions(3, 3)


def sent(worker: WorkerName, *outgoing: Outgoing, number: int = 1) -> list[Sending]:
    return list(address(CLUSTER, worker, number, THREE)(outgoing))


def notice(alert_id: str) -> Concluded:
    alert = Alert(
        alert_id=alert_id,
        kind=AlertKind.OUT_OF_BOUNDS,
        about="x",
        severity=Severity.INFO,
        opened_at=START,
        summary="x",
        recipients=(),
    )
    return Concluded("c1", WorkerName.ALERTS, "lead", START, 1, "v1", NoticeOpened(alert=alert))


ENTRY = Outgoing("lead-7", b"{}")
TICK = Outgoing(None, RECORD.dump_json(Tick(START)))
LETTER = Outgoing(None, b"letter", is_letter=True)


@pytest.mark.parametrize(
    ("worker", "hears", "says"),
    [
        (WorkerName.SEQUENCER, "leads.facts", "leads.journal"),
        (WorkerName.SCORING, "leads.journal", "leads.scored"),
        (WorkerName.LIFECYCLE, "leads.scored", "leads.decided"),
        (WorkerName.METRICS, "leads.decided", None),
        (WorkerName.ALERTS, "leads.decided", "alerts.notices"),
    ],
)
def test_each_worker_hears_one_topic_and_says_on_one(
    worker: WorkerName, hears: str, says: str | None
) -> None:
    output = output_of(worker)
    assert input_of(worker).name == hears
    assert (output.name if output else None) == says


def test_the_sequencer_sends_a_lead_where_its_id_says() -> None:
    (one,) = sent(WorkerName.SEQUENCER, ENTRY)
    assert one == Sending("acme.leads.journal", partition_of("lead-7", 3), b"lead-7", b"{}")


def test_the_sequencer_sends_a_tick_to_every_partition() -> None:
    assert [one.partition for one in sent(WorkerName.SEQUENCER, TICK)] == [0, 1, 2]


def test_a_relaying_worker_writes_the_partition_that_it_reads() -> None:
    found = sent(WorkerName.SCORING, ENTRY, TICK, number=2)
    assert [(one.topic, one.partition) for one in found] == [("acme.leads.scored", 2)] * 2


def test_metrics_says_nothing_to_anybody() -> None:
    assert sent(WorkerName.METRICS, ENTRY, TICK) == []


def test_alerts_sends_each_notice_by_itself_under_its_alert() -> None:
    said = (notice("a1"), notice("a2"))
    entry = Entry("lead-7", 1, START, START, 1, conclusions=said)
    found = sent(WorkerName.ALERTS, Outgoing("lead-7", RECORD.dump_json(entry)), TICK)
    assert [(one.topic, one.key) for one in found] == [
        ("acme.alerts.notices", b"a1"),
        ("acme.alerts.notices", b"a2"),
    ]
    assert NoticeOpened.model_validate_json(found[0].value or b"") == said[0].body


@pytest.mark.parametrize("worker", list(WorkerName))
def test_every_worker_sends_its_letters_to_the_dead(worker: WorkerName) -> None:
    assert sent(worker, LETTER) == [Sending("acme.leads.dead", 0, None, b"letter")]
