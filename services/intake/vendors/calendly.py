"""Calendly: invitees who book, cancel, move or miss a meeting.

``Calendly-Webhook-Signature`` is ``t=<Unix seconds>,v1=<hex HMAC-SHA256 of t.body>``, as Stripe writes its
own; three minutes is what Calendly's page allows. Moving a meeting is a cancellation with ``rescheduled``
and a booking with ``old_invitee``; the first of the two is of no interest. Calendly switches a webhook off
after a day of answers that are not 2xx.

Source: developer.calendly.com, "Webhook signatures" and "Webhook payload".
"""

import hmac
from datetime import datetime, timedelta
from typing import Any

from pydantic import Field

from infra.json_text import read_tolerantly
from schemas.dead_letters import DeadReason
from schemas.frozen import Frozen
from services.intake.findings import Findings, content_id
from services.intake.happenings import Happenings, happenings, meeting, say_happening
from services.intake.picking import SubjectForm, at
from services.intake.request import Request
from services.intake.signatures import is_fresh, signed
from services.intake.vendor import MISSING, STALE, Reading, Secrets, Vendor, Verdict

ALLOWED = timedelta(minutes=3)
_NAME = "scheduled_event.name"


def _events() -> Happenings:
    captured = {
        "kind": "captured",
        "fields": {"origin": "tracking.utm_source", "campaign": "tracking.utm_campaign"},
    }
    return happenings(
        {
            "invitee.created": [captured, meeting("meeting_booked", _NAME)],
            "invitee.rescheduled": [meeting("meeting_rescheduled", _NAME)],
            "invitee.canceled": [meeting("meeting_canceled", _NAME)],
            "invitee_no_show.created": [
                {
                    "kind": "touched",
                    "fields": {"channel": {"constant": "meeting"}, "outcome": {"constant": "no_show"}},
                }
            ],
        }
    )


class CalendlyMapping(Frozen):
    """What Calendly's events mean; paths begin at the payload (``tracking.utm_source``)."""

    events: Happenings = Field(default_factory=_events)
    """By event; ``invitee.rescheduled`` is a booking that replaces another one."""
    subject: SubjectForm = SubjectForm.model_validate(
        {"email": "email", "name": "name", "phone": "text_reminder_number"}
    )


def authenticate(request: Request, secrets: Secrets, now: datetime) -> Verdict:
    """Check ``Calendly-Webhook-Signature``."""
    given = request.header("calendly-webhook-signature")
    if given is None:
        return MISSING
    parts = [part.strip().partition("=") for part in given.split(",")]
    timestamp = next((value for name, _, value in parts if name == "t"), "")
    content = timestamp.encode("latin-1", "replace") + b"." + request.body
    verdict = signed(
        "Calendly-Webhook-Signature",
        [value for name, _, value in parts if name == "v1"],
        secrets,
        lambda secret: hmac.digest(secret, content, "sha256").hex().encode(),
    )
    if verdict.is_authentic and not is_fresh(timestamp, now, ALLOWED):
        return STALE
    return verdict


def facts(request: Request, mapping: CalendlyMapping) -> Reading:
    """Read an event of an invitee."""
    document = read_tolerantly(request.content)
    findings = Findings(request)
    if findings.is_spoiled(document):
        return findings.reading()
    name, payload = at(document, "event"), at(document, "payload")
    if not isinstance(name, str) or not isinstance(payload, dict):
        findings.refuse(document, DeadReason.SCHEMA, "event, payload: expected a text and an object")
        return findings.reading()
    invitee = payload["invitee"] if isinstance(payload.get("invitee"), dict) else payload
    event = _event(name, invitee)
    say_happening(
        findings,
        document,
        mapping.events.get(event),
        known_by=f"{invitee.get('uri') or content_id('', document)}:{event}",
        subject=mapping.subject.read(invitee),
        document=invitee,
        time=at(document, "created_at"),
    )
    return findings.reading()


def _event(name: str, invitee: dict[str, Any]) -> str:
    if name == "invitee.created" and invitee.get("old_invitee"):
        return "invitee.rescheduled"
    if name == "invitee.canceled" and invitee.get("rescheduled") is True:
        return "invitee.canceled to be moved"
    return name


VENDOR = Vendor(
    "calendly", authenticate, facts, mapping=CalendlyMapping, signed_in=("Calendly-Webhook-Signature",)
)
