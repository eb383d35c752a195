"""Mautic: contacts, forms, mails and page hits, in lists by the type of the event.

``Webhook-Signature`` is HMAC-SHA256 of the body in base64, which is not Standard Webhooks' header of the same
name. Mautic signs with the empty key when no secret is set; a source's secret is never empty, so that such a
request is refused. One request carries many events of several types, and an event without an id of its own
is known by its record's id and its instant. Of a deleted contact the id stands beside it, and is null in it.

Source: devdocs.mautic.org, "Webhooks".
"""

import hmac
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from infra.json_text import no_object, read_tolerantly
from schemas.dead_letters import DeadReason
from schemas.frozen import Frozen
from schemas.vocabulary import Name
from services.intake.fields import FieldsForm, Said, said_by
from services.intake.findings import Findings, content_id
from services.intake.happenings import Happenings, happenings, say_happening
from services.intake.picking import as_text, at
from services.intake.request import Request
from services.intake.signatures import signed
from services.intake.vendor import Reading, Secrets, Vendor, Verdict


def _fields() -> FieldsForm:
    attributes = {"position": "job_title", "country": "country", "website": "website", "stage": "stage"}
    return FieldsForm.model_validate(
        {
            "subject": {"email": "email", "phone": "phone", "mobile": "phone", "company": "company"},
            "attributes": {**attributes, "points": {"name": "mautic_points", "as": "number"}},
        }
    )


def _engaged(channel: str, action: str, name: str) -> dict[str, Any]:
    fields = {"channel": {"constant": channel}, "action": {"constant": action}, "name": name}
    return {"kind": "engaged", "fields": fields}


def _events() -> Happenings:
    return happenings(
        {
            "mautic.form_on_submit": [
                {"kind": "captured"},
                _engaged("form", "submit", "submission.form.name"),
            ],
            "mautic.email_on_open": [_engaged("email", "open", "stat.email.subject")],
            "mautic.page_on_hit": [_engaged("page", "view", "hit.url")],
        }
    )


class MauticMapping(Frozen):
    """What Mautic's contacts and events mean."""

    system: Name = "mautic"
    """The system in whose name a contact's id is an external id."""
    contact: Annotated[FieldsForm, AfterValidator(lambda own: own.over(_fields()))] = Field(
        default_factory=_fields
    )
    """By the fields' aliases, besides Mautic's own; others are of no interest."""
    events: Happenings = Field(default_factory=_events)
    """By type; paths begin at the event (``submission.results.budget``)."""


def authenticate(request: Request, secrets: Secrets, now: datetime) -> Verdict:  # noqa: ARG001 - no timestamp
    """Check ``Webhook-Signature``."""
    return signed(
        "Webhook-Signature",
        request.header_values("webhook-signature"),
        secrets,
        lambda secret: b64encode(hmac.digest(secret, request.body, "sha256")),
    )


def facts(request: Request, mapping: MauticMapping) -> Reading:
    """Read every event of every type."""
    document = read_tolerantly(request.content)
    findings = Findings(request)
    if not isinstance(document, dict):
        detail = f"{no_object(document)}; events stand by their types"
        findings.refuse(request.content, DeadReason.SCHEMA, detail)
        return findings.reading()
    for name, events in document.items():
        for event in events if isinstance(events, list) else [events]:
            if name.startswith("mautic."):
                _read(findings, name, event, mapping)
    return findings.reading()


def _read(findings: Findings, name: str, event: object, mapping: MauticMapping) -> None:
    if findings.is_spoiled(event):
        return
    if not isinstance(event, dict):
        findings.refuse(event, DeadReason.SCHEMA, f"{name[:60]}: {no_object(event)}")
    elif name.startswith("mautic.lead_"):
        _contact(findings, name, event, mapping)
    else:
        about, said = _person(event, mapping)
        say_happening(
            findings,
            event,
            mapping.events.get(name),
            known_by=_id(name, event, about),
            subject=_subject(about, said, mapping),
            document=event,
            time=event.get("timestamp"),
        )


def _contact(findings: Findings, name: str, event: dict[str, Any], mapping: MauticMapping) -> None:
    about, said = _person(event, mapping)
    happening = name.removeprefix("mautic.lead_")
    fact: dict[str, Any] | None = None
    match happening:
        case "post_save_new":
            fact = {"kind": "captured", "attributes": said.attributes}
        case "post_save_update" | "points_change":
            fact = {"kind": "enriched", "attributes": said.attributes}
        case "post_delete":
            fact = {"kind": "enriched", "attributes": {"deleted_in_crm": True}}
        case "channel_subscription_changed" if event.get("channel") == "email":
            granted = event.get("new_status") == "contactable"
            fact = {"kind": "consent_changed", "channel": "email", "granted": granted}
    if fact is None:
        findings.ignore()
        return
    known_by, subject = _id(name, event, about), _subject(about, said, mapping)
    findings.say(event, event_id=known_by, fact=fact, subject=subject, time=event.get("timestamp"))
    for suffix, claim in said.facts if happening.startswith("post_save") else ():
        claimed_by = f"{known_by}:{suffix}"
        findings.say(event, event_id=claimed_by, fact=claim, subject=subject, time=event.get("timestamp"))


_PLACES = ("contact", "lead", "submission.lead", "stat.lead", "hit.lead")


def _person(event: dict[str, Any], mapping: MauticMapping) -> tuple[Mapping[str, Any], Said]:
    found = next((one for place in _PLACES if isinstance(one := at(event, place), dict)), {})
    about = found if found.get("id") else {**found, "id": event.get("id") or event.get("contact_id")}
    record: dict[str, Any] = {"points": about.get("points"), "stage": at(about, "stage.name")}
    groups = about.get("fields")
    for group in groups.values() if isinstance(groups, dict) else ():
        for alias, field in group.items() if isinstance(group, dict) else ():
            record[alias] = at(field, "value") if isinstance(field, dict) else field
    results = at(event, "submission.results")
    record |= {
        name: results[name] for name in ("email", "phone") if isinstance(results, dict) and name in results
    }
    known = {
        name: value for name, value in record.items() if mapping.contact.knows(name) and value is not None
    }
    said = said_by(known, mapping.contact)
    parts = [as_text(record[name]) for name in ("firstname", "lastname") if record.get(name)]
    if parts:
        said.subject["name"] = " ".join(parts)[:256]
    return about, said


def _subject(about: Mapping[str, Any], said: Said, mapping: MauticMapping) -> dict[str, Any]:
    known = about.get("id")
    return {**said.subject, "external_ids": {mapping.system: as_text(known)} if known else {}}


def _id(name: str, event: dict[str, Any], about: Mapping[str, Any]) -> str:
    for place in ("submission.id", "stat.id", "hit.id"):
        record = at(event, place)
        if record is not None:
            return f"{name}:{as_text(record)}:{event.get('timestamp') or ''}"
    if about.get("id") and event.get("timestamp"):
        return f"{name}:{as_text(about['id'])}:{event['timestamp']}"
    return f"{name}:{content_id('', event)}"


VENDOR = Vendor(
    "mautic",
    authenticate,
    facts,
    mapping=MauticMapping,
    signed_in=("Webhook-Signature",),
    body_bytes=4 * 1024 * 1024,
)
