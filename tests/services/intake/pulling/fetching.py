"""Sources that are fetched, a store to fetch into, and a look at what has been taken."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from infra.store.database import Database
from infra.store.originals import count_taken
from infra.store.reading.dead_letters import dead_letters_like
from infra.store.tables.hosts import records
from infra.time_source import system_time
from services.intake.pulling.opening import open_origin
from services.intake.pulling.puller import Look, Puller
from services.intake.registry import kinds
from services.intake.sources import Limits, Source
from services.intake.vendor import Secrets

CONTACTS: dict[str, Any] = {
    "subject": {"external_ids": {"crm": "id"}, "email": "email"},
    "facts": [{"kind": "enriched", "attributes": {"stage": "stage"}}],
}


def fetched_source(kind: str, pull: dict[str, Any], mapping: dict[str, Any], **held: str) -> Source:
    """Return a source as ``sources.yaml`` would say it."""
    vendor = kinds()[kind]
    assert vendor.pull is not None
    read = vendor.pull.model_validate(pull)
    mapped = vendor.mapping.model_validate(mapping)
    return Source("crm", vendor, Secrets(), mapped, None, Limits(), read, held)


@dataclass
class Fetching:
    """A source and the store that it is fetched into."""

    database: Database
    source: Source
    now: Callable[[], datetime] = system_time
    told: list[str] = field(default_factory=list)

    def puller(self) -> Puller:
        """Return a puller as a new process has it."""
        return Puller(self.source, self.database, open_origin, tell=self.told.append, now=self.now)

    def look(self) -> Look:
        """Look once, as ``relevo pull --once`` does."""
        puller = self.puller()
        try:
            return puller.look(threading.Event())
        finally:
            puller.close()

    def counted(self) -> tuple[int, int]:
        """Return how many facts were said, and how many dead letters there are."""
        with self.database.reading() as connection:
            return count_taken(connection)

    def facts(self) -> list[dict[str, Any]]:
        """Return the facts in the log, in their order."""
        with self.database.reading() as connection:
            values = connection.execute(select(records.c.value).order_by(records.c.offset)).scalars()
            return [json.loads(value) for value in values]

    def said(self, attribute: str) -> list[Any]:
        """Return what the facts say of an attribute, in their order."""
        return [fact["data"]["fact"]["attributes"].get(attribute) for fact in self.facts()]

    def dead(self) -> list[str]:
        """Return the details of the dead letters."""
        with self.database.reading() as connection:
            return [letter.detail for letter in dead_letters_like(connection)]
