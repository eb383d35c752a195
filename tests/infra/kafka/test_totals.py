"""The published numbers, as a stranger reads them, are those of the store, whoever publishes and dies."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from infra.agreements import AgreementBook
from infra.kafka.cluster import Cluster
from infra.kafka.crew import NOT_TOLD
from infra.kafka.producing import Sending, Undelivered
from infra.kafka.routes import NOTICES, TOTALS
from infra.kafka.topics import administration
from infra.kafka.totals import Bureau, Turn
from infra.kafka.totals_shift import TotalsShift
from infra.store.database import Database
from infra.store.journal_memory import signed_agreements
from infra.store.positions import Fenced
from infra.store.writing import stow, stowed
from infra.totals import Look
from infra.watching import PUBLISHER
from infra.wire import NOTICE, write_fact
from schemas.alerts import Alert, AlertKind, NoticeOpened, NoticeResolved, Severity
from schemas.facts import Captured
from schemas.metrics import MetricRow, Total, total_key
from services.cli.numbers import rows_of
from services.metrics.report import cuts
from tests.histories import START, Plan, event, history, subject
from tests.infra.kafka.lines import ROOT, Line, Process
from tests.infra.kafka.published import plain, published, records
from tests.servers.postgresql import Server
from tests.stores import new_store
from tests.waiting import wait_for

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

TURN, OVER = "Its turn begins", "Its turn is over"


def totals(cluster: Cluster) -> dict[str, Total]:
    """Return the newest total of each key; their revisions rise."""
    said = published(cluster)
    assert said.stale == []
    return said.newest


def stored(line: Line) -> list[dict[str, Any]]:
    """Return what the store holds: as a whole, by month, by origin."""
    asked = [*cuts(), *cuts((), "month", ("cohort", "period")), *cuts(("origin",))]
    with line.opened() as database, database.reading() as connection:
        signed = AgreementBook(signed_agreements(connection))
        return [] if signed.is_empty else [plain(row) for row in rows_of(connection, signed.newest, asked)]


def shown(line: Line) -> list[dict[str, Any]]:
    """Return what ``relevo metrics --json`` says."""
    command = [sys.executable, "-m", "services.cli", "metrics", "--json", "--store", line.store]
    ran = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return json.loads(ran.stdout)  # type: ignore[no-any-return]


def says(line: Line, held: list[dict[str, Any]]) -> bool:
    """Say whether these rows are published as they are."""
    said = published(line.cluster).plain
    return bool(held) and all(said.get(total_key(MetricRow.model_validate(row))) == row for row in held)


def agree(line: Line) -> bool:
    """Say whether what is published is what the store holds."""
    return says(line, stored(line))


def captured(period: str | None) -> str:
    """Return what the number of captured leads is filed under."""
    return json.dumps(["captured_count", "period", period, {}], separators=(",", ":"))


def turns_over(process: Process) -> int:
    """Return how many of a process's turns are over."""
    return process.said().count(OVER)


def has_the_turn(process: Process) -> bool:
    """Say whether a process publishes; its turn ends, and may begin again, when another joins."""
    return process.said().count(TURN) > turns_over(process)


def whose_turn(processes: list[Process]) -> tuple[Process, Process]:
    """Return which of two that are ready publishes, and which stands by."""
    wait_for("one to have its turn", lambda: sum(map(has_the_turn, processes)) == 1)
    first, second = processes
    return (first, second) if has_the_turn(first) else (second, first)


@pytest.mark.postgres
def test_whoever_publishes_and_dies_the_topic_says_what_the_store_holds(
    cluster: Cluster, postgresql: Server, tmp_path: Path
) -> None:
    said = [one.value for one in history(Random(11), Plan(facts=200, leads=12))]
    with postgresql.database() as name, Line(cluster, postgresql.address(name), tmp_path) as line:
        line.make_topics()
        line.run("sequencer", "scoring", "lifecycle", "metrics")
        line.say(said[:100])
        publisher, other = whose_turn(line.run("totals", "totals"))
        wait_for("the topic to say what the store holds", lambda: agree(line))
        publisher.kill()
        line.say(said[100:])
        wait_for("the other to publish", lambda: has_the_turn(other) and agree(line))

        before = totals(cluster)
        late = Captured(origin="ads")
        line.say([write_fact(event(late, subject(99), event_id="late", time=START.replace(year=2025)))])
        wait_for("a number of a year ago", lambda: captured("2025-03") in totals(cluster) and agree(line))
        after = totals(cluster)
        assert after[captured(None)].revision > before[captured(None)].revision
        wait_for("the command line to show what is published", lambda: says(line, shown(line)))
        assert other.kill(signal.SIGTERM) == 0


def test_a_publisher_that_was_frozen_says_nothing_when_it_wakes(line: Line) -> None:
    line.run("sequencer", "scoring", "lifecycle", "metrics")
    line.say(one.value for one in history(Random(12), Plan(facts=60, leads=6)))
    publisher, other = whose_turn(line.run("totals", "totals"))
    wait_for("it to publish", lambda: agree(line))
    publisher.popen.send_signal(signal.SIGSTOP)
    line.say([write_fact(event(Captured(origin="ads"), subject(99), event_id="new"))])
    wait_for("the other to publish", lambda: has_the_turn(other) and agree(line))
    said, before = records(line.cluster, TOTALS), turns_over(publisher)
    publisher.popen.send_signal(signal.SIGCONT)
    # The next turn may be its own again at once, so that it is never seen without one.
    wait_for("the frozen one to notice", lambda: turns_over(publisher) > before)
    assert records(line.cluster, TOTALS)[: len(said)] == said
    wait_for("the topic to say what the store holds", lambda: agree(line))


# --- one shift or one turn, without processes


class Numbers:
    """What a store holds, as a test sets it."""

    def __init__(self) -> None:
        self.rows: list[MetricRow] = []

    def set(self, **values: int) -> None:
        """Set what each metric is."""
        blank = MetricRow(metric="x", basis=None, period=None, dimensions={}, value=0, unit="lead")
        self.rows = [blank.model_copy(update={"metric": name, "value": one}) for name, one in values.items()]

    def __call__(self, _: object) -> Look:
        return Look(START, list(self.rows))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with new_store(tmp_path / "relevo.db") as database:
        yield database


@pytest.fixture
def numbers() -> Numbers:
    return Numbers()


@pytest.fixture
def bureau(cluster: Cluster, database: Database, numbers: Numbers) -> Bureau:
    with administration(cluster) as admin:
        admin.create(1, 1)
    return Bureau(cluster, database, numbers, 1)


@pytest.fixture
def signals() -> Iterator[None]:
    """What signals do is put back afterwards."""
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    yield
    for one, handler in before.items():
        signal.signal(one, handler)


@pytest.mark.usefixtures("signals")
def test_whose_turn_it_is_is_ready_while_the_first_look_lasts(bureau: Bureau) -> None:
    stopping, was_ready = threading.Event(), []

    def look(_: object) -> None:
        was_ready.append(shift.hindrance is None)
        stopping.set()

    shift = TotalsShift(bureau.cluster, bureau.database, look, "127.0.0.1:0", lambda: None)
    shift.run(stopping)
    assert was_ready == [True]
    assert shift.hindrance == NOT_TOLD


def begun(bureau: Bureau) -> Turn:
    """Return a turn that has read the topic."""
    turn = Turn(bureau)
    for key, value in records(bureau.cluster, TOTALS):
        turn.board.read(key.encode(), value)
    return turn


def values(cluster: Cluster) -> dict[str, tuple[Any, int]]:
    """Return what is published: value and revision by metric."""
    return {one.metric: (one.value, one.revision) for one in totals(cluster).values()}


def test_only_what_differs_is_said_under_the_next_revision(bureau: Bureau, numbers: Numbers) -> None:
    numbers.set(won_count=1, lost_count=2)
    begun(bureau).publish()
    numbers.set(won_count=1, lost_count=3)
    turn = begun(bureau)
    turn.publish()
    assert values(bureau.cluster) == {"won_count": (1, 1), "lost_count": (3, 2)}
    assert (turn.said_count, len(records(bureau.cluster, TOTALS))) == (1, 3)


def test_a_store_that_was_put_back_is_said_under_a_higher_revision(bureau: Bureau, numbers: Numbers) -> None:
    for value in (1, 2, 1):
        numbers.set(won_count=value)
        begun(bureau).publish()
    assert values(bureau.cluster) == {"won_count": (1, 3)}


def test_a_total_that_is_no_more_is_taken_off_the_topic(bureau: Bureau, numbers: Numbers) -> None:
    numbers.set(won_count=1, lost_count=2)
    begun(bureau).publish()
    numbers.set(won_count=1)
    begun(bureau).publish()
    assert values(bureau.cluster) == {"won_count": (1, 1)}
    numbers.set(won_count=1, lost_count=2)
    begun(bureau).publish()
    assert values(bureau.cluster) == {"won_count": (1, 1), "lost_count": (2, 2)}


def test_what_a_stranger_wrote_is_gone_over(bureau: Bureau, numbers: Numbers) -> None:
    numbers.set(won_count=1)
    turn = begun(bureau)
    turn.board.read(total_key(numbers.rows[0]).encode(), b"{}")
    turn.publish()
    assert values(bureau.cluster) == {"won_count": (1, 1)}


def test_a_turn_that_is_over_is_fenced_by_the_store(bureau: Bureau, numbers: Numbers) -> None:
    numbers.set(won_count=1)
    zombie = begun(bureau)
    begun(bureau).publish()
    numbers.set(won_count=9)
    with pytest.raises(Fenced):
        zombie.publish()
    assert values(bureau.cluster) == {"won_count": (1, 1)}


def test_a_turn_that_is_over_is_fenced_by_the_brokers(bureau: Bureau) -> None:
    zombie = Turn(bureau)
    Turn(bureau)
    topic = bureau.cluster.name(TOTALS)
    with pytest.raises(Undelivered):
        zombie._voice.send([Sending(topic, 0, b"k", b"{}")])
    assert records(bureau.cluster, TOTALS) == []


ALERT = Alert(
    alert_id="out_of_bounds/acceptance_rate/at least 0.6 over 28 days",
    kind=AlertKind.OUT_OF_BOUNDS,
    about="acceptance_rate",
    severity=Severity.WARNING,
    opened_at=START,
    summary="acceptance_rate is 0.4; agreed: at least 0.6 over 28 days",
)
OPENED = NoticeOpened(alert=ALERT)
RESOLVED = NoticeResolved(alert=ALERT, resolved_at=START, reason="back_in_bounds")


def notices(cluster: Cluster) -> list[Any]:
    """Return what was said of alerts."""
    return [NOTICE.validate_json(value or b"") for _, value in records(cluster, NOTICES)]


def test_notices_that_wait_are_said_and_said_again_only_after_a_crash(
    bureau: Bureau, database: Database
) -> None:
    with database.writing() as connection:
        stow(connection, PUBLISHER, 0, 1, NOTICE.dump_json(OPENED) + b"\n" + NOTICE.dump_json(RESOLVED), None)
    Turn(bureau).publish()
    assert notices(bureau.cluster) == [OPENED, RESOLVED]
    turn = Turn(bureau)  # the first crashed before it took note
    turn.publish()
    turn.publish()
    assert notices(bureau.cluster) == [OPENED, RESOLVED] * 2
    with database.reading() as connection:
        assert stowed(connection, PUBLISHER, 0) == []
