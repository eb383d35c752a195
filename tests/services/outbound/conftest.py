"""A store with conclusions, a receiver, and time that comes on when it is told to."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from infra.store.database import Database
from infra.store.deliveries import Delivery, Wanted, deliveries_like
from infra.store.opening import open_store
from infra.store.tables.read_model import leads, timeline
from services.outbound.courier import Courier, Route
from services.outbound.outlet import Outlet
from services.outbound.posting import Post, Poster
from services.outbound.webhook import WebhookOutlet
from tests.servers.postgresql import Server
from tests.services.outbound.receiving import Receiver, receiver

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - of the specification's example
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass
class Outside:
    """A store whose conclusions go to one receiver."""

    database: Database
    receiver: Receiver
    now: datetime = NOON
    told: list[str] = field(default_factory=list)
    route: dict[str, Any] = field(default_factory=dict)
    outlet: Outlet | None = None
    said: int = 0

    def conclude(self, lead_id: str, kind: str = "stage_changed", **columns: Any) -> None:
        """Have something concluded of a lead."""
        with self.database.writing() as connection:
            connection.execute(insert(timeline), self.row(lead_id, kind, **columns))

    def row(self, lead_id: str, kind: str = "stage_changed", **columns: Any) -> dict[str, Any]:
        """Return the timeline's row of something concluded."""
        self.said += 1
        return {
            "lead_id": lead_id,
            "worker": "lifecycle",
            "version": self.said,
            "conclusion_id": f"c{self.said}",
            "kind": kind,
            "change": "said",
            "at": NOON,
            "stamp": NOON,
            "cause_seq": self.said,
            "ordinal": 0,
            "agreement": "b2b-1",
            "body": json.dumps({"kind": kind, "to_stage": "mql"}),
            **columns,
        }

    def know(self, lead_id: str, **columns: Any) -> None:
        """Have a lead known."""
        with self.database.writing() as connection:
            connection.execute(insert(leads), {"lead_id": lead_id, "test": False, "erased": False, **columns})

    def courier(self, post: Post | None = None, holder: str = "one") -> Courier:
        """Return a courier as a new process has it."""
        outlet = self.outlet or WebhookOutlet(self.receiver.url, (SECRET,))
        route = Route("hook", outlet, **{"from_start": True, **self.route})
        post = post or self.post
        return Courier(route, self.database, post, holder=holder, tell=self.told.append, now=lambda: self.now)

    def post(self, request: Any) -> Any:
        """Send a request."""
        with Poster(private=False, timeout_seconds=10) as poster:
            return poster.post(request)

    def deliver(self, courier: Courier | None = None) -> int:
        """Deliver all that is due; return how much there was."""
        courier = courier or self.courier()
        count = 0
        while more := courier.deliver(threading.Event()):
            count += more
        return count

    def later(self, **span: float) -> None:
        """Let time come on."""
        self.now += timedelta(**span)

    def log(self) -> list[Delivery]:
        """Return what became of each message, the first first."""
        with self.database.reading() as connection:
            return deliveries_like(connection)[::-1]

    def wants(self, *kinds: str, **more: Any) -> None:
        """Have only some conclusions wanted."""
        self.route = {"wanted": Wanted(kinds), **more}


@pytest.fixture
def received() -> Iterator[Receiver]:
    """A receiver."""
    with receiver() as made:
        yield made


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def outside(request: pytest.FixtureRequest, tmp_path: Path, received: Receiver) -> Iterator[Outside]:
    """A store and a receiver."""
    if request.param == "sqlite":
        with open_store(f"sqlite:///{tmp_path}/relevo.db") as database:
            yield Outside(database, received)
        return
    server: Server = request.getfixturevalue("postgresql")
    with server.store() as database:
        yield Outside(database, received)
