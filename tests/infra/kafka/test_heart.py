"""The sequencer's heart: one beat on its way at a time, over a real broker; and clocks that differ."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from infra.kafka.cluster import Cluster
from infra.kafka.errors import ClocksDiffer, HostError
from infra.kafka.heart import Heart
from infra.kafka.producing import Publisher
from infra.kafka.routes import FACTS
from infra.kafka.topics import administration
from infra.time_source import TimeSource, system_time
from tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.kafka


@dataclass
class Stands:
    """Where the sequencer stands, as a test says, and what it was stopped by."""

    at: int | None = 0
    errors: list[HostError] = field(default_factory=list)


def beating(cluster: Cluster, stands: Stands, now: TimeSource = system_time) -> Heart:
    with administration(cluster) as admin:
        admin.create(1, 1)
    publisher = Publisher(cluster, "heart")
    return Heart(cluster.name(FACTS), publisher, now, lambda: stands.at, stands.errors.append)


def test_it_beats_once_and_again_when_the_beat_has_been_read(cluster: Cluster) -> None:
    stands = Stands()
    heart = beating(cluster, stands)
    heart.beat()
    heart.beat()
    assert heart._on_its_way == 0
    stands.at = 1
    heart.beat()
    assert heart._on_its_way == 1


def test_it_does_not_beat_while_the_log_is_not_ours(cluster: Cluster) -> None:
    heart = beating(cluster, Stands(at=None))
    heart.beat()
    assert heart._on_its_way is None


@pytest.mark.parametrize("minutes", [-2, 2])
def test_a_clock_that_is_far_from_the_logs_stops_the_worker(cluster: Cluster, minutes: int) -> None:
    def wrong() -> datetime:
        return system_time() + timedelta(minutes=minutes)

    with pytest.raises(ClocksDiffer, match="set both by NTP"):
        beating(cluster, Stands(), wrong).beat()


def test_what_is_wrong_is_told_to_whoever_runs_the_worker(cluster: Cluster) -> None:
    stands = Stands()
    heart = beating(cluster, stands, lambda: system_time() - timedelta(hours=1))
    heart.start()
    heart._thread.join(PATIENCE_SECONDS)
    assert [type(error) for error in stands.errors] == [ClocksDiffer]
