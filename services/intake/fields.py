"""What a CRM's fields say: which name a person, which are attributes, and which mean that something happened.

A contact's record is one flat object, and a change of it is some of its fields. A mapping sorts the field
names: into the subject, into attributes, into claims (a field whose values are stages, or facts), the owner,
and marks of opting out. Everything is declared, and checked against the facts' own fields when
``sources.yaml`` is read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field

from schemas.frozen import Frozen
from schemas.vocabulary import Name, Scalar, StageId
from services.intake.picking import FactForm, Pick, as_text, picked

LONGEST_TEXT = 1024

_OR_ELSE = "; put it under ignore if it is of no interest"


class AttributeForm(Frozen):
    """The attribute that a field becomes; ``{name: employees, as: number}``, or only its name."""

    name: Name
    as_: Annotated[Literal["as it is", "text", "number"], Field(alias="as")] = "as it is"
    values: dict[str, Scalar | None] = Field(default_factory=dict)


def _named(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


Claim = StageId | FactForm | None
"""What a value of a field says: the lead stands at a stage, or a fact; null says nothing."""


class FieldsForm(Frozen):
    """What the fields of a record are, by their names."""

    subject: dict[str, Literal["email", "phone", "name", "company"]] = Field(default_factory=dict)
    attributes: dict[str, Annotated[AttributeForm, BeforeValidator(_named)]] = Field(default_factory=dict)
    claims: dict[str, dict[str, Claim]] = Field(default_factory=dict)
    """By field, and by its value (in any case)."""
    owner: str | None = None
    opted_out: dict[str, Literal["email", "phone", "any"]] = Field(default_factory=dict)
    """Fields that are true where the person does not want to be contacted over a channel."""
    ignore: tuple[str, ...] = ()

    def knows(self, name: str) -> bool:
        """Say whether a field is one that is mapped."""
        sorts = (self.subject, self.attributes, self.claims, self.opted_out, self.ignore)
        return name == self.owner or any(name in sort for sort in sorts)

    def over(self, defaults: Self) -> Self:
        """Return these fields and, of the defaults, those that are not named here.

        A field whose values are claims keeps the default's values that are not named here, too. Where another
        field says who the owner is, the default one is of no interest.
        """
        sorts = ("subject", "attributes", "claims", "opted_out")
        rest = {
            sort: {name: form for name, form in getattr(defaults, sort).items() if not self.knows(name)}
            for sort in sorts
        }
        own = {sort: getattr(self, sort) for sort in sorts}
        own["claims"] = {name: defaults.claims.get(name, {}) | claims for name, claims in self.claims.items()}
        is_owner_said = "owner" in self.model_fields_set or self.knows(defaults.owner or "")
        no_owner = (defaults.owner,) if defaults.owner and is_owner_said else ()
        return self.model_copy(
            update={
                **{sort: rest[sort] | own[sort] for sort in sorts},
                "owner": self.owner if is_owner_said else defaults.owner,
                "ignore": (
                    *(name for name in (*defaults.ignore, *no_owner) if not self.knows(name)),
                    *self.ignore,
                ),
            }
        )


@dataclass
class Said:
    """What some fields of a record say.

    Attributes:
        subject: Of the person's own fields.
        attributes: By name; null forgets one.
        facts: With what each adds to the event's id.
        unknown: What no mapping names: a field, or a value of one.
    """

    subject: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    facts: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def said_by(record: Mapping[str, Any], form: FieldsForm) -> Said:
    """Return what some fields of a record say.

    Args:
        record: The fields by name; those that did not change are not there.
        form: What they are.
    """
    said = Said()
    for name, value in record.items():
        if name in form.ignore:
            continue
        if not form.knows(name):
            said.unknown.append(f"{name[:100]}: no field of the mapping is called so{_OR_ELSE}")
        elif not isinstance(value, dict | list):
            _say(said, name, value, form, record)
    return said


def _say(said: Said, name: str, value: Any, form: FieldsForm, record: Mapping[str, Any]) -> None:
    if name in form.subject and value not in (None, ""):
        said.subject[form.subject[name]] = as_text(value)
    if name in form.attributes:
        attribute = form.attributes[name]
        pick = Pick.model_validate({"path": "value", "values": attribute.values, "as": attribute.as_})
        found = picked(pick, {"value": None if value == "" else value})
        said.attributes[attribute.name] = found[:LONGEST_TEXT] if isinstance(found, str) else found
    if name in form.claims and value not in (None, ""):
        _claim(said, name, as_text(value), form, record)
    if name == form.owner:
        owner = None if value in (None, "") else as_text(value)
        said.facts.append(("assigned", {"kind": "assigned", "owner": owner}))
    if name in form.opted_out and value not in (None, ""):
        granted = as_text(value).lower() not in ("true", "1", "yes")
        channel = form.opted_out[name]
        fact = {"kind": "consent_changed", "channel": channel, "granted": granted}
        said.facts.append((f"consent.{channel}", fact))


def _claim(said: Said, name: str, value: str, form: FieldsForm, record: Mapping[str, Any]) -> None:
    known = {text.lower(): claim for text, claim in form.claims[name].items()}
    if value.lower() not in known:
        said.unknown.append(f"{name}: the mapping does not say what {value[:60]!a} means")
        return
    claim = known[value.lower()]
    if isinstance(claim, str):
        said.facts.append((name, {"kind": "stage_claimed", "stage": claim}))
    elif claim is not None:
        said.facts.append((name, claim.read(record)))
