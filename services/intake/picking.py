"""A declarative mapping of JSON: where in a document a value stands, and what the vendor's words mean here.

A **pick** is a path of names and indexes (``contact.email``, ``answers.0.text``), or says more:
``{path: type, values: {lead.new: captured}}``, ``{constant: web}``, ``{path: staff, as: number}``; what
stands at several paths is joined (``[first_name, last_name]``). Nothing is evaluated; a path that leads
nowhere is a value that is not there. All of it is checked when ``sources.yaml`` is read, against the facts'
own fields.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from infra.plain_errors import nearest
from schemas.facts import LeadFact
from schemas.frozen import Frozen
from schemas.vocabulary import Name, Scalar
from services.agreement.currencies import minor_digits

FACTS: dict[str, type[LeadFact]] = {model.model_fields["kind"].default: model for model in get_args(LeadFact)}
"""Every kind of fact about a lead."""

Path = Annotated[str, StringConstraints(min_length=1, max_length=256)]


class Pick(Frozen):
    """Where a value comes from: a path, several that are joined, or a constant."""

    path: Path | None = None
    join: Annotated[tuple[Path, ...], Field(max_length=8)] = ()
    """Paths whose texts make one, with a space between them; those that are not there are left out."""
    constant: Scalar | None = None
    values: dict[str, Scalar | None] = Field(default_factory=dict)
    """What texts at the path stand for; a text that is not named here stands for itself."""
    as_: Annotated[Literal["as it is", "text", "number"], Field(alias="as")] = "as it is"

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if [self.path is None, not self.join, self.constant is None].count(False) != 1:
            raise ValueError("a value comes from one place; give either path, join or constant")
        if self.join and self.as_ == "number":
            raise ValueError("what is joined is a text; leave out as: number")
        return self

    @property
    def paths(self) -> tuple[str, ...]:
        """Where it looks."""
        return self.join or (() if self.path is None else (self.path,))


def _path(value: object) -> object:
    if isinstance(value, list):
        return {"join": value}
    return {"path": value} if isinstance(value, str) else value


Picked = Annotated[Pick, BeforeValidator(_path)]


class When(Frozen):
    """Holds of a document that has one of these texts at a path."""

    path: Path
    in_: Annotated[tuple[str, ...], Field(alias="in", min_length=1)]

    def holds(self, document: object) -> bool:
        """Say whether it holds."""
        found = at(document, self.path)
        return found is not None and as_text(found) in self.in_


class SubjectForm(Frozen):
    """Whom a document is about."""

    email: Picked | None = None
    phone: Picked | None = None
    name: Picked | None = None
    company: Picked | None = None
    anonymous_id: Picked | None = None
    external_ids: dict[Name, Picked] = Field(default_factory=dict)

    def read(self, document: object) -> dict[str, Any]:
        """Return the subject's fields; what is not there is left out."""
        said = {name: picked(getattr(self, name), document) for name in _PLAIN}
        ids = {system: picked(one, document) for system, one in self.external_ids.items()}
        known = {system: as_text(value) for system, value in ids.items() if value not in (None, "")}
        return {name: as_text(value) for name, value in said.items() if value not in (None, "")} | {
            "external_ids": known
        }


_PLAIN = ("email", "phone", "name", "company", "anonymous_id")


class AmountForm(Frozen):
    """An amount of money: where its number stands, and its currency."""

    path: Path
    currency: Picked
    minor: bool = False
    """Whether the number counts cents (minor units) already."""


class FactForm(Frozen):
    """One fact that a document says when ``when`` holds."""

    kind: str
    when: When | None = None
    id: Picked | None = None
    time: Picked | None = None
    fields: dict[str, Picked] = Field(default_factory=dict)
    """Fields of the fact; a dot leads into a field's fields: ``by.side``."""
    amount: AmountForm | None = None
    attributes: dict[Name, Picked] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _fields_of_its_kind(self) -> Self:
        model = FACTS.get(self.kind)
        if model is None:
            raise ValueError(f"{self.kind!r} is no kind of fact; {nearest(self.kind, list(FACTS))}")
        known = [name for name in model.model_fields if name not in ("kind", "attributes", "amount")]
        given = [name.partition(".")[0] for name in self.fields]
        if self.attributes:
            given.append("attributes")
            known += ["attributes"] * ("attributes" in model.model_fields)
        if self.amount:
            given.append("amount")
            known += ["amount"] * ("amount" in model.model_fields)
        for name in given:
            if name not in known:
                raise ValueError(f"{self.kind} has no field {name}; {nearest(name, known)}")
        for name, field in model.model_fields.items():
            if field.is_required() and name not in given:
                raise ValueError(f"{self.kind} needs the field {name}; give its path or a constant")
        return self

    def read(self, document: object) -> dict[str, Any]:
        """Return the fact's fields; what is not there is left out."""
        body: dict[str, Any] = {"kind": self.kind}
        for path, one in self.fields.items():
            value = picked(one, document)
            if value is not None:
                *parents, last = path.split(".")
                place = body
                for parent in parents:
                    place = place.setdefault(parent, {})
                place[last] = value
        if self.attributes:
            body["attributes"] = {name: picked(one, document) for name, one in self.attributes.items()}
        if self.amount is not None and (amount := _amount(self.amount, document)) is not None:
            body["amount"] = amount
        return body


def picked(pick: Pick | None, document: object) -> Any:
    """Return the value that a pick finds in a document, or None."""
    if pick is None:
        return None
    if not pick.paths:
        return pick.constant
    found = _joined(pick.join, document) if pick.join else at(document, pick.paths[0])
    if isinstance(found, str) and found in pick.values:
        return pick.values[found]
    if found is None or isinstance(found, dict | list):
        return None
    if pick.as_ == "number":
        return as_number(found)
    return as_text(found) if pick.as_ == "text" else found


def _joined(paths: Iterable[str], document: object) -> str | None:
    found = (at(document, path) for path in paths)
    return (
        " ".join(as_text(one).strip() for one in found if isinstance(one, str | int | float) and one != "")
        or None
    )


def holding(forms: Iterable[FactForm], document: object) -> Iterator[tuple[FactForm, str]]:
    """Yield the facts that a document says, each with what tells it from the others of its event.

    That is the fact's kind, with a number from the second of a kind on: ``won``, ``engaged``, ``engaged.2``.
    """
    kinds: Counter[str] = Counter()
    for form in forms:
        if form.when is None or form.when.holds(document):
            kinds[form.kind] += 1
            yield form, form.kind if kinds[form.kind] == 1 else f"{form.kind}.{kinds[form.kind]}"


def at(document: object, path: str) -> Any:
    """Return what stands at a path, or None. A name with dots in it (a column's, say) comes first."""
    if isinstance(document, dict) and path in document:
        return document[path]
    here = document
    for step in path.split("."):
        if isinstance(here, dict):
            here = here.get(step)
        elif isinstance(here, list) and step.isdigit() and int(step) < len(here):
            here = here[int(step)]
        else:
            return None
    return here


def as_text(value: object) -> str:
    """Return a scalar as text: ``true``, ``42``, ``Ana``."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)


def as_number(value: object) -> int | float | None:
    """Return a scalar as a number; None if it is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    try:
        number = float(str(value).strip())
    except ValueError:
        return None
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def money(number: object, currency: object, *, minor: bool = False) -> dict[str, Any] | None:
    """Return an amount in minor units, as many as its currency has; None if there is no number.

    What is smaller than a minor unit is rounded half to even.
    """
    amount = as_number(number)
    if amount is None or amount != amount or amount in (float("inf"), float("-inf")):  # noqa: PLR0124 - NaN
        return None
    digits = 0 if minor else minor_digits(str(currency))
    return {"amount_minor": round(Decimal(str(amount)).scaleb(digits)), "currency": currency}


def _amount(form: AmountForm, document: object) -> dict[str, Any] | None:
    return money(at(document, form.path), picked(form.currency, document), minor=form.minor)
