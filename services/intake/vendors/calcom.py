"""Cal.com: bookings, cancellations, moved meetings, and who did not show up.

``X-Cal-Signature-256`` is the hexadecimal HMAC-SHA256 of the body. Where no secret is set in Cal.com it
says ``no-secret-provided`` instead, which proves nothing and is refused as a wrong signature. A booking may
have several attendees: each is a lead.

Source: cal.com/docs/developing/guides/automation/webhooks.
"""

import hmac
from datetime import datetime
from typing import Any

from pydantic import Field

from infra.json_text import read_tolerantly
from schemas.dead_letters import DeadReason
from schemas.frozen import Frozen
from services.intake.findings import Findings, content_id
from services.intake.happenings import Happenings, happenings, meeting, say_happening
from services.intake.picking import SubjectForm, as_text, at
from services.intake.request import Request
from services.intake.signatures import signed
from services.intake.vendor import Reading, Secrets, Vendor, Verdict


def _events() -> Happenings:
    touched = {
        "kind": "touched",
        "fields": {"channel": {"constant": "meeting"}, "outcome": {"constant": "no_show"}},
    }
    return happenings(
        {
            "BOOKING_CREATED": [{"kind": "captured"}, meeting("meeting_booked", "title")],
            "BOOKING_REQUESTED": [{"kind": "captured"}, meeting("meeting_requested", "title")],
            "BOOKING_RESCHEDULED": [meeting("meeting_rescheduled", "title")],
            "BOOKING_CANCELLED": [meeting("meeting_canceled", "title")],
            "BOOKING_NO_SHOW_UPDATED": [
                {**touched, "when": {"path": "attendee.noShow", "in": ["true"]}},
            ],
        }
    )


class CalcomMapping(Frozen):
    """What Cal.com's triggers mean; paths begin at the payload, with the attendee under ``attendee``."""

    events: Happenings = Field(default_factory=_events)
    subject: SubjectForm = SubjectForm.model_validate(
        {"email": "attendee.email", "name": "attendee.name", "phone": "attendee.phoneNumber"}
    )


def authenticate(request: Request, secrets: Secrets, now: datetime) -> Verdict:  # noqa: ARG001 - no timestamp
    """Check ``X-Cal-Signature-256``."""
    return signed(
        "X-Cal-Signature-256",
        request.header_values("x-cal-signature-256"),
        secrets,
        lambda secret: hmac.digest(secret, request.body, "sha256").hex().encode(),
    )


def facts(request: Request, mapping: CalcomMapping) -> Reading:
    """Read a trigger's event, for each attendee."""
    document = read_tolerantly(request.content)
    findings = Findings(request)
    if findings.is_spoiled(document):
        return findings.reading()
    name, payload = at(document, "triggerEvent"), at(document, "payload")
    if not isinstance(name, str) or not isinstance(payload, dict):
        findings.refuse(document, DeadReason.SCHEMA, "triggerEvent, payload: expected a text and an object")
    elif name == "PING" or name not in mapping.events:
        findings.ignore()
    else:
        _read(findings, document, name, payload, mapping)
    return findings.reading()


def _read(
    findings: Findings, document: dict[str, Any], name: str, payload: dict[str, Any], mapping: CalcomMapping
) -> None:
    people = payload.get("attendees")
    attendees = [one for one in people if isinstance(one, dict)] if isinstance(people, list) else []
    if not attendees:
        findings.refuse(document, DeadReason.NO_IDENTITY, "payload.attendees: nobody is named")
    booking = as_text(payload.get("uid") or payload.get("bookingUid") or content_id("", payload))
    for attendee in attendees:
        about = {**payload, "attendee": attendee}
        who = content_id("", attendee.get("email") or attendee)[:12]
        say_happening(
            findings,
            document,
            mapping.events[name],
            known_by=f"{booking}:{name}:{who}",
            subject=mapping.subject.read(about),
            document=about,
            time=document.get("createdAt"),
        )


VENDOR = Vendor("calcom", authenticate, facts, mapping=CalcomMapping, signed_in=("X-Cal-Signature-256",))
