"""CloudEvents 1.0 of the catalogue's types: structured, binary and batch, as ``POST /v1/facts`` takes them.

Authenticity is a bearer key. The mode goes by the content type, stray ``ce-`` headers notwithstanding; a
binary event may come without one, as the Python SDK's older interface sends it. The event's own source and
id make it unique. Attributes that a fact has no room for (extensions, ``dataschema``) stand in the original
and go no further. The hook answers the validation handshake of CloudEvents' web hooks (Azure Event Grid).

Source: github.com/cloudevents/spec, HTTP protocol binding 1.0.2 and webhook 1.0.1.
"""

import contextlib
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from infra.json_text import no_object, read_tolerantly
from schemas.dead_letters import DeadReason
from services.intake.findings import Findings
from services.intake.request import Request
from services.intake.signatures import bearer
from services.intake.vendor import Answer, Handshake, NoMapping, Reading, Secrets, Vendor, Verdict

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"

_OF_A_FACT = ("specversion", "id", "source", "type", "time", "data")


def authenticate(request: Request, secrets: Secrets, now: datetime) -> Verdict:  # noqa: ARG001 - no timestamp
    """Look for the source's bearer key."""
    return bearer(request, secrets)


def facts(request: Request, mapping: NoMapping) -> Reading:  # noqa: ARG001 - the catalogue says it all
    """Read an event, or each of a batch."""
    findings = Findings(request)
    if _is_binary(request):
        _take(findings, _from_headers(request), request.content)
        return findings.reading()
    document = read_tolerantly(request.content)
    for event in document if isinstance(document, list) else [document]:
        if isinstance(event, dict):
            _take(findings, event, event)
        else:
            findings.refuse(event, DeadReason.NOT_JSON, no_object(event))
    return findings.reading()


def _is_binary(request: Request) -> bool:
    by_type = request.media_type in (STRUCTURED, BATCH)
    return not by_type and request.header("ce-specversion") is not None


def _from_headers(request: Request) -> dict[str, Any]:
    """Return a binary event in structured form.

    Raises:
        JsonRefused: The data is not JSON.
    """
    event: dict[str, Any] = {
        name.removeprefix("ce-"): _unescaped(value)
        for name, value in request.headers
        if name.startswith("ce-")
    }
    if request.media_type:
        event["datacontenttype"] = request.media_type
    if request.content:
        event["data"] = read_tolerantly(request.content)
    return event


def _unescaped(value: str) -> str:
    """Undo the percent-encoding of a header; some clients send UTF-8 as it is."""
    with contextlib.suppress(UnicodeDecodeError):
        value = value.encode("latin-1").decode("utf-8")
    return unquote(value)


def _take(findings: Findings, event: Mapping[str, Any], part: object) -> None:
    if findings.is_spoiled(dict(event)):
        return
    content_type = str(event.get("datacontenttype") or "application/json").partition(";")[0].strip().lower()
    if content_type != "application/json" and not content_type.endswith("+json"):
        detail = f"datacontenttype: expected application/json; got {content_type[:60]!a}"
        findings.refuse(part, DeadReason.SCHEMA, detail)
        return
    document = {name: event[name] for name in _OF_A_FACT if event.get(name) is not None}
    if "data" not in document and isinstance(event.get("data_base64"), str):
        document["data"] = _decoded(event["data_base64"])
    findings.say_event(part, document)


def _decoded(text: str) -> Any:
    try:
        return read_tolerantly(b64decode(text, validate=True))
    except (NotBase64, ValueError):
        return None


def shake_hands(request: Request, secrets: Secrets) -> Answer:  # noqa: ARG001 - whoever asks may come
    """Answer the handshake with which a sender asks whether it may send; it proves itself when it does."""
    origin = request.header("webhook-request-origin")
    if origin is None:
        return Answer(204, headers=(("Allow", "POST, OPTIONS"),))
    rate = request.header("webhook-request-rate")
    allowed = (("WebHook-Allowed-Origin", origin), ("Allow", "POST, OPTIONS"))
    return Answer(200, headers=allowed + ((("WebHook-Allowed-Rate", rate),) if rate else ()))


VENDOR = Vendor(
    "cloudevents",
    authenticate,
    facts,
    body_bytes=4 * 1024 * 1024,
    secret="bearer",  # noqa: S106 - what is needed, no secret
    handshakes={
        "OPTIONS": Handshake(
            shake_hands,
            summary="A sender of CloudEvents asks whether it may send (Azure Event Grid does)",
            asks=("WebHook-Request-Origin", "WebHook-Request-Rate"),
            asks_in="header",
            says={200: "It may; it proves itself when it does.", 204: "Nothing was asked."},
            headers=("WebHook-Allowed-Origin", "WebHook-Allowed-Rate", "Allow"),
        )
    },
)
