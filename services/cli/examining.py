"""What the doctor looks at, in order. Each check says ok, warn or fail, what it found, and the remedy.

``CHECKS`` is the list; ``docs/operations.md`` describes each, and a test holds the two together. A store that
cannot be opened ends the examination: nothing more can be said of it.
"""

import os
import platform
import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

from infra.embedded.lock import LineBusy, line_lock
from infra.settings import read_settings
from infra.store.address import read_address
from infra.store.database import Database, Transaction
from infra.store.deliveries import disabled_destinations, given_up
from infra.store.errors import StoreError
from infra.store.journal_memory import signed_agreements, undecided
from infra.store.opening import open_store
from infra.store.reading.dead_letters import count_dead_letters
from infra.store.reading.head_count import head_count
from infra.store.reading.standing import imports_of, oldest_timer, positions_of, sizes
from infra.store.retention import kept_since
from infra.store.schema import schema_state
from infra.store.topics import known_topics
from infra.time_source import system_time
from services.cli.heads import everybody
from services.cli.spans import duration
from services.cli.terminal import counted, instant_text
from services.line_host import ON_KAFKA
from services.zones import TZ_DATABASE_VERSION

Verdict = Literal["ok", "warn", "fail"]

LATE = timedelta(minutes=1)
"""A timer that is due for longer than this waits for somebody to run the line."""


OVERDUE = timedelta(days=1)
"""Requests that are over their term for longer than this wait for somebody to let go of them."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found."""

    check: str
    verdict: Verdict
    detail: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Patient:
    """An open store under examination."""

    database: Database
    connection: Transaction
    runner: str | None
    """Who runs the line; None: nobody."""
    now: datetime


def examine(store: str, *, migrate: bool = False) -> list[Finding]:
    """Look at everything.

    Args:
        store: The store's address.
        migrate: Whether to bring an older store's tables up to date first.
    """
    found = [_versions()]
    try:
        if migrate:
            _migrate(store)
        with open_store(store, create=False) as database, database.reading() as connection:
            patient = Patient(database, connection, _runner(database), system_time())
            found.append(Finding("store", "ok", f"{database.address} opens"))
            found += [check(patient) for check in CHECKS.values()]
    except StoreError as error:
        found.append(Finding("store", "fail", *_split(str(error))))
    except LineBusy as error:
        found.append(Finding("store", "fail", _split(str(error))[0], "stop it, then migrate"))
    return found


def _migrate(store: str) -> None:
    address = read_address(store)
    if address.file is not None and not address.file.exists():  # whose lock would be left behind
        open_store(store, create=False).close()
    with line_lock(address):
        open_store(store, create=False, migrate=True).close()


def _split(sentence: str) -> tuple[str, str]:
    what, _, remedy = sentence.partition("; ")
    return what, remedy


def _runner(database: Database) -> str | None:
    with database.reading() as connection:
        if known_topics(connection):
            return ON_KAFKA
    try:
        with line_lock(database.address):
            return None
    except LineBusy as busy:
        return busy.holder or "unknown"


def own_version() -> str:
    """Return which Relevo this is."""
    try:
        return version("relevo")
    except PackageNotFoundError:
        return "from a checkout"


def _versions() -> Finding:
    detail = f"relevo {own_version()}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    return Finding("versions", "ok", detail)


def _schema(patient: Patient) -> Finding:
    return Finding("schema", "ok", f"revision {schema_state(patient.database).revision}")


def _journal(patient: Patient) -> Finding:
    if patient.database.address.file is None:
        return _journal_of_server(patient)
    mode = patient.connection.exec_driver_sql("PRAGMA journal_mode").scalar()
    if mode != "wal":
        remedy = "move the store to a local disk: write-ahead logging needs shared memory"
        return Finding("journal", "fail", f"journal_mode is {mode}, not wal", remedy)
    return Finding("journal", "ok", "write-ahead logging, synced with every commit")


def _journal_of_server(patient: Patient) -> Finding:
    settings = "SELECT current_setting('server_version'), current_setting('fsync')"
    number, fsync = patient.connection.exec_driver_sql(settings).one()
    kept = f"kept by PostgreSQL {number.split()[0]}"
    if fsync == "off":
        remedy = "set fsync = on in the server's settings: a power cut may destroy the store"
        return Finding("journal", "warn", f"{kept}, which syncs nothing to the disk", remedy)
    return Finding("journal", "ok", f"{kept}, synced with every commit")


def _lock(patient: Patient) -> Finding:
    if patient.runner is None:
        return Finding("line", "ok", "nobody runs the line; verbs that write run it while they work")
    return Finding("line", "ok", f"run by {patient.runner}")


def _agreement(patient: Patient) -> Finding:
    signed = signed_agreements(patient.connection)
    if not signed:
        return Finding("agreement", "warn", "none has been signed", "run relevo agreement sign FILE")
    newest = signed[-1]
    since = _to_the_second(newest.effective_at)
    return Finding("agreement", "ok", f"version {newest.version} ({newest.digest}), in force since {since}")


def _to_the_second(at: datetime) -> str:
    return instant_text(at.replace(microsecond=0))


def _waiting(patient: Patient) -> Finding:
    if patient.runner == ON_KAFKA:
        return Finding("log", "ok", "stands on Kafka; relevo_lag_records of each worker says what waits")
    waiting = undecided(patient.connection)
    if not waiting:
        return Finding("log", "ok", "every fact has been decided")
    detail = f"{counted(waiting, 'fact')} {'waits' if waiting == 1 else 'wait'} to be decided"
    remedy = "run again what was cut off, or relevo up: whatever writes decides them"
    return Finding("log", "ok", detail) if patient.runner else Finding("log", "warn", detail, remedy)


def _workers(patient: Patient) -> Finding:
    places = positions_of(patient.connection)
    if not places:
        return Finding("workers", "ok", "none has begun: nothing has been said yet")
    busy = [place.worker for place in places if place.cursor is not None]
    if busy:
        detail = f"{', '.join(busy)} stopped in the midst of long work (a close, or a new agreement)"
        return Finding("workers", "ok" if patient.runner else "warn", detail, _unless(patient))
    stamps = {place.clock for place in places if place.clock is not None}
    told = f"their clocks stand at {_to_the_second(max(stamps))}" if stamps else "no time has passed yet"
    return Finding("workers", "ok", f"{len(places)} of them; {told}")


def _unless(patient: Patient) -> str:
    return "" if patient.runner else "run relevo up"


def _timers(patient: Patient) -> Finding:
    due = oldest_timer(patient.connection)
    if due is None:
        return Finding("timers", "ok", "none is armed")
    late = patient.now - due
    if late <= LATE:
        return Finding("timers", "ok", f"the next is due at {_to_the_second(due)}")
    detail = f"the oldest has been due for {duration(late.total_seconds())}"
    return Finding("timers", "warn", detail, _unless(patient) or "look whether the line makes progress")


def _imports(patient: Patient) -> Finding:
    waiting = [one.import_id for one in imports_of(patient.connection) if one.closed_seq is None]
    if not waiting:
        return Finding("imports", "ok", "none is under way")
    detail = f"{', '.join(waiting[:3])} has not been closed"
    again = " and ".join(dict.fromkeys(map(_command, waiting[:3])))
    return Finding("imports", "warn", detail, f"run {again} again: it goes on where it was")


def _command(import_id: str) -> str:
    """Return the command whose import this is; an import is named after what was read, and its digest."""
    if demo := _DEMO.match(import_id):
        return f"relevo demo --leads {demo[1]} --seed {demo[2]}"
    if letter := _LETTER.search(import_id):
        return f"relevo dead resubmit {letter[1]}"
    name = import_id.rpartition("-")[0]
    match name:
        case "olist":
            return "relevo import olist DIR"
        case "stdin":
            return "relevo import jsonl -, with the same input,"
        case _ if name.endswith(".csv"):
            return f"relevo import csv {name} --mapping FILE"
        case _:
            return f"relevo import jsonl {name or import_id}"


_DEMO = re.compile(r"demo-(\d+)-(\d+)-")
_LETTER = re.compile(r"-dead-(\d+)$")


def _dead(patient: Patient) -> Finding:
    counts = count_dead_letters(patient.connection)
    if not counts:
        return Finding("dead letters", "ok", "none waits")
    told = ", ".join(f"{count:,} {reason}" for reason, count in counts.items())
    return Finding("dead letters", "warn", f"{sum(counts.values()):,} wait: {told}", "run relevo dead")


def _sizes(patient: Patient) -> Finding:
    found = sizes(patient.connection)
    detail = (
        f"{everybody(head_count(patient.connection))}, "
        f"{counted(found.fact_count - found.control_count, 'fact')} about leads, "
        f"{found.control_count:,} about the line, "
        f"{counted(found.timer_count, 'timer')}, {counted(found.restatement_count, 'restatement')}"
    )
    return Finding("sizes", "ok", detail)


def _requests(patient: Patient) -> Finding:
    count, oldest = kept_since(patient.connection)
    term = read_settings(os.environ).keep_requests
    kept = "for ever" if term is None else f"for {term.days:,} days"
    if oldest is None:
        return Finding("requests", "ok", f"none is kept; they would be {kept}")
    detail = f"{counted(count, 'request')} kept since {_to_the_second(oldest)}; they are kept {kept}"
    if term is not None and oldest < patient.now - term - OVERDUE:
        remedy = "run relevo intake, relevo pull or relevo up: each lets go of what is over its term"
        return Finding("requests", "warn", detail, remedy)
    return Finding("requests", "ok", detail)


def _zones(_: Patient) -> Finding:
    return Finding("zones", "ok", f"tz database {TZ_DATABASE_VERSION}")


def _deliveries(patient: Patient) -> Finding:
    disabled, dead = disabled_destinations(patient.connection), given_up(patient.connection)
    if disabled:
        name = next(iter(disabled))
        remedy = f"when it is mended, run relevo deliveries resume {name}"
        return Finding("deliveries", "warn", f"disabled: {', '.join(disabled)}", remedy)
    if dead:
        said = ", ".join(f"{count:,} to {name}" for name, count in dead.items())
        return Finding("deliveries", "warn", f"given up: {said}", "run relevo deliveries list --status dead")
    return Finding("deliveries", "ok", "nothing was given up")


CHECKS: dict[str, Callable[[Patient], Finding]] = {
    "schema": _schema,
    "journal": _journal,
    "line": _lock,
    "agreement": _agreement,
    "log": _waiting,
    "workers": _workers,
    "timers": _timers,
    "imports": _imports,
    "dead letters": _dead,
    "deliveries": _deliveries,
    "requests": _requests,
    "sizes": _sizes,
    "zones": _zones,
}
"""What is looked at in a store that opens, in order."""
