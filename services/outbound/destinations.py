"""``destinations.yaml``: where conclusions go, which of them, and what of the person goes with them.

Read and checked as a whole before anything is sent; every error gives its place, the value and the remedy.
Secrets stand in the environment; the document names the variables.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self, get_args
from urllib.parse import urlsplit

from pydantic import Field, StringConstraints, TypeAdapter, field_validator, model_validator

from infra.agreement_file import Problem
from infra.plain_errors import Place
from infra.store.deliveries import LEASE, Wanted
from infra.yaml_document import read_document
from infra.yaml_listed import entries, twice
from infra.yaml_text import Node
from schemas.entries import Conclusion
from schemas.frozen import Frozen
from services.outbound.addresses import is_this_machine
from services.outbound.courier import Route
from services.outbound.hubspot import HubspotOutlet
from services.outbound.outlet import Outlet
from services.outbound.salesforce import SalesforceOutlet
from services.outbound.webhook import WebhookOutlet, key_of
from services.spans import Span

KINDS = tuple(sorted(model.model_fields["kind"].default for model in get_args(Conclusion)))
EnvName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s#@]+$", max_length=2048)]
LeadField = Literal[
    "name",
    "email",
    "phone",
    "company",
    "external_ids",
    "stage",
    "cycle",
    "owner",
    "team",
    "outcome",
    "fit",
    "engagement",
    "cell",
    "band",
    "origin",
    "campaign",
    "segment",
    "stage_since",
    "stalled_since",
]
"""What is known of a lead, as the table ``leads`` has it; the first five are personal."""


class DestinationForm(Frozen):
    """What every destination says."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,62}$")]
    kinds: tuple[str, ...] = ()
    """Which conclusions go there; empty: all."""
    from_: Annotated[Literal["now", "beginning"], Field(alias="from")] = "now"
    """Where a new destination begins."""
    most_age: Span | None = timedelta(days=30)
    """What happened longer ago is not sent (an import's history, say); null: everything is."""
    give_up: Annotated[Span, Field(ge=timedelta(minutes=1))] = timedelta(days=3)
    timeout: Annotated[Span, Field(ge=timedelta(seconds=1), le=timedelta(minutes=2))] = timedelta(seconds=15)
    private: bool = False
    """Whether it is at an inner address."""
    insecure: bool = False
    """Whether it may be called without TLS; this machine always may."""
    url: Url

    @field_validator("kinds")
    @classmethod
    def _known(cls, kinds: tuple[str, ...]) -> tuple[str, ...]:
        for kind in kinds:
            if kind not in KINDS:
                raise ValueError(f"{kind!r} is no kind of conclusion; there are {', '.join(KINDS)}")
        return kinds

    @field_validator("url")
    @classmethod
    def _reachable(cls, url: str) -> str:
        try:
            parts = urlsplit(url)
            known = bool(parts.hostname) and parts.port != 0
        except ValueError:
            known = False
        if not known:
            raise ValueError(
                f"{url!r} names no host and port; write https://host/path or https://host:8443/path"
            )
        return url

    @model_validator(mode="after")
    def _encrypted(self) -> Self:
        if self.url.startswith("http://") and not self.insecure and not is_this_machine(self.url):
            raise ValueError("http:// can be read on the way; write https://, or insecure: true")
        return self


class WebhookForm(DestinationForm):
    """A URL that takes Standard Webhooks."""

    kind: Literal["webhook"]
    secret_env: Annotated[tuple[EnvName, ...], Field(min_length=1, max_length=2)]
    """The environment variables that hold its secrets (``whsec_…``), the newest first; both sign."""
    include: tuple[LeadField, ...] = ()
    """What of the lead goes with each message."""

    @field_validator("secret_env", mode="before")
    @classmethod
    def _one_or_a_list(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    def outlet(self, secrets: Mapping[str, str]) -> Outlet:
        """Return how it is spoken to."""
        return WebhookOutlet(self.url, tuple(secrets[name] for name in self.secret_env), self.include)

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment variables that it names."""
        return self.secret_env

    def wrong_secret(self, secret: str) -> str | None:
        """Say what is wrong with a secret, if anything is."""
        try:
            key_of(secret)
        except ValueError as error:
            return str(error)
        return None


Properties = Annotated[
    dict[Annotated[str, StringConstraints(pattern=r"^[A-Za-z_]\w{0,99}$")], LeadField], Field(min_length=1)
]
"""Fields of the lead, by the property that each is written to."""
SystemName = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class HubspotForm(DestinationForm):
    """Properties of HubSpot's contacts."""

    kind: Literal["hubspot"]
    token_env: EnvName
    properties: Properties
    system: SystemName = "hubspot"
    """In whose name a lead has the contact's id."""
    url: Url = "https://api.hubapi.com"

    def outlet(self, secrets: Mapping[str, str]) -> Outlet:
        """Return how it is spoken to."""
        return HubspotOutlet(secrets[self.token_env], self.properties, self.system, self.url.rstrip("/"))

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment variables that it names."""
        return (self.token_env,)

    def wrong_secret(self, secret: str) -> str | None:
        """Any token may be one."""
        return None


class SalesforceForm(DestinationForm):
    """Fields of Salesforce's records."""

    kind: Literal["salesforce"]
    client_id_env: EnvName
    client_secret_env: EnvName
    properties: Properties
    object: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]\w{0,79}$")] = "Lead"
    system: SystemName = "salesforce"
    version: Annotated[str, StringConstraints(pattern=r"^v\d{2,3}\.0$")] = "v62.0"

    def outlet(self, secrets: Mapping[str, str]) -> Outlet:
        """Return how it is spoken to."""
        return SalesforceOutlet(
            self.url.rstrip("/"),
            secrets[self.client_id_env],
            secrets[self.client_secret_env],
            self.properties,
            object=self.object,
            system=self.system,
            version=self.version,
        )

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment variables that it names."""
        return (self.client_id_env, self.client_secret_env)

    def wrong_secret(self, secret: str) -> str | None:
        """Any text may be one."""
        return None


Form = WebhookForm | HubspotForm | SalesforceForm

_FORM: TypeAdapter[Form] = TypeAdapter(Annotated[Form, Field(discriminator="kind")])


class Document(Frozen):
    """The whole document."""

    destinations: Annotated[tuple[Annotated[Form, Field(discriminator="kind")], ...], Field(max_length=100)]


def load_destinations(path: Path, environment: Mapping[str, str]) -> list[tuple[Form, Route]]:
    """Read and check a ``destinations.yaml``.

    Args:
        path: The file.
        environment: Where the secrets are.

    Raises:
        DocumentInvalid: With everything that is wrong, if anything is.
        OSError: The file cannot be read.
    """

    def beyond(node: Node) -> Iterator[Problem]:
        return _beyond_shapes(node, environment)

    written = read_document(path, Document, sort="destinations", example="docs/outbound.md", beyond=beyond)
    forms = written.document.destinations
    problems = list(twice((("destinations", place, "name"), form.name) for place, form in enumerate(forms)))
    for place, form in enumerate(forms):
        problems += _secrets(("destinations", place), form, environment)
    if problems:
        raise written.invalid(problems)
    return [(form, _route(form, environment)) for form in forms]


def _beyond_shapes(node: Node, environment: Mapping[str, str]) -> Iterator[Problem]:
    """Yield what is wrong besides shapes: names that stand twice, and what the environment lacks."""
    written = entries(node, "destinations", _FORM)
    names = (((*one.at, "name"), one.good.get("name")) for one in written)
    yield from twice((at, name) for at, name in names if isinstance(name, str))
    for one in written:
        if one.form is not None:
            yield from _secrets(one.at, one.form, environment)
        else:
            for name in _variables(one.good):
                yield from _unset(one.at, name, environment)


def _variables(good: Mapping[str, object]) -> Iterator[str]:
    """Yield the environment variables that an entry names."""
    for field, value in good.items():
        if field.endswith("_env"):
            names = value if isinstance(value, list) else [value]
            yield from (name for name in names if isinstance(name, str))


def _secrets(at: Place, form: Form, environment: Mapping[str, str]) -> Iterator[Problem]:
    for name in form.variables:
        unset = list(_unset(at, name, environment))
        yield from unset
        if not unset and (wrong := form.wrong_secret(environment[name].strip())) is not None:
            yield Problem(at, f"{name}: {wrong}", "make one with: echo whsec_$(openssl rand -base64 32)")


def _unset(at: Place, name: str, environment: Mapping[str, str]) -> Iterator[Problem]:
    if not environment.get(name, "").strip():
        state = "is empty" if name in environment else "is not set"
        yield Problem(at, f"the environment variable {name} {state}", "set it to the secret")


def _route(form: Form, environment: Mapping[str, str]) -> Route:
    secrets = {name: environment[name].strip() for name in form.variables}
    wanted = Wanted(form.kinds, form.most_age)
    lease = max(LEASE, 2 * form.timeout)  # it is renewed when a third is over, and then a request may begin
    return Route(form.name, form.outlet(secrets), wanted, form.give_up, form.from_ == "beginning", lease)
