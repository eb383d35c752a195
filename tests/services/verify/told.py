"""A store with something of everything, and what tests do to it.

Ana is handed over and nobody answers: her clock breaches, escalates and is alerted of. Two leads are merged,
two are merged and taken apart again, one comes from an import, one is a test, and one asked to be forgotten.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from infra.store.database import Database
from infra.store.opening import open_store
from schemas.facts import (
    Captured,
    Engaged,
    Erased,
    Fact,
    ImportClosed,
    ImportOpened,
    Merged,
    Subject,
    Unmerged,
)
from schemas.vocabulary import EngagementChannel
from services.pipeline import WORKERS
from services.verify import Report, verify
from tests.histories import SECOND, START, Said, document, event, heartbeat, signing, subject
from tests.stores import in_time

DEMO = Engaged(channel=EngagementChannel.FORM, action="submit", name="demo")
PAGE = Engaged(channel=EngagementChannel.PAGE, action="view", name="/pricing")
BIG = Captured(origin="ads", attributes={"country": "ES", "employees": 400})

ANA, BO, CY, DI, EVA, FAY, GUS, TESS = range(1, 9)


def history() -> list[Said]:
    """Return what was said."""
    told = _Telling()
    told.say("ana", BIG, ANA)
    told.pass_time(minutes=60)
    told.say("ana-asks", DEMO, ANA)
    told.say("tess", BIG, TESS, test=True)
    told.pass_time(hours=9)
    for name, lead in (("bo", BO), ("cy", CY), ("di", DI), ("eva", EVA)):
        told.say(name, BIG, lead)
    told.say("bo-is-cy", Merged(other=subject(CY)), BO)
    told.say("di-is-eva", Merged(other=subject(EVA)), DI)
    told.say("di-is-not-eva", Unmerged(other=subject(EVA)), DI)
    told.line.append(signing(told.now, SECOND, "second"))
    told.control("opened", ImportOpened(import_id="old"))
    told.say("fay", BIG, FAY, import_id="old", time=START - timedelta(days=90))
    told.control("closed", ImportClosed(import_id="old"))
    told.say("gus", BIG, GUS)
    told.say("gus-goes", Erased(), GUS)
    told.pass_time(hours=30)
    told.say("ana-late", PAGE, ANA, time=told.now - timedelta(hours=40))
    told.pass_time(hours=1)
    return told.line


class _Telling:
    def __init__(self) -> None:
        self.now = START
        self.line = [signing(START, document(), "first")]

    def pass_time(self, **time: int) -> None:
        self.now += timedelta(**time)
        self.line.append(heartbeat(self.now))

    def say(self, event_id: str, fact: Fact, lead: int, **fields: Any) -> None:
        about: Subject = subject(lead)
        said = event(fact, about, event_id=event_id, **{"time": self.now, **fields})
        self.line.append(Said(self.now, said))

    def control(self, event_id: str, fact: Fact) -> None:
        self.line.append(Said(self.now, event(fact, event_id=event_id, source="relevo")))


def tell(file: Path) -> None:
    """Run the line over the history."""
    with in_time(file, history()):
        pass


class Tampered:
    """A copy of the store to tamper with."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def run(self, statement: str, **values: object) -> "Tampered":
        """Do something that changes the store; ``:ana`` is the lead whose first fact is ``ana``."""
        with self.database.writing() as connection:
            leads = {row.event_id: row.lead_id for row in connection.execute(text(_LEADS))}
            named = {name: value for name, value in (leads | values).items() if f":{name}" in statement}
            done = connection.exec_driver_sql(statement, named)
            assert done.rowcount != 0, f"nothing was done by {statement}"
        return self

    def keep(self, worker: str, name: str, old: str, new: str) -> "Tampered":
        """Change what a worker keeps of a lead."""
        return self.run(_KEEP, worker=worker, lead_id=self.lead(name), old=old, new=new)

    def resend(self, event_id: str, old: str, new: str) -> "Tampered":
        """Change what a tool sent."""
        return self.run(_RESEND, event_id=event_id, old=old, new=new)

    def verified(self) -> Report:
        """Return what a verification comes to."""
        return verify(self.database, WORKERS)

    def differences(self) -> dict[str, str | None]:
        """Return what differs, and whose it is."""
        return {one.what: one.lead_id for one in self.verified().differences}

    def lead(self, name: str) -> str:
        """Return the lead whose first fact has this id."""
        with self.database.reading() as connection:
            leads = {row.event_id: str(row.lead_id) for row in connection.execute(text(_LEADS))}
        return leads[name]


_KEEP = """
    UPDATE states SET state = replace(state, :old, :new) WHERE worker = :worker AND lead_id = :lead_id
"""
_RESEND = """
    UPDATE facts SET original = CAST(replace(CAST(original AS TEXT), :old, :new) AS BLOB)
    WHERE event_id = :event_id
"""
_LEADS = "SELECT event_id, lead_id FROM facts WHERE kind = 'captured'"


@contextmanager
def opened(file: Path) -> Iterator[Tampered]:
    """Open a store to tamper with."""
    with open_store(f"sqlite:///{file}", durability="normal") as database:
        yield Tampered(database)
