"""Any tool that can send JSON with a key of its own: what it means is said by the source's ``mapping``.

Authenticity is a bearer key. Without a mapping a document is read by its own names: an event of the
catalogue as it stands, anything else by ``kind`` (``captured`` if it has none), the subject's fields and the
fact's, at the top or under ``subject``; other scalars of a ``captured`` or ``enriched`` are attributes.
"""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from infra.json_text import no_object, read_tolerantly
from schemas.dead_letters import DeadReason
from schemas.facts import TYPE_PREFIX, Subject
from schemas.frozen import Frozen
from services.intake.findings import Findings, content_id
from services.intake.picking import FACTS, FactForm, Path, Picked, SubjectForm, as_text, at, holding, picked
from services.intake.request import Request
from services.intake.signatures import bearer
from services.intake.vendor import Reading, Secrets, Vendor, Verdict


class DocumentMapping(Frozen):
    """What a document says; without ``facts``, its own names do."""

    id: Picked | None = None
    time: Picked | None = None
    test: Picked | None = None
    subject: SubjectForm = SubjectForm()
    facts: Annotated[tuple[FactForm, ...], Field(max_length=100)] = ()


class GenericMapping(DocumentMapping):
    """What a request's document says, or each member of a list in it."""

    items: Path | None = None
    """The path of a list whose members are read one by one; without it the document is one."""


def authenticate(request: Request, secrets: Secrets, now: datetime) -> Verdict:  # noqa: ARG001 - no timestamp
    """Look for the source's bearer key."""
    return bearer(request, secrets)


def facts(request: Request, mapping: GenericMapping) -> Reading:
    """Read a document, or each member of a list of them."""
    return read(request, mapping)


def read(request: Request, mapping: GenericMapping, known_by: str | None = None) -> Reading:
    """Read a document as a mapping says; for vendors whose signature is all that is their own.

    Args:
        request: The request.
        mapping: What it means.
        known_by: The request's own id, where the mapping names none; None: a digest of the content.
    """
    document = read_tolerantly(request.content)
    items = at(document, mapping.items) if mapping.items else document
    findings = Findings(request)
    for item in items if isinstance(items, list) else [items]:
        if findings.is_spoiled(item):
            continue
        if not isinstance(item, dict):
            findings.refuse(item, DeadReason.NOT_JSON, no_object(item))
        elif mapping.facts:
            named = picked(mapping.id, item)
            known = None if isinstance(items, list) else known_by
            event_id = as_text(named) if named is not None else known or content_id("", item)
            by_mapping(findings, item, mapping, event_id)
        elif "specversion" in item:
            findings.say_event(item, item)
        else:
            by_its_own_names(findings, item, as_text(item["id"]) if item.get("id") is not None else known_by)
    return findings.reading()


def by_mapping(findings: Findings, item: dict[str, Any], mapping: DocumentMapping, event_id: str) -> None:
    """Say what the facts of a mapping make of a document that is known by an id."""
    said = list(holding(mapping.facts, item))
    if not said:
        findings.refuse(item, DeadReason.UNMAPPED, "no fact of the mapping holds of this document")
    subject = mapping.subject.read(item)
    for form, name in said:
        own = picked(form.id, item)
        findings.say(
            item,
            event_id=f"{event_id if own is None else as_text(own)}:{name}",
            fact=form.read(item),
            subject=subject,
            time=picked(form.time or mapping.time, item),
            test=picked(mapping.test, item) is True,
        )


def by_its_own_names(findings: Findings, item: dict[str, Any], event_id: str | None) -> None:
    """Say what a document says whose names are those of the facts; without an id its content is one."""
    kind = str(item.get("kind") or item.get("type") or "captured").removeprefix(TYPE_PREFIX)
    if kind not in FACTS:
        findings.refuse(item, DeadReason.UNMAPPED, f"kind: no fact is called {kind[:60]!a}")
        return
    subject = item["subject"] if isinstance(item.get("subject"), dict) else {}
    subject |= {name: item[name] for name in _OF_SUBJECT & item.keys()}
    of_fact = _OF_FACT[kind]
    fields = {name: item[name] for name in of_fact & item.keys()}
    if "attributes" in of_fact and "attributes" not in fields:
        fields["attributes"] = _others(item, of_fact)
    findings.say(
        item,
        event_id=event_id,
        fact=fields | {"kind": kind},
        subject=subject,
        time=item.get("time"),
        test=item.get("test") is True,
    )


_OF_SUBJECT = frozenset(Subject.model_fields)
_OF_FACT = {kind: frozenset(model.model_fields) for kind, model in FACTS.items()}
_NAMES = _OF_SUBJECT | {"id", "kind", "type", "time", "test", "subject"}


def _others(item: dict[str, Any], fields: frozenset[str]) -> dict[str, Any]:
    return {
        name: value
        for name, value in item.items()
        if name not in _NAMES and name not in fields and not isinstance(value, dict | list)
    }


VENDOR = Vendor("generic", authenticate, facts, mapping=GenericMapping, secret="bearer")  # noqa: S106
