"""What the tools tell us: one frozen model a kind of fact.

A tool speaks CloudEvents 1.0 (``FactEvent``): ``(source, id)`` makes a fact unique, ``time`` is its claim
of when, and ``data`` is the fact with its **subject**. Everything that names a person stands in the subject
and nowhere else, so stripping personal data is dropping one field: what travels on the line is the body
alone.

A fact says what happened; it never says what Relevo must conclude. Adding a kind is one model in ``Fact``
below.
"""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints, field_validator, model_validator

from schemas.frozen import Frozen, Instant
from schemas.vocabulary import (
    Actor,
    EngagementChannel,
    Money,
    Name,
    OwnerId,
    Scalar,
    StageId,
    TeamId,
    Text,
    TouchChannel,
)

TYPE_PREFIX = "relevo.lead."
"""CloudEvents ``type`` is this prefix and the fact's kind."""

Attributes = Annotated[dict[Name, Scalar | None], Field(max_length=128)]
ReasonId = Name


def _or_nothing(text: object) -> object:
    return None if isinstance(text, str) and not text.strip() else text


Whence = Annotated[Name | None, BeforeValidator(_or_nothing)]
"""An origin or a campaign. A blank one, as forms and tools write it that know of none, is none."""


class Subject(Frozen):
    """Whom a fact is about: personal data, and the ids that tools know the lead by."""

    email: Annotated[str, StringConstraints(max_length=320)] | None = None
    phone: Annotated[str, StringConstraints(max_length=64)] | None = None
    name: Annotated[str, StringConstraints(max_length=256)] | None = None
    company: Annotated[str, StringConstraints(max_length=256)] | None = None
    anonymous_id: Name | None = None
    external_ids: Annotated[dict[Name, Name], Field(max_length=32)] = Field(default_factory=dict)


class Captured(Frozen):
    """A lead became known: a form, an ad, a list, a conversation."""

    kind: Literal["captured"] = "captured"
    origin: Whence = None
    campaign: Whence = None
    landing_page: Text | None = None
    attributes: Attributes = Field(default_factory=dict)


class Enriched(Frozen):
    """More is known about the lead; a null forgets an attribute."""

    kind: Literal["enriched"] = "enriched"
    attributes: Attributes = Field(default_factory=dict)


class Engaged(Frozen):
    """The lead did something on its own account; the raw material of engagement scores and of attribution."""

    kind: Literal["engaged"] = "engaged"
    channel: EngagementChannel
    action: Name
    name: Text | None = None
    origin: Whence = None
    campaign: Whence = None
    promised: Text | None = None


class Touched(Frozen):
    """Sales reached out; ``outcome`` is the tool's word (connected, no_answer, held, no_show …)."""

    kind: Literal["touched"] = "touched"
    channel: TouchChannel
    outcome: Name | None = None
    by: Actor | None = None
    handoff_id: Name | None = None
    promised: Text | None = None


class Accepted(Frozen):
    """Sales accepts a hand-off."""

    kind: Literal["accepted"] = "accepted"
    by: Actor | None = None
    handoff_id: Name | None = None


class Rejected(Frozen):
    """Sales rejects a hand-off with one of the agreement's reasons."""

    kind: Literal["rejected"] = "rejected"
    reason: ReasonId
    by: Actor | None = None
    handoff_id: Name | None = None


class Assigned(Frozen):
    """The lead has an owner, or a team's queue when ``owner`` is null."""

    kind: Literal["assigned"] = "assigned"
    owner: OwnerId | None = None
    team: TeamId | None = None
    by: Actor | None = None
    handoff_id: Name | None = None


class StageClaimed(Frozen):
    """A tool says that the lead now stands at a stage; the agreement decides whether it may."""

    kind: Literal["stage_claimed"] = "stage_claimed"
    stage: StageId
    reason: ReasonId | None = None
    by: Actor | None = None


class OpportunityOpened(Frozen):
    """Sales opened an opportunity."""

    kind: Literal["opportunity_opened"] = "opportunity_opened"
    opportunity_id: Name | None = None
    amount: Money | None = None
    by: Actor | None = None


class Won(Frozen):
    """The goal is reached: a sale, an enrolment, a donation."""

    kind: Literal["won"] = "won"
    opportunity_id: Name | None = None
    amount: Money | None = None
    by: Actor | None = None


class Lost(Frozen):
    """The opportunity is lost."""

    kind: Literal["lost"] = "lost"
    reason: ReasonId | None = None
    opportunity_id: Name | None = None
    by: Actor | None = None


class Recycled(Frozen):
    """The lead goes back to nurture."""

    kind: Literal["recycled"] = "recycled"
    reason: ReasonId | None = None
    by: Actor | None = None


class Reopened(Frozen):
    """A closed or recycled lead is worked again."""

    kind: Literal["reopened"] = "reopened"
    reason: ReasonId | None = None
    by: Actor | None = None


Deed = (
    Touched
    | Accepted
    | Rejected
    | Assigned
    | StageClaimed
    | OpportunityOpened
    | Won
    | Lost
    | Recycled
    | Reopened
)
"""What a side does; ``by`` says who, or else it is the side that the tool speaks for."""

Reasoned = Rejected | StageClaimed | Lost | Recycled | Reopened
"""What may give one of the agreement's reasons."""

Priced = OpportunityOpened | Won
"""What may carry an amount."""


class Merged(Frozen):
    """Two leads are one: the fact's subject and ``other`` name the same person."""

    kind: Literal["merged"] = "merged"
    other: Subject


class Unmerged(Frozen):
    """A merge was wrong: what ``other`` names is a lead of its own again."""

    kind: Literal["unmerged"] = "unmerged"
    other: Subject


class ConsentChanged(Frozen):
    """The lead gave or withdrew consent to be contacted over a channel."""

    kind: Literal["consent_changed"] = "consent_changed"
    channel: Literal["email", "phone", "any"] = "any"
    granted: bool


class Erased(Frozen):
    """The person asked to be forgotten."""

    kind: Literal["erased"] = "erased"


class ImportOpened(Frozen):
    """A history begins; its facts carry the same ``import_id`` and are decided at the close."""

    kind: Literal["import_opened"] = "import_opened"
    import_id: Name


class ImportClosed(Frozen):
    """The history is complete."""

    kind: Literal["import_closed"] = "import_closed"
    import_id: Name


class AgreementSigned(Frozen):
    """A version of the agreement is in force from here on; ``document`` is its YAML."""

    kind: Literal["agreement_signed"] = "agreement_signed"
    document: str


class Heartbeat(Frozen):
    """The sequencer's own: read back, it becomes a tick."""

    kind: Literal["heartbeat"] = "heartbeat"


LeadFact = (
    Captured
    | Enriched
    | Engaged
    | Touched
    | Accepted
    | Rejected
    | Assigned
    | StageClaimed
    | OpportunityOpened
    | Won
    | Lost
    | Recycled
    | Reopened
    | Merged
    | Unmerged
    | ConsentChanged
    | Erased
)
"""A fact about one lead."""

ControlFact = ImportOpened | ImportClosed | AgreementSigned | Heartbeat
"""A fact about the line itself."""

Fact = Annotated[LeadFact | ControlFact, Field(discriminator="kind")]


class FactData(Frozen):
    """The ``data`` of a fact's CloudEvent."""

    subject: Subject = Subject()
    fact: Fact
    test: bool = False
    import_id: Name | None = None


def unique_name(source: str, event_id: str) -> str:
    """Return what a pair of these is written as where it makes a key; no other pair is written the same."""
    return f"{len(source)}:{source}{event_id}"


class FactEvent(Frozen):
    """A fact as a CloudEvents 1.0 event: what ``leads.facts`` carries, in structured mode."""

    specversion: Literal["1.0"] = "1.0"
    id: Annotated[str, StringConstraints(min_length=1, max_length=256)]
    source: Annotated[str, StringConstraints(min_length=1, max_length=256)]
    type: str
    time: Instant | None = None
    datacontenttype: Literal["application/json"] = "application/json"
    data: FactData

    @property
    def unique_name(self) -> str:
        """What (source, id) is written as where it makes a key."""
        return unique_name(self.source, self.id)

    @field_validator("time", mode="before")
    @classmethod
    def _written_out(cls, time: object) -> object:
        # Pydantic takes numbers, too, and guesses: 20260302 would be an evening in August 1970.
        if isinstance(time, int | float) or (isinstance(time, str) and ":" not in time):
            raise ValueError("an instant has a date, a time and an offset, like 2026-03-02T09:00:00+01:00")
        return time

    @model_validator(mode="after")
    def _type_names_the_kind(self) -> "FactEvent":
        expected = TYPE_PREFIX + self.data.fact.kind
        if self.type != expected:
            raise ValueError(f"type is {self.type!r}; data.fact says {expected!r}; make them agree")
        return self
