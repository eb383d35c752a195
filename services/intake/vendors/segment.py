"""Segment: its SDKs' own routes, and its webhook destination; the Segment spec is what both speak.

An SDK authenticates with its write key: Basic authentication, or, as several versions send no header,
``writeKey`` in the body. The webhook destination signs the body with HMAC-SHA1 (``X-Signature``); of its
batched form it signs the first element only, so arrays are refused. ``timestamp`` is corrected for the
device's clock as Segment does it: ``receivedAt - (sentAt - originalTimestamp)``. Python SDKs send NaN: the
good events of such a batch are taken.

Source: segment.com/docs/connections/spec, .../sources/catalog/libraries/server/http-api.
"""

import hmac
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import Field

from infra.json_text import JsonRefused, no_object, read_tolerantly
from schemas.dead_letters import DeadReason
from schemas.facts import Subject
from schemas.frozen import Frozen
from schemas.vocabulary import Name
from services.intake.findings import Findings
from services.intake.picking import FactForm, as_text
from services.intake.request import Request
from services.intake.signatures import known_key, signed
from services.intake.vendor import (
    MALFORMED,
    MISSING,
    Answers,
    Reading,
    Secrets,
    Vendor,
    Verdict,
)

LONG_ROUTES = {"t": "track", "i": "identify", "p": "page", "s": "screen", "g": "group", "a": "alias"}
"""The browser SDK's short forms; ``b`` is a batch."""


_CAPTURING = ("Signed Up", "Account Created", "Lead Captured")


class SegmentMapping(Frozen):
    """What a team's events mean; the defaults are the names that the Segment spec gives events."""

    events: dict[str, FactForm] = Field(
        default_factory=lambda: {name: FactForm(kind="captured") for name in _CAPTURING}
    )
    """Track events by name, each as a fact whose paths begin at the event (``properties.plan``); others are
    engagement."""
    user_system: Name = "user"
    """The system in whose name ``userId`` is an external id."""
    identify: bool = True
    """Whether an ``identify`` with an e-mail address or a phone number captures the lead."""
    ignore: tuple[str, ...] = ()
    """Names of track events, or types of calls, that are of no interest."""


def authenticate(request: Request, secrets: Secrets, now: datetime) -> Verdict:  # noqa: ARG001 - no timestamp
    """Check the webhook's signature, or look for an SDK's write key."""
    if request.target.startswith("/v1/hooks/"):
        return _signature(request, secrets)
    given = request.header("authorization")
    if given is not None:
        return _basic(given, secrets)
    return _key_in_body(request, secrets)


def _signature(request: Request, secrets: Secrets) -> Verdict:
    given = [value.strip().lower() for value in request.header_values("x-signature")]
    return signed(
        "X-Signature", given, secrets, lambda one: hmac.new(one, request.body, "sha1").hexdigest().encode()
    )


def _basic(given: str, secrets: Secrets) -> Verdict:
    scheme, _, text = given.partition(" ")
    if scheme.lower() != "basic":
        return MISSING
    try:
        key = b64decode(text.strip(), validate=True).partition(b":")[0]
    except (NotBase64, ValueError):
        return MISSING
    return known_key("write key", key, secrets)


def _key_in_body(request: Request, secrets: Secrets) -> Verdict:
    try:
        document = read_tolerantly(request.content)
    except JsonRefused:
        return MALFORMED
    key = document.get("writeKey") if isinstance(document, dict) else None
    if not isinstance(key, str) or not key:
        return MISSING
    return known_key("write key in the body", key.encode("utf-8", "surrogatepass"), secrets)


def facts(request: Request, mapping: SegmentMapping) -> Reading:
    """Read a batch or a single call."""
    document = read_tolerantly(request.content)
    findings = Findings(request)
    if not isinstance(document, dict):
        findings.refuse(
            request.content,
            DeadReason.SCHEMA,
            f"{no_object(document)}; switch batches off in the destination",
        )
        return findings.reading()
    batch = document.get("batch")
    calls = batch if isinstance(batch, list) else [document]
    for call in calls:
        if not findings.is_spoiled(call):
            _read(findings, request, call, document, mapping)
    return findings.reading()


def _read(
    findings: Findings, request: Request, call: object, batch: Mapping[str, Any], mapping: SegmentMapping
) -> None:
    if not isinstance(call, dict):
        findings.refuse(call, DeadReason.SCHEMA, no_object(call))
        return
    kind = call.get("type") or _kind_of_route(request)
    if kind in mapping.ignore or call.get("event") in mapping.ignore:
        findings.ignore()
        return
    reader = _READERS.get(str(kind))
    if reader is None:
        findings.refuse(call, DeadReason.UNMAPPED, f"type: no call is named {str(kind)[:60]!a}")
        return
    said = reader(call, mapping)
    if said is None:
        findings.ignore()
        return
    fact, subject = said
    findings.say(
        {name: value for name, value in call.items() if name != "writeKey"},
        event_id=_text(call.get("messageId")),
        fact=fact,
        subject=_subject(call, mapping) | subject,
        time=when(call, batch, request.received_at),
    )


def _kind_of_route(request: Request) -> str:
    route = request.target.partition("?")[0].rpartition("/")[2]
    return LONG_ROUTES.get(route, route)


def when(call: Mapping[str, Any], batch: Mapping[str, Any], received_at: datetime) -> object:
    """Return when a call happened, corrected for the device's clock.

    ``timestamp = receivedAt - (sentAt - originalTimestamp)``; without ``sentAt`` the claim stands, and
    without a claim the call happened when it arrived.
    """
    claimed = call.get("originalTimestamp") or call.get("timestamp")
    sent = call.get("sentAt") or batch.get("sentAt")
    if claimed is None:
        return received_at
    claimed_at, sent_at = _instant(claimed), _instant(sent)
    if claimed_at is None:
        return claimed  # as it stands: the dead letter shows it
    if sent_at is None:
        return claimed_at
    arrived = _instant(call.get("receivedAt")) or received_at
    try:
        return arrived - (sent_at - claimed_at)
    except OverflowError:
        return claimed


def _instant(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    if found.utcoffset() is None or abs(found.utcoffset() or timedelta()) > timedelta(hours=24):
        return None
    return found


# --- what each call says

Said = tuple[dict[str, Any], dict[str, Any]]
"""A fact's fields, and what the call tells of the subject besides its ids."""


def _identify(call: Mapping[str, Any], mapping: SegmentMapping) -> Said:
    traits = _traits(call)
    subject = _person(traits)
    named = bool(subject.get("email") or subject.get("phone"))
    kind = "captured" if named and mapping.identify else "enriched"
    fact = {"kind": kind, "attributes": _attributes(traits)}
    return fact | (_campaign(call) | _landing(call) if kind == "captured" else {}), subject


def _track(call: Mapping[str, Any], mapping: SegmentMapping) -> Said:
    event, traits = _text(call.get("event")), _traits(call)
    form = mapping.events.get(event or "")
    if form is None:
        fact = {"kind": "engaged", "channel": "page", "action": (event or "track")[:128]}
        return fact | _campaign(call), _person(traits)
    fact = form.read(call)
    if form.kind in ("captured", "engaged"):
        fact = _campaign(call) | fact
    properties = _object(call.get("properties"))
    return fact, _person({**properties, **traits})


def _page(call: Mapping[str, Any], _: SegmentMapping) -> Said:
    properties = _object(call.get("properties"))
    page = _object(_object(call.get("context")).get("page"))
    name = _text(properties.get("path")) or _text(page.get("path")) or _text(call.get("name"))
    fact = {"kind": "engaged", "channel": "page", "action": "view", "name": name and name[:2048]}
    return fact | _campaign(call), {}


def _group(call: Mapping[str, Any], _: SegmentMapping) -> Said:
    traits = _object(call.get("traits"))
    company = _text(traits.get("name"))
    attributes = _attributes({name: value for name, value in traits.items() if name != "name"})
    return {"kind": "enriched", "attributes": attributes}, {"company": company} if company else {}


def _alias(call: Mapping[str, Any], mapping: SegmentMapping) -> Said | None:
    previous = _text(call.get("previousId"))
    if not previous:
        return None
    other = {"anonymous_id": previous[:128], "external_ids": {mapping.user_system: previous[:128]}}
    return {"kind": "merged", "other": other}, {}


_READERS = {
    "identify": _identify,
    "track": _track,
    "page": _page,
    "screen": _page,
    "group": _group,
    "alias": _alias,
}


# --- whom it is about


def _subject(call: Mapping[str, Any], mapping: SegmentMapping) -> dict[str, Any]:
    user, anonymous = _text(call.get("userId")), _text(call.get("anonymousId"))
    subject: dict[str, Any] = {"anonymous_id": anonymous[:128]} if anonymous else {}
    if user:
        subject["external_ids"] = {mapping.user_system: user[:128]}
    return subject


def _traits(call: Mapping[str, Any]) -> dict[str, Any]:
    """Return the traits, wherever the SDK puts them: RudderStack's in the context."""
    return {**_object(_object(call.get("context")).get("traits")), **_object(call.get("traits"))}


_PERSON = {
    "email": ("email",),
    "phone": ("phone",),
    "name": ("name",),
    "company": ("companyName",),
}
_PERSONAL = {
    *("email", "phone", "name", "firstName", "lastName", "username", "id", "companyName", "company"),
    *("avatar", "birthday", "address", "gender", "age", "description"),
}
"""Traits that name a person, or are about one: never an attribute."""


def _person(traits: Mapping[str, Any]) -> dict[str, Any]:
    found = {field: _text(traits.get(name)) for field, (name,) in _PERSON.items()}
    if not found["name"]:
        parts = (_text(traits.get("firstName")), _text(traits.get("lastName")))
        found["name"] = " ".join(part for part in parts if part) or None
    company = traits.get("company")
    found["company"] = found["company"] or _text(
        company.get("name") if isinstance(company, dict) else company
    )
    return {name: value for name, value in found.items() if value and name in Subject.model_fields}


def _attributes(traits: Mapping[str, Any]) -> dict[str, Any]:
    """Return the traits that may be attributes: scalars that are not about the person itself."""
    company = _object(traits.get("company"))
    wider = {**company, **traits}
    return {
        name: value
        for name, value in wider.items()
        if name not in _PERSONAL and 0 < len(name) <= 128 and _is_attribute(value)
    }


def _is_attribute(value: object) -> bool:
    return (
        value is None
        or isinstance(value, bool | int | float)
        or (isinstance(value, str) and len(value) <= 1024)
    )


def _campaign(call: Mapping[str, Any]) -> dict[str, Any]:
    campaign = _object(_object(call.get("context")).get("campaign"))
    origin, name = _text(campaign.get("source")), _text(campaign.get("name"))
    return {"origin": origin and origin[:128], "campaign": name and name[:128]}


def _landing(call: Mapping[str, Any]) -> dict[str, Any]:
    page = _text(_object(_object(call.get("context")).get("page")).get("url"))
    return {"landing_page": page and page[:2048]}


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    if value is None or isinstance(value, dict | list | bool):
        return None
    return as_text(value) or None


VENDOR = Vendor(
    "segment",
    authenticate,
    facts,
    mapping=SegmentMapping,
    signed_in=("X-Signature",),
    answers=Answers(taken=200, body=b'{"success":true}'),
    body_bytes=4 * 1024 * 1024,
    sdk=True,
    keys_in_body=("writeKey",),
)
