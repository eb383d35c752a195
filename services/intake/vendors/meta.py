"""Meta: lead ads of Facebook and Instagram, as a page's ``leadgen`` webhook tells of them.

``X-Hub-Signature-256`` is ``sha256=`` and the hexadecimal HMAC-SHA256 of the body with the app secret. When
the webhook is set up Meta asks with ``GET`` whether the verify token is known, and wants its challenge back.
The event names the lead, the form and the ad, and no answers: those are read with the lead's id, or stand
beside it in ``field_data`` where a relay has read them already.

Source: developers.facebook.com, "Webhooks: Getting started" and "Webhooks for lead ads".
"""

import hmac
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pydantic import Field

from infra.json_text import read_tolerantly
from schemas.dead_letters import DeadReason
from schemas.vocabulary import Name
from services.intake.findings import Findings, instant_of
from services.intake.forms import Answered, Filled, FormMapping, say_form
from services.intake.picking import as_text, at
from services.intake.request import Request
from services.intake.signatures import signed
from services.intake.vendor import Answer, Answers, Handshake, Reading, Secrets, Vendor, Verdict


class MetaMapping(FormMapping):
    """What lead ads say."""

    system: Name = "meta"
    """The system in whose name a lead's id is an external id."""
    origin: str | None = "meta"
    campaigns: dict[str, Name] = Field(default_factory=dict)
    """Campaigns by the id of a form or an ad."""


def authenticate(request: Request, secrets: Secrets, now: datetime) -> Verdict:  # noqa: ARG001 - no timestamp
    """Check ``X-Hub-Signature-256``."""
    return signed(
        "X-Hub-Signature-256",
        request.header_values("x-hub-signature-256"),
        secrets,
        lambda secret: b"sha256=" + hmac.digest(secret, request.body, "sha256").hex().encode(),
    )


_UNKNOWN_TOKEN = b'{"code": "unknown_token", "message": "the verify token is not the one of this source"}'


def challenge(request: Request, secrets: Secrets) -> Answer:
    """Answer Meta's question, if it knows the verify token."""
    asked = {name: values[0] for name, values in request.query.items() if len(values) == 1}
    token = asked.get("hub.verify_token", "").encode("utf-8", "surrogatepass")
    known = secrets.verify_token is not None and hmac.compare_digest(token, secrets.verify_token)
    if asked.get("hub.mode") != "subscribe" or not known:
        return Answer(403, _UNKNOWN_TOKEN, (("content-type", "application/json"),))
    body = asked.get("hub.challenge", "").encode("utf-8", "surrogatepass")
    headers = (("content-type", "text/plain; charset=utf-8"), ("x-content-type-options", "nosniff"))
    return Answer(200, body, headers)


def facts(request: Request, mapping: MetaMapping) -> Reading:
    """Read the leads that a request tells of."""
    document = read_tolerantly(request.content)
    findings = Findings(request)
    entries = at(document, "entry")
    if not isinstance(entries, list):
        findings.refuse(document, DeadReason.SCHEMA, "entry: expected a list")
        return findings.reading()
    for entry in entries:
        changes = at(entry, "changes")
        for change in changes if isinstance(changes, list) else ():
            if not findings.is_spoiled(change):
                _read(findings, change, mapping)
    return findings.reading()


def _read(findings: Findings, change: object, mapping: MetaMapping) -> None:
    value = at(change, "value")
    if at(change, "field") != "leadgen" or not isinstance(value, dict):
        findings.ignore()
        return
    lead = value.get("leadgen_id")
    if not lead:
        findings.refuse(change, DeadReason.SCHEMA, "value.leadgen_id: expected an id")
        return
    ids = [as_text(value[name]) for name in ("form_id", "ad_id") if value.get(name)]
    campaign = next((mapping.campaigns[one] for one in ids if one in mapping.campaigns), None)
    form = Filled(
        id=lead,
        time=instant_of(value.get("created_time"), per_second=1),
        title=f"form {ids[0]}" if ids else None,
        channel="ad",
        ids={mapping.system: as_text(lead)},
        captured={"campaign": campaign},
    )
    say_form(findings, change, form, _answers(value), mapping)


_TYPES = {"email": "email", "work_email": "email", "phone_number": "phone", "work_phone_number": "phone"}


def _answers(value: dict[str, Any]) -> Iterator[Answered]:
    given = value.get("field_data")
    for one in given if isinstance(given, list) else ():
        name = at(one, "name")
        if isinstance(name, str):
            yield Answered((name,), at(one, "values.0"), _TYPES.get(name, ""))


VENDOR = Vendor(
    "meta",
    authenticate,
    facts,
    mapping=MetaMapping,
    signed_in=("X-Hub-Signature-256",),
    answers=Answers(taken=200),
    secret="verify_token",  # noqa: S106 - what is needed, no secret
    handshakes={
        "GET": Handshake(
            challenge,
            summary="Meta asks whether the verify token is known",
            asks=("hub.mode", "hub.verify_token", "hub.challenge"),
            asks_in="query",
            says={200: "It is; the challenge comes back.", 403: "It is not, or nothing is subscribed."},
            media_type="text/plain",
        )
    },
)
