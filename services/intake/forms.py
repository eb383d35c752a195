"""What a form's answers say, whoever made the form: who the person is, attributes, and where they came from.

An answer is known by its question's names (its key, and what it asks) and by its type. E-mail addresses and
phone numbers are known by their type, names and companies by the usual words for them, ``utm_`` fields say
the origin and the campaign. Everything else is an attribute only where the mapping says so: a free text may
hold anything about a person.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from schemas.frozen import Frozen
from services.intake.fields import AttributeForm, FieldsForm, said_by
from services.intake.findings import Findings, content_id
from services.intake.picking import as_text

Trait = Literal["email", "phone", "name", "company", "origin", "campaign", "landing_page"]

USUAL: dict[str, Trait] = {
    "email": "email",
    "e-mail": "email",
    "work email": "email",
    "phone": "phone",
    "phone number": "phone",
    "name": "name",
    "full name": "name",
    "your name": "name",
    "nombre": "name",
    "company": "company",
    "company name": "company",
    "empresa": "company",
    "utm source": "origin",
    "utm campaign": "campaign",
}
"""What questions are usually called, in lower case and without underscores."""

LONGEST = {"email": 320, "phone": 64, "name": 256, "company": 256, "origin": 128, "campaign": 128}


class FormMapping(Frozen):
    """Which answers say what, by the question's key or by what it asks, in any case."""

    traits: dict[str, Trait] = Field(default_factory=dict)
    attributes: dict[
        str,
        Annotated[AttributeForm, BeforeValidator(lambda one: {"name": one} if isinstance(one, str) else one)],
    ] = Field(default_factory=dict)
    origin: str | None = None
    """Where leads of this form come from, unless an answer says it."""


@dataclass(frozen=True)
class Answered:
    """One answer: its question's names, its type in the vendor's words, and its value."""

    names: tuple[str, ...]
    value: Any
    type: str = ""


@dataclass(frozen=True)
class Filled:
    """A form that was filled in.

    Attributes:
        id: What the vendor knows it by; None: a digest of the document.
        time: When, as it is written there.
        title: What the form is called.
        channel: Where the lead did it: ``form`` or ``ad``.
        ids: What the lead is known by besides.
        captured: What the fact that captures the lead says, where no answer does.
        test: Whether it is kept out of the numbers.
    """

    id: object
    time: object
    title: object = None
    channel: Literal["form", "ad"] = "form"
    ids: Mapping[str, str] = field(default_factory=dict)
    captured: Mapping[str, Any] = field(default_factory=dict)
    test: bool = False


def say_form(
    findings: Findings, document: object, form: Filled, answers: Iterable[Answered], mapping: FormMapping
) -> None:
    """Say what a form that was filled in comes to: a lead is captured, and did something on a form."""
    subject, captured = said_in(answers, mapping)
    known_by = as_text(form.id) if form.id else content_id("", document)
    title = form.title[:2048] if isinstance(form.title, str) else None
    own = {name: value for name, value in captured.items() if value is not None}
    for fact in (
        {"kind": "captured", **form.captured, **own},
        {"kind": "engaged", "channel": form.channel, "action": "submit", "name": title},
    ):
        findings.say(
            document,
            event_id=f"{known_by}:{fact['kind']}",
            fact=fact,
            subject={**subject, "external_ids": dict(form.ids)},
            time=form.time,
            test=form.test,
        )


def said_in(answers: Iterable[Answered], mapping: FormMapping) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the subject of a form's answers, and the fields of the fact that captures it."""
    traits: dict[str, str] = {}
    attributes: dict[str, Any] = {}
    parts: dict[str, str] = {}
    for one in answers:
        if one.value is None or one.value == "" or isinstance(one.value, dict | list):
            continue
        names = [plain(name) for name in one.names if name]
        attributes |= _attributes(names, one.value, mapping)
        parts |= {name: as_text(one.value) for name in names if name in ("first name", "last name")}
        trait = _trait(names, one.type, mapping)
        if trait and trait not in traits:
            traits[trait] = as_text(one.value)[: LONGEST.get(trait, 2048)]
    if parts and "name" not in traits:
        whole = (parts[part] for part in ("first name", "last name") if part in parts)
        traits["name"] = " ".join(whole)[:256]
    subject = {name: traits[name] for name in _OF_PERSON if name in traits}
    origin = {"origin": mapping.origin, **{name: traits[name] for name in _OF_FACT if name in traits}}
    return subject, {**origin, "attributes": attributes}


_OF_PERSON: tuple[str, ...] = ("email", "phone", "name", "company")
_OF_FACT: tuple[str, ...] = ("origin", "campaign", "landing_page")


def plain(name: str) -> str:
    """Return a question's name as it is compared."""
    return " ".join(name.replace("_", " ").lower().rstrip(" :?*").split())


def _trait(names: list[str], kind: str, mapping: FormMapping) -> Trait | None:
    own = {plain(name): trait for name, trait in mapping.traits.items()}
    for name in names:
        if name in own:
            return own[name]
    if kind in ("email", "phone"):
        return "email" if kind == "email" else "phone"
    return next((USUAL[name] for name in names if name in USUAL), None)


def _attributes(names: list[str], value: Any, mapping: FormMapping) -> dict[str, Any]:
    own = {plain(name): form for name, form in mapping.attributes.items()}
    record = {name: value for name in names if name in own}
    return said_by(record, FieldsForm(attributes=own)).attributes
