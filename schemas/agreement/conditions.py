"""Conditions: the small declarative form in which the agreement says "when". Never ``eval``.

Two forms. A ``Condition`` looks at attributes of a lead (personas, segments, fit); a ``FactPattern`` looks
at one fact (engagement, pauses, stage entry). Both are data; evaluating them is ``holds`` and ``matches``
here, because a form and its meaning belong in one place.
"""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Annotated, Self

from pydantic import Field, model_validator

from schemas.facts import LeadFact
from schemas.frozen import Frozen
from schemas.vocabulary import EngagementChannel, Name, Scalar, Text, TouchChannel

Attributes = Mapping[str, Scalar | None]


class Condition(Frozen):
    """One test of an attribute, or a combination. Exactly one of the forms is given.

    ``{attribute: country, in: [ES, PT]}``, ``{attribute: employees, at_least: 50, below: 500}``,
    ``{attribute: vat, known: true}``, ``{all: […]}``, ``{any: […]}``, ``{not: …}``. A comparison with a
    value that is unknown or of another type does not hold.
    """

    attribute: Name | None = None
    """The attribute to look at."""
    is_: Annotated[Scalar | None, Field(alias="is")] = None
    """It has this value; capitals do not matter."""
    in_: Annotated[tuple[Scalar, ...] | None, Field(alias="in")] = None
    """It has one of these values."""
    at_least: float | None = None
    """It is this number or more."""
    below: float | None = None
    """It is less than this number."""
    known: bool | None = None
    """It is known (``true``), or it is not (``false``)."""
    all: tuple["Condition", ...] | None = None
    """All of these hold."""
    any: tuple["Condition", ...] | None = None
    """At least one of these holds."""
    not_: Annotated["Condition | None", Field(alias="not")] = None
    """This does not hold."""

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        forms = [form for form in (self.attribute, self.all, self.any, self.not_) if form is not None]
        if len(forms) != 1:
            raise ValueError("a condition has one form; give exactly one of attribute, all, any, not")
        tests = (self.is_, self.in_, self.at_least, self.below, self.known)
        if (self.attribute is not None) == all(test is None for test in tests):
            raise ValueError(
                "tests go with an attribute; give it one or more of is, in, at_least, below, known"
            )
        return self

    def holds(self, attributes: Attributes) -> bool:
        """Say whether the condition holds of these attributes."""
        if self.all is not None:
            return all(part.holds(attributes) for part in self.all)
        if self.any is not None:
            return any(part.holds(attributes) for part in self.any)
        if self.not_ is not None:
            return not self.not_.holds(attributes)
        return self._test(attributes.get(self.attribute or ""))

    def _test(self, value: Scalar | None) -> bool:
        if self.known is not None and (value is not None) != self.known:
            return False
        if self.is_ is not None and not _same(value, self.is_):
            return False
        if self.in_ is not None and not any(_same(value, wanted) for wanted in self.in_):
            return False
        if self.at_least is None and self.below is None:
            return True
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return (self.at_least is None or value >= self.at_least) and (
            self.below is None or value < self.below
        )

    def attributes_read(self) -> frozenset[str]:
        """Name the attributes that the condition looks at."""
        if self.attribute is not None:
            return frozenset({self.attribute})
        parts = (*(self.all or ()), *(self.any or ()), *((self.not_,) if self.not_ else ()))
        return frozenset().union(*(part.attributes_read() for part in parts))


def _same(value: Scalar | None, wanted: Scalar) -> bool:
    """Compare as people do: text without regard to case; true is not 1."""
    if isinstance(value, str) and isinstance(wanted, str):
        return value.casefold() == wanted.casefold()
    return isinstance(value, bool) == isinstance(wanted, bool) and value == wanted


class FactPattern(Frozen):
    """What a fact must be. A field that is left out does not matter; ``name`` takes ``*`` and ``?``.

    ``{kind: engaged, channel: page, name: "/pricing*"}``, ``{kind: touched, channel: meeting, outcome:
    held}``.
    """

    kind: Name
    """The fact's kind: captured, engaged, touched, accepted, won …"""
    channel: EngagementChannel | TouchChannel | None = None
    """Where a lead did something, or how sales reached out."""
    action: Name | None = None
    """What the lead did there: the tool's word."""
    outcome: Name | None = None
    """How a touch went: the tool's word."""
    name: Text | None = None
    """What it was done to (a page, a form); ``*`` stands for anything, ``?`` for one character."""
    campaign: Name | None = None
    """The campaign that the fact names."""

    def matches(self, fact: LeadFact) -> bool:
        """Say whether the fact is of this pattern."""
        if fact.kind != self.kind:
            return False
        for wanted, field in (
            (self.channel, "channel"),
            (self.action, "action"),
            (self.outcome, "outcome"),
            (self.campaign, "campaign"),
        ):
            if wanted is not None and getattr(fact, field, None) != wanted:
                return False
        return self.name is None or fnmatchcase(getattr(fact, "name", None) or "", self.name)
