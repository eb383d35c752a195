"""Typeform: a form's answers, signed with HMAC-SHA256 over the raw body.

``Typeform-Signature`` is ``sha256=`` and base64. An answer is known by its question's ``ref``, which can be
set in the form, by its ``id`` and by what it asks; hidden fields and variables are answers as well. An
answer 404 or 410 makes Typeform switch the webhook off for good.

Source: typeform.com/developers/webhooks, "Secure your webhooks" and "Example payload".
"""

import hmac
from base64 import b64encode
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from infra.json_text import no_object, read_tolerantly
from schemas.dead_letters import DeadReason
from services.intake.findings import Findings
from services.intake.forms import Answered, Filled, FormMapping, say_form
from services.intake.picking import as_text, at
from services.intake.request import Request
from services.intake.signatures import signed
from services.intake.vendor import Reading, Secrets, Vendor, Verdict


def authenticate(request: Request, secrets: Secrets, now: datetime) -> Verdict:  # noqa: ARG001 - no timestamp
    """Check ``Typeform-Signature``."""
    return signed(
        "Typeform-Signature",
        request.header_values("typeform-signature"),
        secrets,
        lambda secret: b"sha256=" + b64encode(hmac.digest(secret, request.body, "sha256")),
    )


def facts(request: Request, mapping: FormMapping) -> Reading:
    """Read a form's answers: the lead is captured, and did something on a form."""
    document = read_tolerantly(request.content)
    findings = Findings(request)
    if findings.is_spoiled(document):
        return findings.reading()
    if at(document, "event_type") == "form_response_partial":
        findings.ignore()
        return findings.reading()
    response = at(document, "form_response")
    if not isinstance(response, dict):
        findings.refuse(document, DeadReason.SCHEMA, f"form_response: {no_object(response)}")
        return findings.reading()
    known_by = response.get("token") or at(document, "event_id")
    form = Filled(known_by, response.get("submitted_at"), at(response, "definition.title"))
    say_form(findings, document, form, _answers(response), mapping)
    return findings.reading()


def _answers(response: dict[str, Any]) -> Iterator[Answered]:
    questions = at(response, "definition.fields")
    asked = {str(at(one, "id")): at(one, "title") for one in questions} if isinstance(questions, list) else {}
    answers = response.get("answers")
    for one in answers if isinstance(answers, list) else ():
        names = (at(one, "field.ref"), at(one, "field.id"), asked.get(str(at(one, "field.id"))))
        kind = at(one, "type")
        usual = {"phone_number": "phone", "email": "email"}.get(str(kind), "")
        known = tuple(name for name in names if isinstance(name, str))
        yield Answered(known, _value(one, str(kind)), usual)
    hidden = response.get("hidden")
    for name, value in hidden.items() if isinstance(hidden, dict) else ():
        yield Answered((name,), value)


def _value(answer: object, kind: str) -> Any:
    match kind:
        case "choice":
            return at(answer, "choice.label") or at(answer, "choice.other")
        case "choices":
            labels, other = at(answer, "choices.labels"), at(answer, "choices.other")
            chosen = [*(labels if isinstance(labels, list) else ()), *((other,) if other else ())]
            return ", ".join(map(as_text, chosen))[:1024] or None
        case _:
            return at(answer, kind)


VENDOR = Vendor("typeform", authenticate, facts, mapping=FormMapping, signed_in=("Typeform-Signature",))
