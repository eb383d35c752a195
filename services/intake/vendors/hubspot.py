"""HubSpot: the webhooks of an app, public or private, about its contacts.

A v3 signature covers the method, the public URI with twelve characters decoded, the body and a timestamp
that may be five minutes old. Where one is given nothing else counts: v1 and v2 have no timestamp, and a
right one never rescues a wrong v3. Alone they are believed where the source says so (``allow_v1_v2``).
A body is a list of up to 100 events. ``eventId`` is not unique by itself, so that an event is known by
the subscription, the object, the property and the instant besides. Deals and companies name no person, and
are of no interest here.

Source: developers.hubspot.com, "Validating requests" and "Webhooks API".
"""

import hmac
import re
from base64 import b64encode
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from infra.json_text import read_tolerantly
from schemas.dead_letters import DeadReason
from schemas.frozen import Frozen
from schemas.vocabulary import Name
from services.intake.fields import FieldsForm, said_by
from services.intake.findings import Findings, instant_of
from services.intake.picking import FactForm, as_text
from services.intake.request import Request
from services.intake.signatures import is_fresh, signed
from services.intake.vendor import MISSING, STALE, Reading, Secrets, Vendor, Verdict

ALLOWED = timedelta(minutes=5)

_LISTED = {"%3A": ":", "%2F": "/", "%3F": "?", "%40": "@", "%21": "!", "%24": "$"}
_DECODED = _LISTED | {"%27": "'", "%28": "(", "%29": ")", "%2A": "*", "%2C": ",", "%3B": ";"}
_ENCODED = re.compile("|".join(map(re.escape, _DECODED)), re.IGNORECASE)


class HubspotOptions(Frozen):
    """What is believed besides v3."""

    allow_v1_v2: bool = True
    """Whether a v1 or v2 signature without a v3 is enough; neither can be stale."""


def _fields() -> FieldsForm:
    numbers = {
        "numberofemployees": "employees",
        "annualrevenue": "annual_revenue",
        "hubspotscore": "crm_score",
    }
    plain = {
        "jobtitle": "job_title",
        "country": "country",
        "industry": "industry",
        "website": "website",
        "hs_lead_status": "lead_status",
        "hs_analytics_source": "analytics_source",
    }
    stages = {
        "subscriber": None,
        "lead": "lead",
        "marketingqualifiedlead": "mql",
        "salesqualifiedlead": "sales_qualified",
        "opportunity": {"kind": "opportunity_opened"},
        "customer": {"kind": "won"},
        "evangelist": None,
        "other": None,
    }
    return FieldsForm.model_validate(
        {
            "subject": {"email": "email", "phone": "phone", "mobilephone": "phone", "company": "company"},
            "attributes": {**plain, **{old: {"name": new, "as": "number"} for old, new in numbers.items()}},
            "claims": {"lifecyclestage": stages},
            "owner": "hubspot_owner_id",
            "opted_out": {"hs_email_optout": "email"},
            "ignore": ("firstname", "lastname", "lastmodifieddate", "hs_lastmodifieddate"),
        }
    )


class HubspotMapping(Frozen):
    """What changes of a contact mean, besides HubSpot's own properties and lifecycle stages."""

    system: Name = "hubspot"
    """The system in whose name a contact's id is an external id."""
    properties: Annotated[FieldsForm, AfterValidator(lambda own: own.over(_fields()))] = Field(
        default_factory=_fields
    )
    deletion: FactForm | None = FactForm.model_validate(
        {"kind": "enriched", "attributes": {"deleted_in_crm": {"constant": True}}}
    )
    """What a deletion says, which may be undone: not that the person asked to be forgotten."""
    own_sources: tuple[str, ...] = ()
    """``sourceId`` of changes that Relevo itself wrote, which are not read again."""


def authenticate(request: Request, secrets: Secrets, now: datetime) -> Verdict:
    """Check the v3 signature; the older ones only where there is none."""
    given = request.header_values("x-hubspot-signature-v3")
    if given:
        return _third(request, given, secrets, now)
    older = request.header_values("x-hubspot-signature")
    version = (request.header("x-hubspot-signature-version") or "").strip().lower()
    if not older or version not in ("v1", "v2") or not secrets.options.allow_v1_v2:
        return MISSING
    covered = b"" if version == "v1" else request.method.encode() + request.url.encode("utf-8", "replace")
    return signed(
        f"{version} signature",
        older,
        secrets,
        lambda secret: sha256(secret + covered + request.body).hexdigest().encode(),
    )


def _weakness(options: HubspotOptions) -> str:
    return "believes v1 and v2 signatures, which cannot be stale" if options.allow_v1_v2 else ""


def _third(request: Request, given: list[str], secrets: Secrets, now: datetime) -> Verdict:
    timestamp = request.header("x-hubspot-request-timestamp") or ""
    uri = decoded(request.url).encode("utf-8", "replace")
    content = request.method.encode() + uri + request.body + timestamp.encode("latin-1", "replace")
    verdict = signed(
        "v3 signature", given, secrets, lambda secret: b64encode(hmac.digest(secret, content, "sha256"))
    )
    if verdict.is_authentic and not is_fresh(timestamp, now, ALLOWED, milliseconds=True):
        return STALE
    return verdict


def decoded(uri: str) -> str:
    """Return a URI with the characters decoded that HubSpot's page lists, and no others (``%20`` stays)."""
    return _ENCODED.sub(lambda found: _DECODED[found[0].upper()], uri)


def facts(request: Request, mapping: HubspotMapping) -> Reading:
    """Read the events of a request."""
    document = read_tolerantly(request.content)
    findings = Findings(request)
    for event in document if isinstance(document, list) else [document]:
        if findings.is_spoiled(event):
            continue
        if isinstance(event, dict) and isinstance(event.get("subscriptionType"), str):
            _read(findings, event, mapping)
        else:
            findings.refuse(event, DeadReason.UNMAPPED, "subscriptionType: this is no event")
    return findings.reading()


def _read(findings: Findings, event: dict[str, Any], mapping: HubspotMapping) -> None:
    about, _, happening = event["subscriptionType"].partition(".")
    is_contact = about == "contact" or (about == "object" and event.get("objectTypeId") == "0-1")
    is_own = event.get("sourceId") is not None and as_text(event["sourceId"]) in mapping.own_sources
    reader = _READERS.get(happening)
    if not is_contact or is_own or reader is None:
        findings.ignore()
    else:
        reader(findings, event, mapping)


def _created(findings: Findings, event: dict[str, Any], mapping: HubspotMapping) -> None:
    _say(findings, event, mapping, "captured", {"kind": "captured"})


def _changed(findings: Findings, event: dict[str, Any], mapping: HubspotMapping) -> None:
    name = event.get("propertyName")
    if not isinstance(name, str):
        findings.refuse(event, DeadReason.SCHEMA, "propertyName: expected a text", event_id=_id(event))
        return
    said = said_by({name: event.get("propertyValue")}, mapping.properties)
    for problem in said.unknown:
        findings.refuse(event, DeadReason.UNMAPPED, problem, event_id=_id(event))
    if said.subject or said.attributes:
        fact = {"kind": "enriched", "attributes": said.attributes}
        _say(findings, event, mapping, "enriched", fact, said.subject)
    for suffix, fact in said.facts:
        _say(findings, event, mapping, suffix, fact, said.subject)
    if not (said.unknown or said.subject or said.attributes or said.facts):
        findings.ignore()


def _merged(findings: Findings, event: dict[str, Any], mapping: HubspotMapping) -> None:
    primary = event.get("primaryObjectId", event.get("objectId"))
    into = event.get("newObjectId") or primary
    others = event.get("mergedObjectIds")
    for other in [*(others if isinstance(others, list) else ()), primary]:
        if other is not None and other != into:
            fact = {"kind": "merged", "other": {"external_ids": {mapping.system: as_text(other)}}}
            _say(findings, {**event, "objectId": into}, mapping, f"merged.{as_text(other)}", fact)


def _deleted(findings: Findings, event: dict[str, Any], mapping: HubspotMapping) -> None:
    if mapping.deletion is None:
        findings.ignore()
    else:
        _say(findings, event, mapping, "deleted", mapping.deletion.read(event))


def _restored(findings: Findings, event: dict[str, Any], mapping: HubspotMapping) -> None:
    _say(findings, event, mapping, "restored", {"kind": "enriched", "attributes": {"deleted_in_crm": None}})


def _forgotten(findings: Findings, event: dict[str, Any], mapping: HubspotMapping) -> None:
    _say(findings, event, mapping, "erased", {"kind": "erased"})


_READERS = {
    "creation": _created,
    "propertyChange": _changed,
    "merge": _merged,
    "deletion": _deleted,
    "restore": _restored,
    "privacyDeletion": _forgotten,
}


def _say(
    findings: Findings,
    event: dict[str, Any],
    mapping: HubspotMapping,
    suffix: str,
    fact: dict[str, Any],
    subject: dict[str, str] | None = None,
) -> None:
    known = event.get("objectId")
    ids = {} if known in (None, "") else {mapping.system: as_text(known)}
    findings.say(
        event,
        event_id=f"{_id(event)}:{suffix}",
        fact=fact,
        subject={**(subject or {}), "external_ids": ids},
        time=instant_of(event.get("occurredAt")),
    )


def _id(event: dict[str, Any]) -> str:
    """Return what an event is known by, however often it is sent."""
    names = ("portalId", "eventId", "subscriptionId", "objectId", "propertyName", "occurredAt")
    return ":".join(as_text(event[name]) for name in names if event.get(name) is not None)


VENDOR = Vendor(
    "hubspot",
    authenticate,
    facts,
    mapping=HubspotMapping,
    signed_in=("X-HubSpot-Signature-v3", "X-HubSpot-Signature"),
    options=HubspotOptions,
    weakness=_weakness,
    signs_url=True,
)
