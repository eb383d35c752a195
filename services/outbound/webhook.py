"""Conclusions as Standard Webhooks: one a request, signed with every live secret.

``webhook-id`` is the message's own, so a receiver that has taken it knows it again. Nothing of the person is
said but what the destination asks for (``include``), and of who was forgotten nothing.

Source: github.com/standard-webhooks/standard-webhooks, specification 1.0.
"""

import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from schemas.facts import TYPE_PREFIX
from services.outbound.outlet import HttpAnswer, HttpRequest, Message, Outcome, Session, judged, plain

SECRET_PREFIX = "whsec_"  # noqa: S105 - how a secret begins
LEAST_KEY_BYTES = 24
"""The specification's least: 192 bits."""


@dataclass(frozen=True, slots=True)
class WebhookOutlet:
    """A URL that takes Standard Webhooks.

    Attributes:
        url: Where to.
        secrets: ``whsec_…``, the newest first.
        include: Fields of the lead that go with each message.
    """

    url: str
    secrets: tuple[str, ...] = field(repr=False)
    include: tuple[str, ...] = ()
    most: int = 1

    def login(self) -> HttpRequest | None:
        """Nobody logs in."""
        return None

    def session(self, answer: HttpAnswer) -> Session | Outcome:
        """Nobody logs in."""
        return Session()

    def wants(self, message: Message) -> Outcome | None:
        """Everything goes."""
        return None

    def request(self, messages: Sequence[Message], session: Session, at: datetime) -> HttpRequest:
        """Build a signed request."""
        (message,) = messages
        body = json.dumps(document(message, self.include), separators=(",", ":"), ensure_ascii=False).encode()
        timestamp = str(int(at.timestamp()))
        headers = {
            "content-type": "application/json",
            "webhook-id": message.id,
            "webhook-timestamp": timestamp,
            "webhook-signature": signature(message.id, timestamp, body, self.secrets),
        }
        return HttpRequest("POST", self.url, headers, body)

    def outcomes(self, answer: HttpAnswer, messages: Sequence[Message]) -> list[Outcome]:
        """Read an answer."""
        return [judged(answer)] * len(messages)


def document(message: Message, include: Sequence[str]) -> dict[str, object]:
    """Return a message as a webhook's payload: type, timestamp and data."""
    data: dict[str, object] = {
        "conclusion_id": message.conclusion_id,
        "lead_id": message.lead_id,
        "change": message.change,
        "agreement": message.agreement,
        **message.body,
    }
    if message.was is not None:
        data["was"] = message.was
    if include:
        data["lead"] = {name: plain(message.lead, name) for name in include}
    return {"type": TYPE_PREFIX + message.kind, "timestamp": message.at.isoformat(), "data": data}


def signature(message_id: str, timestamp: str, body: bytes, secrets: Sequence[str]) -> str:
    """Return the header that signs a message: ``v1,…`` once a secret."""
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    return " ".join(f"v1,{b64encode(hmac.digest(key_of(one), signed, 'sha256')).decode()}" for one in secrets)


def key_of(secret: str) -> bytes:
    """Return the key that a secret stands for.

    Raises:
        ValueError: It is no ``whsec_`` and base64.
    """
    if not secret.startswith(SECRET_PREFIX):
        raise ValueError("a secret begins with whsec_")
    try:
        key = b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except ValueError as error:
        raise ValueError("behind whsec_ stands base64") from error
    if len(key) < LEAST_KEY_BYTES:
        raise ValueError(f"behind whsec_ stand {LEAST_KEY_BYTES} bytes or more, in base64")
    return key
