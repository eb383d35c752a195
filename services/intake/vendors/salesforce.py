"""Salesforce: Change Data Capture and platform events, as a relay posts them with a bearer key.

Salesforce publishes both on its event bus; an event relay, a Flow or a subscriber of the Pub/Sub API posts
them. An event is read wherever such a relay puts it: as CometD writes it (``payload``, ``event``), within
``data``, as EventBridge does (``detail``), or alone. Of an update only the changed fields count, whatever
else stands in the payload; one event may be about several records. A gap event says that something changed
and not what: the lead is marked as needing to be read again. What Relevo wrote itself is known by the client
in ``changeOrigin`` and ignored, so that nothing goes round in circles.

Source: developer.salesforce.com, Change Data Capture Developer Guide, "ChangeEventHeader Fields".
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from infra.json_text import read_tolerantly
from schemas.dead_letters import DeadReason
from schemas.frozen import Frozen
from schemas.vocabulary import Name
from services.intake.fields import FieldsForm, Said, said_by
from services.intake.findings import Findings, content_id, instant_of
from services.intake.picking import FactForm, Picked, SubjectForm, as_text, at, holding, picked
from services.intake.request import Request
from services.intake.signatures import bearer
from services.intake.vendor import Reading, Secrets, Vendor, Verdict

_BITMAP = re.compile("([0-9]+-)?0x[0-9A-Fa-f]+")
"""Of fields by their places in a schema, as the Pub/Sub API writes them: ``0x650004E0``, ``4-0x10``."""

REREAD = "needs_reread"
"""The attribute of a lead whose record changed in a way that the event does not tell."""

Entities = dict[str, FieldsForm | None]
"""Objects by their API names; null: of no interest."""


def _person(**more: Any) -> FieldsForm:
    base = {
        "subject": {"Email": "email", "Phone": "phone", "MobilePhone": "phone", "Company": "company"},
        "attributes": {
            "Title": "job_title",
            "Industry": "industry",
            "LeadSource": "lead_source",
            "Rating": "rating",
            "Website": "website",
            "NumberOfEmployees": {"name": "employees", "as": "number"},
            "AnnualRevenue": {"name": "annual_revenue", "as": "number"},
        },
        "owner": "OwnerId",
        "opted_out": {"HasOptedOutOfEmail": "email", "DoNotCall": "phone"},
    }
    return FieldsForm.model_validate(base | more)


def _entities() -> Entities:
    accepted, recycled, lost = {"kind": "accepted"}, {"kind": "recycled"}, {"kind": "lost"}
    statuses = {
        "Open - Not Contacted": None,
        "New": None,
        "Working - Contacted": accepted,
        "Contacted": accepted,
        "Working": accepted,
        "Nurturing": recycled,
        "Qualified": "sales_qualified",
        "Closed - Converted": "sales_qualified",
        "Unqualified": lost,
        "Closed - Not Converted": lost,
    }
    return {"Lead": _person(claims={"Status": statuses}), "Contact": _person()}


def _over_defaults(own: Entities) -> Entities:
    defaults = _entities()
    return defaults | {
        name: form and form.over(defaults.get(name) or FieldsForm()) for name, form in own.items()
    }


class PlatformEvent(Frozen):
    """What a platform event says; paths begin at its payload."""

    id: Picked | None = None
    subject: SubjectForm
    facts: tuple[FactForm, ...]


class SalesforceMapping(Frozen):
    """What records and events mean; the defaults are Salesforce's standard fields and statuses."""

    system: Name = "salesforce"
    """The system in whose name a record's id is an external id."""
    entities: Annotated[Entities, AfterValidator(_over_defaults)] = Field(default_factory=_entities)
    """Objects that are leads, with their fields, both besides the defaults; others are of no interest."""
    platform_events: dict[str, PlatformEvent] = Field(default_factory=dict)
    """By API name: ``Demo_Booked__e``."""
    own_clients: tuple[str, ...] = ("relevo",)
    """The client names (``Sforce-Call-Options: client=relevo``) that Relevo's own changes carry."""


def authenticate(request: Request, secrets: Secrets, now: datetime) -> Verdict:  # noqa: ARG001 - no timestamp
    """Look for the source's bearer key."""
    return bearer(request, secrets)


def facts(request: Request, mapping: SalesforceMapping) -> Reading:
    """Read an event, or each of a list of them."""
    document = read_tolerantly(request.content)
    findings = Findings(request)
    for event in document if isinstance(document, list) else [document]:
        if findings.is_spoiled(event):
            continue
        payload = _payload(event)
        header = payload.get("ChangeEventHeader")
        if isinstance(header, dict):
            _change(findings, payload, header, mapping)
        else:
            _platform_event(findings, event, payload, mapping)
    return findings.reading()


def _payload(event: object) -> dict[str, Any]:
    for path in ("data.payload", "detail.payload", "payload", "data", "detail"):
        found = at(event, path)
        if isinstance(found, dict):
            return found
    return event if isinstance(event, dict) else {}


def _change(
    findings: Findings, payload: dict[str, Any], header: dict[str, Any], mapping: SalesforceMapping
) -> None:
    form = mapping.entities.get(str(header.get("entityName")))
    if form is None or _is_own(header, mapping):
        findings.ignore()
        return
    records = header.get("recordIds")
    ids = [one for one in records if isinstance(one, str)] if isinstance(records, list) else []
    untold = _untold(header, ids)
    if untold:
        findings.refuse(payload, DeadReason.SCHEMA, f"ChangeEventHeader.{untold}", event_id=_id(header, ""))
        return
    fields = _fields(payload, header)
    read = said_by({name: value for name, value in fields.items() if form.knows(name)}, form)
    for problem in read.unknown:
        findings.refuse(payload, DeadReason.UNMAPPED, problem, event_id=_id(header, ids[0]))
    said = list(_said(payload, as_text(header.get("changeType") or ""), read, mapping))
    for record in ids:
        for suffix, fact, subject in said:
            findings.say(
                payload,
                event_id=f"{_id(header, record)}:{suffix}",
                fact=fact,
                subject={**subject, "external_ids": {mapping.system: record}},
                time=instant_of(header.get("commitTimestamp")),
            )
    if not said and not read.unknown:
        findings.ignore()


def _untold(header: dict[str, Any], ids: list[str]) -> str:
    """Say what keeps a change from being read: records or fields that are not named; blank if nothing."""
    if not ids or any("*" in one for one in ids) or header.get("changeType") == "GAP_OVERFLOW":
        return "recordIds: no record is named; read the object again"
    changed = header.get("changedFields")
    names = [one for one in changed if isinstance(one, str)] if isinstance(changed, list) else []
    if header.get("changeType") == "UPDATE" and any(map(_BITMAP.fullmatch, names)):
        return "changedFields: expected names of fields, got bitmaps; have the relay decode them"
    return ""


def _is_own(header: dict[str, Any], mapping: SalesforceMapping) -> bool:
    parts = as_text(header.get("changeOrigin") or "").split(";")
    clients = [part.strip().removeprefix("client=") for part in parts if part.strip().startswith("client=")]
    return any(client in mapping.own_clients for client in clients)


Statement = tuple[str, dict[str, Any], dict[str, Any]]
"""What a fact adds to the event's id, the fact, and the subject besides the record's id."""


def _said(
    payload: dict[str, Any], change: str, read: Said, mapping: SalesforceMapping
) -> Iterator[Statement]:
    if change.startswith("GAP_") and change != "GAP_DELETE":
        back = {"deleted_in_crm": None} if change == "GAP_UNDELETE" else {}
        yield "reread", {"kind": "enriched", "attributes": {REREAD: True, **back}}, {}
    elif change in ("DELETE", "GAP_DELETE"):
        yield "deleted", {"kind": "enriched", "attributes": {"deleted_in_crm": True}}, {}
    elif change == "UNDELETE":
        yield "restored", {"kind": "enriched", "attributes": {"deleted_in_crm": None}}, {}
    elif change in ("CREATE", "UPDATE"):
        yield from _record(payload, read, mapping, is_new=change == "CREATE")


def _record(
    payload: dict[str, Any], read: Said, mapping: SalesforceMapping, *, is_new: bool
) -> Iterator[Statement]:
    subject: dict[str, Any] = dict(read.subject)
    name = _full_name(payload) if is_new else None
    if name:
        subject["name"] = name
    if is_new:
        origin = payload.get("LeadSource") or None
        yield "captured", {"kind": "captured", "origin": origin, "attributes": read.attributes}, subject
    elif read.subject or read.attributes:
        yield "enriched", {"kind": "enriched", "attributes": read.attributes}, subject
    for suffix, fact in _with_queues(read):
        yield suffix, fact, subject
    contact = payload.get("ConvertedContactId")
    if isinstance(contact, str) and contact:
        yield "converted", {"kind": "merged", "other": {"external_ids": {mapping.system: contact}}}, subject


def _fields(payload: dict[str, Any], header: dict[str, Any]) -> dict[str, Any]:
    """Return what a change is about: of a creation the fields with a value, of an update the changed."""
    fields = {name: value for name, value in payload.items() if name != "ChangeEventHeader"}
    changed = header.get("changedFields")
    if header.get("changeType") == "CREATE":
        return {name: value for name, value in fields.items() if value is not None}
    if not isinstance(changed, list):
        return fields
    return {name: fields.get(name) for name in changed if isinstance(name, str) and "." not in name}


def _full_name(payload: dict[str, Any]) -> str | None:
    name = payload.get("Name")
    if not isinstance(name, dict):
        return name if isinstance(name, str) else None
    return " ".join(as_text(name[part]) for part in ("FirstName", "LastName") if name.get(part)) or None


def _with_queues(read: Said) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return the facts; an owner whose id is a queue's (``00G``) is a team."""
    for suffix, fact in read.facts:
        owner = fact.get("owner")
        is_queue = isinstance(owner, str) and owner.startswith("00G")
        yield suffix, {**fact, "owner": None, "team": owner} if is_queue else fact


def _id(header: dict[str, Any], record: str) -> str:
    names = ("transactionKey", "sequenceNumber", "commitNumber")
    known = [as_text(header[name]) for name in names if header.get(name) is not None]
    return ":".join([*(known or [content_id("", header)]), record])


def _platform_event(
    findings: Findings, event: object, payload: dict[str, Any], mapping: SalesforceMapping
) -> None:
    name = _api_name(event, mapping)
    form = mapping.platform_events.get(name)
    if form is None:
        detail = f"no platform event of the mapping is called {name[:60]!a}"
        findings.refuse(event, DeadReason.UNMAPPED, detail, event_id=_uuid(event))
        return
    known_by = as_text(picked(form.id, payload) or _uuid(event) or content_id("", event))
    for fact, name in holding(form.facts, payload):
        findings.say(
            event,
            event_id=f"{known_by}:{name}",
            fact=fact.read(payload),
            subject=form.subject.read(payload),
            time=_instant(picked(fact.time, payload) or at(payload, "CreatedDate")),
        )


def _instant(value: object) -> object:
    """Return an instant as it is written; CometD writes text, the Pub/Sub API milliseconds."""
    return value if isinstance(value, str) else instant_of(value)


def _api_name(event: object, mapping: SalesforceMapping) -> str:
    """Return the name of a platform event: its channel, or what EventBridge calls its type."""
    for path in ("channel", "data.channel", "detail-type", "eventApiName", "type"):
        found = at(event, path)
        if isinstance(found, str):
            return found.rpartition("/")[2]
    only = list(mapping.platform_events)
    return only[0] if len(only) == 1 else ""


def _uuid(event: object) -> str | None:
    for path in ("data.event.EventUuid", "event.EventUuid", "detail.id", "event.replayId", "id"):
        found = at(event, path)
        if found is not None and not isinstance(found, dict | list):
            return as_text(found)
    return None


VENDOR = Vendor("salesforce", authenticate, facts, mapping=SalesforceMapping, secret="bearer")  # noqa: S106
