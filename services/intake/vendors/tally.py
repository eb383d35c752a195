"""Tally: a form's answers, signed with HMAC-SHA256 over the body, in base64 (``Tally-Signature``).

A field is known by its key, which Tally gives, and by its label. Choices are sent as ids, with the options
beside them, and so are the rows and columns of a matrix; hidden fields are fields as well.

Source: tally.so/help/webhooks.
"""

import hmac
from base64 import b64encode
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from infra.json_text import read_tolerantly
from schemas.dead_letters import DeadReason
from services.intake.findings import Findings
from services.intake.forms import Answered, Filled, FormMapping, say_form
from services.intake.picking import at
from services.intake.request import Request
from services.intake.signatures import signed
from services.intake.vendor import Reading, Secrets, Vendor, Verdict


def authenticate(request: Request, secrets: Secrets, now: datetime) -> Verdict:  # noqa: ARG001 - no timestamp
    """Check ``Tally-Signature``."""
    return signed(
        "Tally-Signature",
        request.header_values("tally-signature"),
        secrets,
        lambda secret: b64encode(hmac.digest(secret, request.body, "sha256")),
    )


def facts(request: Request, mapping: FormMapping) -> Reading:
    """Read a form's answers: the lead is captured, and did something on a form."""
    document = read_tolerantly(request.content)
    findings = Findings(request)
    if findings.is_spoiled(document):
        return findings.reading()
    fields = at(document, "data.fields")
    if not isinstance(fields, list):
        findings.refuse(document, DeadReason.SCHEMA, "data.fields: expected a list")
        return findings.reading()
    known_by = at(document, "data.responseId") or at(document, "eventId")
    time = at(document, "data.createdAt") or at(document, "createdAt")
    form = Filled(known_by, time, at(document, "data.formName"))
    say_form(findings, document, form, _answers(fields), mapping)
    return findings.reading()


_TYPES = {"INPUT_EMAIL": "email", "INPUT_PHONE_NUMBER": "phone"}


def _answers(fields: list[Any]) -> Iterator[Answered]:
    for field in fields:
        names = tuple(name for name in (at(field, "key"), at(field, "label")) if isinstance(name, str))
        yield Answered(names, _value(field), _TYPES.get(str(at(field, "type")), ""))


def _value(field: object) -> Any:
    value = at(field, "value")
    if isinstance(value, list):
        return _chosen(value, at(field, "options"))
    if isinstance(value, dict):
        rows, columns = _texts(at(field, "rows")), at(field, "columns")
        said = ((rows.get(row, row), _chosen(chosen, columns)) for row, chosen in value.items())
        return "; ".join(f"{row}: {chosen}" for row, chosen in said if chosen)[:1024] or None
    return value


def _chosen(value: object, options: object) -> str | None:
    texts = _texts(options)
    chosen = (texts.get(one, one) for one in value if isinstance(one, str)) if isinstance(value, list) else ()
    return ", ".join(chosen)[:1024] or None


def _texts(options: object) -> dict[str, str]:
    """Return what ids stand for."""
    named = [(at(one, "id"), at(one, "text")) for one in options] if isinstance(options, list) else []
    return {str(known): text for known, text in named if isinstance(text, str)}


VENDOR = Vendor("tally", authenticate, facts, mapping=FormMapping, signed_in=("Tally-Signature",))
