"""Delivering to one destination: what is due is sent, and what became of it is written down before the next.

Order per lead: of each lead only the first message that waits is ever sent. A message that is refused waits
alone, with its lead; a destination that is away makes all wait, twice as long each time, or as long as it
asks for. What has not been taken for ``give_up`` is dead, and said aloud. Between sending and writing
down a process may be killed: then the message goes again, under its id.
"""

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import uniform

from infra.store.database import Database
from infra.store.deliveries import (
    KEPT,
    LEASE,
    Due,
    HeldElsewhere,
    Settled,
    Wanted,
    disable,
    due,
    forget_sent,
    has_news,
    hold,
    let_go,
    newest_conclusion,
    queue,
    settle_deliveries,
)
from infra.store.errors import StoreUnavailable
from infra.time_source import TimeSource, system_time
from services.outbound.outlet import HttpAnswer, Message, Outcome, Outlet, Session, Verdict
from services.outbound.posting import Post

LOOK_SECONDS = 1.0
AT_ONCE = 50
"""Messages that are read together; each is written down as soon as it is answered."""
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=6)
_LONGEST_ASKED = timedelta(days=1)

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Route:
    """A destination as the courier knows it.

    Attributes:
        name: Its name.
        outlet: How it is spoken to.
        wanted: Which conclusions it asks for.
        give_up: After how long a message is dead.
        from_start: Whether it begins with all that was ever concluded.
        lease: For how long it is held at a time; longer than a third of it and a request.
    """

    name: str
    outlet: Outlet
    wanted: Wanted = field(default_factory=Wanted)
    give_up: timedelta = timedelta(days=3)
    from_start: bool = False
    lease: timedelta = LEASE


@dataclass(slots=True)
class Tally:
    """What was delivered since the process began."""

    sent: int = 0
    dead: int = 0


class Courier:
    """Delivers to one destination.

    Args:
        route: The destination.
        database: The store.
        post: Sends a request.
        holder: Names this process.
        tell: Told of what people should know.
        now: The time.
    """

    def __init__(
        self,
        route: Route,
        database: Database,
        post: Post,
        *,
        holder: str,
        tell: Tell,
        now: TimeSource = system_time,
    ) -> None:
        self._route = route
        self._database = database
        self._post = post
        self._holder = holder
        self._tell = tell
        self._now = now
        self._session: Session | None = None
        self._failures = 0
        self._away_until: datetime | None = None
        self._trouble = ""
        self._refuses = False
        self._renew_at: datetime | None = None
        self._disabled: str | None = None
        self.tally = Tally()

    def run(self, stop: threading.Event) -> None:
        """Deliver until ``stop`` is set."""
        while not stop.is_set():
            stop.wait(self._turn(stop))
        self.close()

    def close(self) -> None:
        """Let others deliver."""
        with self._database.writing() as connection:
            let_go(connection, self._route.name, self._holder)

    def _turn(self, stop: threading.Event) -> float:
        try:
            return 0.0 if self.deliver(stop) else LOOK_SECONDS
        except (HeldElsewhere, StoreUnavailable) as error:
            self._say_once(str(error))
            return 5 * LOOK_SECONDS

    def deliver(self, stop: threading.Event) -> int:
        """Queue what is new and send what is due; return how many messages went somewhere.

        Raises:
            HeldElsewhere: Another process delivers here.
            StoreUnavailable: The store does not serve now.
        """
        if self._is_closed():
            return 0
        now = self._now()
        if self._away_until is not None and now < self._away_until:
            return 0
        with self._database.reading() as connection:
            batch = due(connection, self._route.name, now, AT_ONCE)
        return self._send_all(batch, stop)

    def _is_closed(self) -> bool:
        """Hold the destination and queue what is new; say whether nothing may be sent."""
        name, now = self._route.name, self._now()
        self._keep_hold()
        if self._disabled is not None:
            self._say_once(f"disabled ({self._disabled}); relevo deliveries resume {name} when it is mended")
            return True
        with self._database.reading() as connection:
            news = has_news(connection, name)
        if news:
            with self._database.writing() as connection:
                newest = newest_conclusion(connection)
            with self._database.writing() as connection:
                queue(connection, name, self._route.wanted, newest, now)
        return False

    def _send_all(self, batch: Sequence[Due], stop: threading.Event) -> int:
        count = 0
        most = self._route.outlet.most
        for start in range(0, len(batch), most):
            some = batch[start : start + most]
            outcomes = self._send(some)
            self._settle(some, outcomes)
            count += len(some)
            if stop.is_set() or any(one.verdict in (Verdict.AWAY, Verdict.GONE) for one in outcomes):
                break
            self._keep_hold()
        return count

    def _keep_hold(self) -> None:
        """Renew the lease well before it ends, and hear whether the destination was disabled or resumed."""
        now, route = self._now(), self._route
        if self._renew_at is not None and now < self._renew_at:
            return
        with self._database.writing() as connection:
            until = now + route.lease
            self._disabled = hold(
                connection, route.name, self._holder, now, until=until, from_start=route.from_start
            )
            forget_sent(connection, now - KEPT)
        self._renew_at = now + route.lease / 3

    def _send(self, some: Sequence[Due]) -> list[Outcome]:
        """Send messages in one request; return what became of each."""
        outlet = self._route.outlet
        messages = [message_of(one) for one in some]
        known = [outlet.wants(one) for one in messages]
        to_send = [one for one, outcome in zip(messages, known, strict=True) if outcome is None]
        sent = iter(self._posted(to_send) if to_send else ())
        return [next(sent) if outcome is None else outcome for outcome in known]

    def _posted(self, messages: Sequence[Message]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        for _ in range(2):
            self._keep_hold()  # there may be as many requests as messages
            session = self._session or self._login()
            if isinstance(session, Outcome):
                return [session] * len(messages)
            self._session = session
            answer = self._post(self._route.outlet.request(messages, session, self._now()))
            if isinstance(answer, Outcome):
                return [answer] * len(messages)
            outcomes = self._route.outlet.outcomes(answer, messages)
            if all(one.verdict is not Verdict.LOGIN for one in outcomes):
                return self._apart(messages, outcomes)
            self._session = None
        return [Outcome(Verdict.AWAY, f"logging in did not help: {outcomes[0].detail}")] * len(messages)

    def _apart(self, messages: Sequence[Message], outcomes: list[Outcome]) -> list[Outcome]:
        """Send a batch that was refused as a whole one by one: one bad member must not keep the others."""
        if len(messages) == 1 or any(one.verdict is not Verdict.REFUSED for one in outcomes):
            return outcomes
        return [self._posted([one])[0] for one in messages]

    def _login(self) -> Session | Outcome:
        request = self._route.outlet.login()
        if request is None:
            return Session()
        answer = self._post(request)
        return self._route.outlet.session(answer) if isinstance(answer, HttpAnswer) else answer

    def _settle(self, some: Sequence[Due], outcomes: Sequence[Outcome]) -> None:
        """Write what became of messages, and bear in mind what it says of the destination."""
        now = self._now()
        trouble = next((one for one in outcomes if one.verdict in (Verdict.AWAY, Verdict.GONE)), None)
        self._remember(trouble, now)
        settled = [self._settled(one, outcome, now) for one, outcome in zip(some, outcomes, strict=True)]
        with self._database.writing() as connection:
            settle_deliveries(connection, self._route.name, settled, now)
            if trouble is not None and trouble.verdict is Verdict.GONE:
                disable(connection, self._route.name, trouble.detail, now)
                self._renew_at = None

    def _remember(self, trouble: Outcome | None, now: datetime) -> None:
        if trouble is None:
            if self._trouble:
                self._say("takes messages again")
            self._failures, self._away_until, self._trouble = 0, None, ""
            return
        self._failures += 1
        pause = _pause(self._failures, trouble.retry_after)
        self._away_until = now + pause
        self._say_once(f"{trouble.detail}; trying again, at first in {pause.total_seconds():.0f} s")

    def _settled(self, one: Due, outcome: Outcome, now: datetime) -> Settled:
        match outcome.verdict:
            case Verdict.SENT:
                self.tally.sent += 1
                self._refuses = False
                return Settled(one.number, "sent", outcome.detail, now)
            case Verdict.NOWHERE:
                return Settled(one.number, "nowhere", outcome.detail, now)
            case _ if now - one.queued_at >= self._route.give_up:
                self.tally.dead += 1
                again = f"relevo deliveries resend {self._route.name} {one.number}"
                self._say(f"message {one.number} is given up: {outcome.detail}; {again} sends it again")
                return Settled(one.number, "dead", outcome.detail, now)
            case Verdict.REFUSED:
                self._say_refused(one, outcome)
                return Settled(one.number, "waiting", outcome.detail, now + _pause(one.attempts + 1, None))
            case _:
                return Settled(one.number, "waiting", outcome.detail, now)

    def _say_refused(self, one: Due, outcome: Outcome) -> None:
        """Say that messages are refused, once until one is taken: a property that is missing refuses all."""
        if not self._refuses and one.attempts == 0:
            self._say(
                f"message {one.number} is refused: {outcome.detail}; it is tried again, its lead's later ones"
                f" behind it (relevo deliveries list --destination {self._route.name} --status waiting)"
            )
        self._refuses = True

    def _say(self, sentence: str) -> None:
        self._tell(f"{self._route.name}: {sentence}")

    def _say_once(self, sentence: str) -> None:
        if not self._trouble:
            self._say(sentence)
        self._trouble = sentence


def _pause(failures: int, asked: float | None) -> timedelta:
    """Return how long to wait: as long as was asked for, or twice as long each time."""
    if asked is not None:
        return timedelta(seconds=min(asked, _LONGEST_ASKED.total_seconds()))
    growing = FIRST_PAUSE * float(2 ** min(failures - 1, 20))
    return min(growing, LONGEST_PAUSE) * uniform(0.8, 1)  # noqa: S311 - keeps processes apart, guards nothing


def message_of(one: Due) -> Message:
    """Return what is due as an outlet sees it; of who was forgotten there is nothing but the lead's id."""
    said = one.said
    is_known = one.lead is not None and not one.lead["erased"]
    return Message(
        id=f"{said['conclusion_id']}.{said['version']}",
        conclusion_id=said["conclusion_id"],
        lead_id=said["lead_id"],
        kind=said["kind"],
        change=said["change"],
        at=said["at"],
        agreement=said["agreement"],
        body=json.loads(said["body"]),
        was=None if said["was"] is None else json.loads(said["was"]),
        lead=one.lead if is_known and one.lead is not None else {},
    )
