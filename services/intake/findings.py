"""Collecting what a request comes to, part by part: each part is a fact, unfit, or of no interest.

A vendor says what it has read in plain values; whether that is a fact is judged here, by the facts' own
models, with the sentences that the line's front door uses. One unfit part never takes its neighbours along.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Any

from pydantic import ValidationError

from infra.json_text import flaw_in
from infra.misfit import misfit
from schemas.dead_letters import DeadReason
from schemas.facts import TYPE_PREFIX, FactEvent
from services.intake.request import Request
from services.intake.vendor import Reading, Unfit

LONGEST_ID = 256
MOST_DIGITS = 16
Values = Mapping[str, Any]


class Findings:
    """What has been read of one request so far."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._facts: list[FactEvent] = []
        self._unfit: list[Unfit] = []
        self._ignored_count = 0

    def say(
        self,
        part: object,
        *,
        event_id: str | None,
        fact: Values,
        subject: Values,
        time: object = None,
        test: bool = False,
    ) -> None:
        """Take a part of the request as a fact, or put it aside if it is none.

        Args:
            part: What was read, for a dead letter.
            event_id: What the vendor knows the event by; None: a digest of the part.
            fact: The fact's fields, its kind among them; None is left out.
            subject: The subject's, likewise.
            time: An instant, as text with an offset or as a datetime; None: when the request arrived.
            test: Whether it is kept out of the numbers.
        """
        known_by = named(event_id or content_id(self._request.source, part))
        document = {
            "specversion": "1.0",
            "id": known_by,
            "source": self._request.source,
            "type": TYPE_PREFIX + str(fact.get("kind")),
            "time": self._request.received_at if time is None else time,
            "data": {"subject": filled(subject), "fact": filled(fact), "test": test},
        }
        self.say_event(part, document)

    def say_event(self, part: object, document: Values) -> None:
        """Take a whole event, in the form of the catalogue."""
        try:
            self._facts.append(FactEvent.model_validate(document))
        except ValidationError as error:
            letter = misfit(document, error)
            self.refuse(part, letter.reason, letter.detail, event_id=letter.event_id)

    def refuse(self, part: object, reason: DeadReason, detail: str, *, event_id: str | None = None) -> None:
        """Put a part aside."""
        self._unfit.append(Unfit(reason, detail, part_bytes(part), event_id))

    def is_spoiled(self, part: object) -> bool:
        """Say whether something in a part of a batch is not JSON (NaN, say), and put it aside if so."""
        flaw = flaw_in(part)
        if flaw is not None:
            self.refuse(part, flaw.reason, flaw.detail, event_id=_id_in(part))
        return flaw is not None

    def ignore(self) -> None:
        """Note that a part is of no interest."""
        self._ignored_count += 1

    def reading(self) -> Reading:
        """Return what the request came to."""
        return Reading(tuple(self._facts), tuple(self._unfit), self._ignored_count)


def names_somebody(event: FactEvent) -> bool:
    """Say whether a fact names anybody that it is about."""
    subject = event.data.subject
    return bool(subject.email or subject.phone or subject.anonymous_id or subject.external_ids)


def filled(values: Values) -> dict[str, Any]:
    """Return values without those that are not there."""
    return {name: value for name, value in values.items() if value is not None}


def content_id(source: str, part: object) -> str:
    """Return an id for an event that the vendor gives none: equal content, equal id."""
    return blake2b(source.encode() + b"\n" + part_bytes(part), digest_size=16).hexdigest()


def named(event_id: str) -> str:
    """Return an event's id, cut to what an id may be without two of them becoming one."""
    if len(event_id) <= LONGEST_ID:
        return event_id
    return event_id[:200] + blake2b(event_id.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def part_bytes(part: object) -> bytes:
    """Return a part of a request as bytes."""
    if isinstance(part, bytes):
        return part
    return json.dumps(part, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")


def _id_in(part: object) -> str | None:
    found = part.get("messageId") or part.get("id") if isinstance(part, dict) else None
    return found[:128] if isinstance(found, str) and found and flaw_in(found) is None else None


def instant_of(since_1970: object, *, per_second: int = 1000) -> object:
    """Return the instant that milliseconds, or other parts of a second, since 1970 say: a number or digits.

    What says none is returned as it stands, so that a dead letter shows it.
    """
    said = since_1970
    if isinstance(said, str) and said.isascii() and said.isdigit() and len(said) <= MOST_DIGITS:
        said = int(said)
    if isinstance(said, bool) or not isinstance(said, int | float):
        return since_1970
    try:
        from_epoch = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
        return from_epoch.fromtimestamp(said / per_second, from_epoch.tzinfo)
    except (OverflowError, OSError, ValueError):
        return since_1970
