"""What an outlet is: messages in, a request out; an answer in, what became of each message out.

An outlet is pure: it opens no socket, reads no clock and remembers nothing. The courier sends what it builds,
decides when to try again, and writes down what it reads. A kind of destination is one file with an outlet,
and one test that plays back recorded answers.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """A conclusion on its way out.

    Attributes:
        id: Stable: the conclusion's, and the version of the lead's record that said it.
        kind: The conclusion's.
        change: Whether it was said, restated or withdrawn.
        body: The conclusion.
        was: What it replaces.
        lead: The lead's row as it is now; empty if it was forgotten.
    """

    id: str
    conclusion_id: str
    lead_id: str
    kind: str
    change: str
    at: datetime
    agreement: str
    body: Mapping[str, Any]
    was: Mapping[str, Any] | None
    lead: Mapping[str, Any]

    def record_in(self, system: str) -> str | None:
        """Return the id of the lead's record in another system; None if it has none there."""
        ids = json.loads(self.lead.get("external_ids") or "{}")
        found = ids.get(system)
        return None if found is None else str(found)


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request, ready to be sent."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """An answer, as much of it as was read; header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def document(self) -> Any:
        """Return the body as JSON; None if it is none, or nested beyond reading."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


class Verdict(StrEnum):
    """What became of a message."""

    SENT = "sent"
    NOWHERE = "nowhere"
    """The destination has no such lead: there is nothing to try again."""
    REFUSED = "refused"
    """This message was not taken; others may be. It is tried again, its lead's later ones behind it."""
    AWAY = "away"
    """The destination takes nothing now; all wait."""
    LOGIN = "login"
    """The session is over: log in and try again."""
    GONE = "gone"
    """The destination wants nothing any more."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a message, in a word and for people; ``retry_after`` is in seconds."""

    verdict: Verdict
    detail: str
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """What logging in gave: a token, and where to send. Empty where nobody logs in."""

    token: str = field(default="", repr=False)
    url: str = ""


class Outlet(Protocol):
    """A kind of destination."""

    @property
    def most(self) -> int:
        """How many messages one request may carry, of as many leads."""

    def login(self) -> HttpRequest | None:
        """Return the request that logs in; None if none is needed."""

    def session(self, answer: HttpAnswer) -> Session | Outcome:
        """Read the answer to logging in."""

    def wants(self, message: Message) -> Outcome | None:
        """Return why there is nothing to send of a message; None if there is."""

    def request(self, messages: Sequence[Message], session: Session, at: datetime) -> HttpRequest:
        """Build the request that carries messages."""

    def outcomes(self, answer: HttpAnswer, messages: Sequence[Message]) -> list[Outcome]:
        """Read an answer: what became of each message, in their order."""


def plain(lead: Mapping[str, Any], name: str) -> Any:
    """Return a field of a lead as JSON has it; None if it is not known."""
    value = lead.get(name)
    if isinstance(value, datetime):
        return value.isoformat()
    return json.loads(value) if name == "external_ids" and isinstance(value, str) else value


def objects(value: Any) -> list[dict[str, Any]]:
    """Return the objects of a list in an answer, whose form is not ours to trust; none if it is no list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def judged(answer: HttpAnswer) -> Outcome:
    """Return what a status says of all that a request carried.

    Source: standardwebhooks.com, "Webhook Delivery": 2xx is taken, 410 disables, the rest is tried again.
    """
    detail, asked = said_by(answer), retry_after(answer)
    match answer.status:
        case status if 200 <= status < 300:
            return Outcome(Verdict.SENT, detail)
        case 410:
            return Outcome(Verdict.GONE, detail)
        case 408 | 423 | 425 | 429:
            return Outcome(Verdict.AWAY, detail, asked)
        case status if status >= 500 or status < 400 or asked is not None:
            return Outcome(Verdict.AWAY, detail, asked)
        case 401 | 403 | 404:  # of the destination and not of a message
            return Outcome(Verdict.AWAY, detail)
        case _:
            return Outcome(Verdict.REFUSED, detail)


def said_by(answer: HttpAnswer) -> str:
    """Return an answer for people: its status, and how it begins."""
    text = " ".join(answer.body[:300].decode("utf-8", "replace").split())
    return f"{answer.status} {text}".strip()[:200]


def retry_after(answer: HttpAnswer) -> float | None:
    """Return how long an answer asks to wait, in seconds; a date in it is measured by the answer's own."""
    said = answer.headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        return float(said)
    try:
        until, now = (parsedate_to_datetime(one) for one in (said, answer.headers.get("date", "")))
        return max((until - now).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return None
