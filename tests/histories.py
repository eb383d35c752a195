"""Histories to run the line over: who said what, when the log had it, and when it is said to have happened.

One generator serves the simulation, which hands it a seeded ``random.Random``, and hypothesis, which draws
the seed (``tests/strategies.py``). The world is ``tests.builders.SMALL_AGREEMENT``'s:
a web site that speaks for marketing, a CRM that speaks for sales, and the owners Marta, Ana and Bo.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from infra.wire import write_fact
from schemas.facts import (
    TYPE_PREFIX,
    Accepted,
    AgreementSigned,
    Assigned,
    Captured,
    ConsentChanged,
    Engaged,
    Enriched,
    Erased,
    Fact,
    FactData,
    FactEvent,
    Heartbeat,
    ImportClosed,
    ImportOpened,
    LeadFact,
    Lost,
    Merged,
    OpportunityOpened,
    Recycled,
    Rejected,
    Reopened,
    StageClaimed,
    Subject,
    Touched,
    Unmerged,
    Won,
)
from schemas.vocabulary import Actor, EngagementChannel, Money, Scalar, Side, TouchChannel
from tests.builders import agreement, instant

START = instant("2026-03-02 08:00")
"""Monday; the office in Madrid has just opened."""


@dataclass(frozen=True)
class Said:
    """A record of the log of facts."""

    received_at: datetime
    event: FactEvent

    @property
    def value(self) -> bytes:
        """The bytes that the tool sent."""
        return write_fact(self.event)

    @property
    def is_heartbeat(self) -> bool:
        """Whether the sequencer said it to itself."""
        return isinstance(self.event.data.fact, Heartbeat)


def document(changes: dict[str, Any] | None = None) -> str:
    """Return the text of the small agreement with these changes; JSON is YAML, too."""
    return agreement(changes).model_dump_json(exclude={"digest"}, by_alias=True, exclude_none=True)


SECOND = document(
    {
        "version": "test-2",
        "handoff.clocks.0.allowance": {"kind": "business", "minutes": 120},
        "scoring.engagement.rules.0.points": 9,
        "scoring.engagement.level_2_from": 15,
        "lifecycle.stages.0.stale_after": {"kind": "elapsed", "minutes": 43200},
    }
)
"""A second version: shorter clocks, page views that count for more, less patience with who stands still."""


def event(
    fact: Fact, about: Subject | None = None, *, source: str = "web", event_id: str, **fields: Any
) -> FactEvent:
    """Return an event with which a tool says a fact."""
    data = {name: fields.pop(name) for name in ("import_id", "test") if name in fields}
    return FactEvent(
        id=event_id,
        source=source,
        type=TYPE_PREFIX + fact.kind,
        data=FactData(subject=about or Subject(), fact=fact, **data),
        **fields,
    )


def heartbeat(received_at: datetime) -> Said:
    """Return a heartbeat of the sequencer."""
    return Said(received_at, event(Heartbeat(), event_id=received_at.isoformat(), source="relevo"))


def signing(received_at: datetime, text: str, event_id: str) -> Said:
    """Return the signing of an agreement."""
    return Said(received_at, event(AgreementSigned(document=text), event_id=event_id, source="relevo"))


def subject(lead: int) -> Subject:
    """Return how tools name a lead."""
    return Subject(email=f"lead{lead}@example.com")


def _by(rng: Random) -> Actor:
    return Actor(side=Side.SALES, owner=rng.choice(("ana", "bo", "marta", None)))


def _money(rng: Random) -> Money:
    return Money(amount_minor=rng.randrange(100, 100_000), currency="EUR")


def _captured(rng: Random) -> LeadFact:
    attributes: dict[str, Scalar | None] = {
        "country": rng.choice(("ES", "PT", "FR")),
        "employees": rng.choice((5, 80, 400)),
    }
    return Captured(origin=rng.choice(("ads", "events")), campaign="spring", attributes=attributes)


def _enriched(rng: Random) -> LeadFact:
    return Enriched(
        attributes={rng.choice(("country", "employees")): rng.choice((None, 300))}
        if rng.random() < 0.3
        else {"employees": rng.choice((10, 60, 900))}
    )


def _page(rng: Random) -> LeadFact:
    return Engaged(channel=EngagementChannel.PAGE, action="view", name=rng.choice(("/", "/pricing")))


def _demo(rng: Random) -> LeadFact:
    return Engaged(
        channel=EngagementChannel.FORM, action="submit", name="demo", origin=rng.choice(("ads", None))
    )


def _touched(rng: Random) -> LeadFact:
    return Touched(channel=rng.choice(list(TouchChannel)), outcome="connected", by=_by(rng))


def _rejected(rng: Random) -> LeadFact:
    return Rejected(reason=rng.choice(("bad_fit", "not_now", "no_such_reason")), by=_by(rng))


def _assigned(rng: Random) -> LeadFact:
    return Assigned(owner=rng.choice(("ana", "bo", None)), team="sales", by=_by(rng))


def _claimed(rng: Random) -> LeadFact:
    return StageClaimed(stage=rng.choice(("lead", "mql", "sal", "sql", "nurture", "nowhere")), by=_by(rng))


_WEB: tuple[tuple[int, Callable[[Random], LeadFact]], ...] = (
    (4, _captured),
    (5, _page),
    (5, _demo),
    (2, _enriched),
    (1, lambda rng: ConsentChanged(granted=rng.random() < 0.5)),
)
_CRM: tuple[tuple[int, Callable[[Random], LeadFact]], ...] = (
    (3, _touched),
    (4, lambda rng: Accepted(by=_by(rng))),
    (2, _rejected),
    (2, _assigned),
    (1, _claimed),
    (2, lambda rng: OpportunityOpened(amount=_money(rng), by=_by(rng))),
    (2, lambda rng: Won(amount=_money(rng), by=_by(rng))),
    (1, lambda rng: Lost(reason="price", by=_by(rng))),
    (1, lambda rng: Recycled(by=_by(rng))),
    (1, lambda rng: Reopened(by=_by(rng))),
)


def any_fact(rng: Random) -> tuple[str, LeadFact]:
    """Return something that a tool may say of a lead, and which tool."""
    source, table = ("web", _WEB) if rng.random() < 0.5 else ("crm", _CRM)
    (make,) = rng.choices([make for _, make in table], [weight for weight, _ in table])
    return source, make(rng)


@dataclass(frozen=True)
class Plan:
    """What a history may hold besides facts about leads that come more or less in time."""

    leads: int = 4
    facts: int = 24
    merges: bool = True
    imports: bool = True
    signings: bool = True
    erasures: bool = True
    repeats: bool = True
    clock_jumps: bool = True
    lateness: tuple[timedelta, ...] = (
        timedelta(),
        timedelta(),
        timedelta(seconds=40),
        timedelta(minutes=50),
        timedelta(days=2),
    )


class Teller:
    """Tells one history."""

    def __init__(self, rng: Random, plan: Plan) -> None:
        self._rng = rng
        self._plan = plan
        self._now = START
        self._count = 0
        self._said: list[Said] = [signing(START, document(), "first")]
        self._import: str | None = None

    def tell(self) -> list[Said]:
        """Return the records of the log, in its order; the last one is a heartbeat that lets time come."""
        while self._count < self._plan.facts:
            self._pass_time()
            self._turn()
        if self._import:
            self._close_import()
        self._said.append(heartbeat(self._latest() + timedelta(days=self._rng.choice((0, 3, 70)), minutes=1)))
        return self._said

    def begun(self) -> list[Said]:
        """Return what has been said so far."""
        return list(self._said)

    def at(self, now: datetime) -> list[Said]:
        """Return what is said next, at an instant of the caller's choosing."""
        self._now, told = now, len(self._said)
        self._turn()
        return self._said[told:]

    def end(self, now: datetime) -> list[Said]:
        """Return what must not be left unsaid."""
        self._now, told = now, len(self._said)
        if self._import:
            self._close_import()
        return self._said[told:]

    def _latest(self) -> datetime:
        return max(one.received_at for one in self._said)

    def _pass_time(self) -> None:
        rng = self._rng
        self._now += rng.choice(
            (
                timedelta(),
                timedelta(seconds=5),
                timedelta(minutes=35),
                timedelta(hours=3),
                timedelta(hours=30),
            )
        )
        if self._plan.clock_jumps and rng.random() < 0.05:
            self._now -= timedelta(hours=2)
        if rng.random() < 0.3:
            self._said.append(heartbeat(self._now))

    def _turn(self) -> None:
        rng, plan = self._rng, self._plan
        roll = rng.random()
        if plan.imports and roll < 0.06:
            self._close_import() if self._import else self._open_import()
        elif plan.signings and roll < 0.09:
            text = rng.choice((SECOND, document()))
            self._said.append(signing(self._now, text, f"signing{len(self._said)}"))
        elif plan.repeats and roll < 0.14:
            self._said.append(replace(rng.choice(self._said), received_at=self._now))
        elif plan.merges and roll < 0.24:
            kind = rng.choice((Merged, Merged, Unmerged))
            one, other = rng.sample(range(plan.leads), 2)
            self._say("crm", kind(other=subject(other)), subject(one))
        elif plan.erasures and roll < 0.25:
            self._say("crm", Erased(), subject(rng.randrange(plan.leads)))
        else:
            source, fact = any_fact(rng)
            self._say(source, fact, subject(rng.randrange(plan.leads)))

    def _say(self, source: str, fact: LeadFact, about: Subject) -> None:
        rng = self._rng
        self._count += 1
        fields: dict[str, Any] = {"time": self._now - rng.choice(self._plan.lateness)}
        if rng.random() < 0.1:
            fields["time"] = rng.choice((None, self._now + timedelta(minutes=20)))
        if self._import and rng.random() < 0.6:
            fields |= {"import_id": self._import, "time": self._now - timedelta(days=rng.randrange(1, 40))}
        if isinstance(fact, Engaged) and rng.random() < 0.2:
            about = about.model_copy(update={"anonymous_id": f"visitor{rng.randrange(3)}"})
        self._said.append(
            Said(self._now, event(fact, about, source=source, event_id=f"e{self._count}", **fields))
        )

    def _open_import(self) -> None:
        self._import = f"import{len(self._said)}"
        opened = event(ImportOpened(import_id=self._import), event_id=f"open:{self._import}", source="relevo")
        self._said.append(Said(self._now, opened))

    def _close_import(self) -> None:
        assert self._import is not None
        closed = event(
            ImportClosed(import_id=self._import), event_id=f"close:{self._import}", source="relevo"
        )
        self._said.append(Said(self._now, closed))
        self._import = None


def history(rng: Random, plan: Plan | None = None) -> list[Said]:
    """Return a history; the same chance and the same plan come to the same one."""
    return Teller(rng, plan or Plan()).tell()


def written(said: Iterable[Said]) -> str:
    """Return a history as lines that a person reads: when the log had it, when it was, what was said."""
    return "\n".join(
        f"{one.received_at:%m-%d %H:%M:%S} ({one.event.time}) {_brief(one.event)}" for one in said
    )


def _brief(one: FactEvent) -> str:
    fact = one.data.fact.model_dump_json(exclude_none=True)
    return f"{one.id} {one.data.subject.email} {fact[:120]} {one.data.import_id or ''}"
