"""What must be true of a line that was let drain, whatever happened to it: topics, store and facts agree.

Each check looks at everything there is, says how much that was, and names what is wrong. The topics are read
from their first record on, as any stranger would; nothing of the product decides here but the words in which
records are written, and ``relevo verify``.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from infra.journal.desk import FILE
from infra.kafka.routes import FACTS, NOTICES, output_of
from infra.refold import standing_after
from infra.store.codec import concluded_from
from infra.store.database import Database
from infra.store.tables.hosts import states
from infra.store.tables.read_model import dead_letters, facts, timeline
from infra.wire import read_fact
from schemas.entries import Change, Concluded, Entry
from schemas.facts import FactEvent
from schemas.handoffs import ClockEnd, ClockEnded, ClockStarted, SlaBreached
from schemas.vocabulary import LeadId, WorkerName
from services.pipeline import WORKERS
from services.verify import verify
from tests.chaos.checked import Checked
from tests.chaos.feeding import SHORTEST
from tests.chaos.numbers import about_numbers, check_totals, differing_bounds
from tests.chaos.topics import Heard, Sent, heard, sent
from tests.infra.kafka.lines import Line
from tests.stores import in_time, picture, unlike

RELAYING = (WorkerName.SEQUENCER, WorkerName.SCORING, WorkerName.LIFECYCLE)


def check_everything(line: Line, said: Iterable[bytes], folder: Path) -> list[Checked]:
    """Check all there is.

    Args:
        line: Its processes have come to the end and are stopped.
        said: What the brokers acknowledged.
        folder: Where the embedded line may keep its store.
    """
    with line.opened() as database:
        found = [_verified(database), _as_embedded(line, database, folder), _admitted(database, said)]
        born: list[tuple[Sent, Entry]] = []
        for worker in RELAYING:
            topic = output_of(worker)
            assert topic is not None
            took = heard(sent(line, topic.name))
            found.append(_without_gaps(topic.name, worker, took, database))
            born += [(one, entry) for one, entry in took.entries if entry.timer is not None]
            if worker is not WorkerName.SEQUENCER:
                found.append(_said_once(topic.name, worker, took, database))
        found += [_timers(born), _notices(database, list(sent(line, NOTICES))), _breaches(database)]
        return [*found, check_totals(line, database), _out_of_each_others_way(line)]


def _out_of_each_others_way(line: Line) -> Checked:
    """Expect no deadlock: it is tried again and loses nothing, but holds up for a second whoever is in it."""
    logged = [said for process in line.processes for said in process.said().splitlines()]
    stood = [said for said in logged if "stood in each other's way" in said]
    return Checked("lines that processes logged, none of a deadlock", len(logged), tuple(stood))


# --- the store


def _verified(database: Database) -> Checked:
    report = verify(database, WORKERS)
    wrong = [f"{one.what}: {one.expected} expected, {one.found} found" for one in report.differences]
    if report.waiting_count:
        wrong.append(f"{report.waiting_count} records wait to be decided")
    return Checked("conclusions that verify recomputes", report.conclusion_count, tuple(wrong))


def _as_embedded(line: Line, database: Database, folder: Path) -> Checked:
    log = list(sent(line, FACTS))[: line.stands(WorkerName.SEQUENCER)[0]]  # heartbeats may lie behind
    with in_time(folder / "embedded.db", log) as embedded:
        here = picture(database)
        differing = unlike(picture(embedded), here)
    wrong = [f"{part}: {one}" for part, some in differing.items() for one in some]
    return Checked("standing conclusions as the embedded line says them", len(here["standing"]), tuple(wrong))


def _admitted(database: Database, said: Iterable[bytes]) -> Checked:
    with database.reading() as connection:
        known = {(row.source, row.event_id) for row in connection.execute(select(facts))}
        known |= {(row.source, row.event_id) for row in connection.execute(select(dead_letters))}
    accepted = {(one.source, one.id) for one in map(read_fact, said) if isinstance(one, FactEvent)}
    lost = sorted(f"{source} {event_id}" for source, event_id in accepted - known)
    return Checked("accepted facts that were decided", len(accepted), tuple(lost))


# --- the topics by lead


def _without_gaps(topic: str, worker: WorkerName, took: Heard, database: Database) -> Checked:
    """Expect a reader to get to the version that the store has of each lead, one by one."""
    with database.reading() as connection:
        rows = connection.execute(select(states).where(states.c.worker == worker)).all()
    if worker is WorkerName.SEQUENCER:  # its versions stand in its files
        stored = {row.lead_id: FILE.validate_json(row.state).version for row in rows}
    else:
        stored = {row.lead_id: row.said for row in rows}
    wrong = [
        f"{lead_id}: version {took.taken.get(lead_id, 0)} in the topic, {version} in the store"
        for lead_id, version in stored.items()
        if took.taken.get(lead_id, 0) != version
    ]
    return Checked(f"versions in {topic} without a gap", sum(took.taken.values()), tuple(wrong))


def _said_once(topic: str, worker: WorkerName, took: Heard, database: Database) -> Checked:
    """Expect the topic to hold the timeline's conclusions, each once, and each id once till withdrawn."""
    in_topic = Counter(
        _key(entry.version, one)
        for _, entry in took.entries
        for one in entry.conclusions
        if one.worker is worker
    )
    in_store = Counter(_key(version, one) for version, one in _timeline(database, worker))
    wrong = [f"{key}: in the store alone" for key in in_store - in_topic]
    wrong += [f"{key}: in the topic alone" for key in in_topic - in_store]
    wrong += _said_again(one for _, one in _timeline(database, worker))
    return Checked(f"conclusions in {topic}, each once", in_topic.total(), tuple(wrong))


def _key(version: int, one: Concluded) -> tuple[LeadId, int, str, Change, str]:
    return (one.lead_id, version, one.id, one.change, one.body.model_dump_json())


def _said_again(said: Iterable[Concluded]) -> list[str]:
    """Return what was said although it stood, and what was changed although it did not."""
    standing: set[str] = set()
    wrong = []
    for one in said:
        if (one.id in standing) is (one.change is Change.SAID):
            wrong.append(f"{one.lead_id}: {one.body.kind} {one.id} {one.change} in vain")
        if one.change is Change.WITHDRAWN:
            standing.discard(one.id)
        else:
            standing.add(one.id)
    return wrong


def _timers(born: list[tuple[Sent, Entry]]) -> Checked:
    """Expect what a timer gave birth to behind its instant, by the log's time and by the broker's clock."""
    wrong = [f"{entry.lead_id}: {entry.timer} at {one.had_at}" for one, entry in born if _early(one, entry)]
    return Checked("records that timers gave birth to, none early", len(born), tuple(wrong))


def _early(one: Sent, entry: Entry) -> bool:
    assert entry.timer is not None
    return entry.timer.due_at > entry.stamp or entry.timer.due_at > one.had_at


# --- what people are told


def _notices(database: Database, records: list[Sent]) -> Checked:
    """Expect each notice of the timeline in the topic, and those about numbers; it has no versions."""
    in_topic = {one.value.decode() for one in records if not about_numbers(one)}
    in_store = {one.body.model_dump_json() for _, one in _timeline(database, WorkerName.ALERTS)}
    wrong = [f"{notice}: in the store alone" for notice in in_store - in_topic]
    wrong += [f"{notice}: in the topic alone" for notice in in_topic - in_store]
    wrong += differing_bounds(database, filter(about_numbers, records))
    return Checked(f"notices in {NOTICES}", len(in_topic), tuple(wrong))


def _breaches(database: Database) -> Checked:
    """Expect of each breach a clock that ran for its allowance, and that nobody had stopped by then."""
    standing = standing_after(one for _, one in _timeline(database, WorkerName.LIFECYCLE))
    bodies = [one.body for one in standing.values()]
    started = {one.subject: one.started_at for one in bodies if isinstance(one, ClockStarted)}
    met = {
        one.subject: one.ended_at for one in bodies if isinstance(one, ClockEnded) and one.end is ClockEnd.MET
    }
    breaches = [one for one in bodies if isinstance(one, SlaBreached)]
    wrong = [str(one) for one in breaches if not _is_just(one, started, met)]
    return Checked("breaches that the facts justify", len(breaches), tuple(wrong))


def _is_just(one: SlaBreached, started: dict[str, datetime], met: dict[str, datetime]) -> bool:
    began = started.get(one.subject)
    return began is not None and one.breached_at - began >= SHORTEST and one.subject not in met


def _timeline(database: Database, worker: WorkerName) -> list[tuple[int, Concluded]]:
    """Return what a worker said, in its order, with the version of the record that said it."""
    said = select(timeline).where(timeline.c.worker == worker).order_by(timeline.c.id)
    with database.reading() as connection:
        return [(row.version, concluded_from(row)) for row in connection.execute(said)]
