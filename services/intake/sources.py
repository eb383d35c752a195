"""``sources.yaml``: which tools may send, how each proves itself, and what its words mean here.

The document is read and checked as a whole before the gateway opens a port, and every error gives its
place, the value and the remedy. Secrets stand in the environment, never in the document; one that is empty
is an error of the document, because a hook that is signed with nothing is open to everybody.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints, TypeAdapter, ValidationError, field_validator

from infra.agreement_file import Problem
from infra.plain_errors import nearest, plain_errors
from infra.yaml_document import read_document
from infra.yaml_listed import entries, twice
from infra.yaml_text import Node
from schemas.frozen import Frozen
from services.intake.signatures import key_hash
from services.intake.vendor import EnvName, Secrets, Vendor

SourceName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,62}$")]
Networks = tuple[IPv4Network | IPv6Network, ...]


class Limits(Frozen):
    """What one source may send."""

    body_bytes: Annotated[int, Field(ge=1, le=16 * 1024 * 1024)] | None = None
    """Null: what the vendor's requests need."""
    requests_per_second: Annotated[float, Field(gt=0, le=100_000)] = 1000
    burst: Annotated[int, Field(ge=1, le=1_000_000)] = 2000


class SourceForm(Frozen):
    """One source, as it is written."""

    name: SourceName
    kind: str
    secret_env: Annotated[tuple[EnvName, ...], Field(max_length=2)] = ()
    """The environment variables that hold its secrets, the newest first."""
    verify_token_env: EnvName | None = None
    public_url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s?#]+$")] | None = None
    mapping: dict[str, Any] = Field(default_factory=dict)
    options: dict[str, Any] = Field(default_factory=dict)
    pull: dict[str, Any] | None = None
    """Where it is fetched from, of the kinds that are."""
    limits: Limits = Limits()

    @field_validator("secret_env", mode="before")
    @classmethod
    def _one_or_a_list(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value


_FORM = TypeAdapter(SourceForm)


class ServerForm(Frozen):
    """What holds for the gateway as a whole."""

    trusted_proxies: Networks = ()
    """Networks whose ``X-Forwarded-For`` and ``X-Forwarded-Proto`` are believed; none unless it is said."""
    operators: Networks = ()
    """Networks besides loopback that may ask for ``/healthz``, ``/readyz`` and ``/metrics``."""
    connections_per_address: Annotated[int, Field(ge=1, le=100_000)] = 256
    header_bytes: Annotated[int, Field(ge=1024, le=256 * 1024)] = 32 * 1024
    read_seconds: Annotated[float, Field(gt=0, le=120)] = 10
    """How long a request may take to arrive."""
    cors_origins: tuple[str, ...] = ("*",)
    """Pages whose browsers may send to the SDK routes."""


class Document(Frozen):
    """The whole document."""

    sources: Annotated[tuple[SourceForm, ...], Field(max_length=1000)]
    server: ServerForm = ServerForm()


@dataclass(frozen=True)
class Source:
    """A source that is ready to take requests."""

    name: str
    vendor: Vendor
    secrets: Secrets
    mapping: Frozen
    public_url: str | None
    limits: Limits
    pull: Any = None
    """Where it is fetched from; the vendor's own model."""
    pull_secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What the environment holds under the names that ``pull`` says."""

    @property
    def body_bytes(self) -> int:
        """How large a body may be."""
        return self.limits.body_bytes or self.vendor.body_bytes

    @cached_property
    def mapping_document(self) -> str:
        """What its requests are read with, as it is kept beside them."""
        return json.dumps(
            {"kind": self.vendor.kind, "mapping": self.mapping.model_dump(mode="json", by_alias=True)},
            sort_keys=True,
        )

    @cached_property
    def mapping_digest(self) -> str:
        """What the mapping's document is found by."""
        return blake2b(self.mapping_document.encode(), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything that the document says."""

    by_name: Mapping[str, Source]
    server: ServerForm

    @property
    def calling(self) -> "Sources":
        """Those that call, for the gateway."""
        found = {name: one for name, one in self.by_name.items() if one.vendor.pull is None}
        return Sources(found, self.server)

    @property
    def fetched(self) -> tuple[Source, ...]:
        """Those that Relevo fetches, in the order of the document."""
        return tuple(one for one in self.by_name.values() if one.vendor.pull is not None)

    @property
    def speaking_sdk(self) -> tuple[Source, ...]:
        """Those whose SDKs use the routes without a name, in the order of the document."""
        return tuple(one for one in self.by_name.values() if one.vendor.sdk)


def load_sources(path: Path, vendors: Mapping[str, Vendor], environment: Mapping[str, str]) -> Sources:
    """Read and check a ``sources.yaml``.

    Args:
        path: The file.
        vendors: Every vendor by its kind.
        environment: Where the secrets are.

    Raises:
        DocumentInvalid: With everything that is wrong, if anything is.
        OSError: The file cannot be read.
    """

    def beyond(node: Node) -> Iterator[Problem]:
        return _beyond_shapes(node, _Checker(node, vendors, environment))

    written = read_document(path, Document, sort="sources", example="docs/intake.md", beyond=beyond)
    checker = _Checker(written.node, vendors, environment)
    forms = written.document.sources
    sources = [checker.source(place, form) for place, form in enumerate(forms)]
    checker.problems += twice((("sources", place, "name"), form.name) for place, form in enumerate(forms))
    if checker.problems:
        raise written.invalid(checker.problems)
    return Sources({one.name: one for one in sources if one is not None}, written.document.server)


def _beyond_shapes(node: Node, checker: "_Checker") -> Iterator[Problem]:
    """Yield what is wrong besides shapes: of each source, what its fields of a good shape say."""
    written = entries(node, "sources", _FORM)
    for place, one in enumerate(written):
        if "kind" in one.good:
            checker.source(place, SourceForm.model_validate({"name": "unnamed", **one.good}))
    bad = {(*one.at, name) for one in written for name in one.bad}
    yield from (problem for problem in checker.problems if problem.at[:3] not in bad)
    yield from twice(((*one.at, "name"), one.good["name"]) for one in written if "name" in one.good)


class _Checker:
    """Makes sources of what is written, and collects what is wrong on the way."""

    def __init__(self, node: Node, vendors: Mapping[str, Vendor], environment: Mapping[str, str]) -> None:
        self._node = node
        self._vendors = vendors
        self._environment = environment
        self.problems: list[Problem] = []

    def source(self, place: int, form: SourceForm) -> Source | None:
        """Return the source that is written at a place; None if something is wrong with it."""
        before = len(self.problems)
        vendor = self._vendors.get(form.kind)
        if vendor is None:
            remedy = nearest(form.kind, list(self._vendors))
            self._wrong((place, "kind"), f"no kind is called {form.kind!r}", remedy)
            self._live(place, form)
            return None
        mapping = self._model((place, "mapping"), vendor.mapping, form.mapping)
        options = self._model((place, "options"), vendor.options, form.options)
        pull = self._pull(place, form, vendor)
        held = self._held(place, form.pull or {} if pull is None else dict(pull), vendor)
        secrets = self._secrets(place, form, vendor, options)
        if len(self.problems) > before or mapping is None:
            return None
        return Source(form.name, vendor, secrets, mapping, form.public_url, form.limits, pull, held)

    def _pull(self, place: int, form: SourceForm, vendor: Vendor) -> Frozen | None:
        if vendor.pull is None:
            if form.pull is not None:
                self._wrong((place, "pull"), f"{form.kind} calls; nothing is fetched", "leave pull out")
            return None
        for name in ("secret_env", "verify_token_env", "public_url"):
            if getattr(form, name):
                self._wrong((place, name), f"{form.kind} is fetched; nobody calls", f"leave {name} out")
        return self._model((place, "pull"), vendor.pull, form.pull or {})

    def _held(self, place: int, pull: Mapping[str, Any], vendor: Vendor) -> dict[str, str]:
        """Return what the variables hold that ``pull`` names; its fields for them end in ``_env``.

        They are looked at in a ``pull`` of a bad shape, too; but not in a field that is wrong already.
        """
        wrong = {problem.at for problem in self.problems}
        named = {name: value for name, value in pull.items() if name.endswith("_env") and vendor.pull}
        return {
            value: self._variable((place, "pull", name), value).decode()
            for name, value in named.items()
            if isinstance(value, str) and ("sources", place, "pull", name) not in wrong
        }

    def _secrets(self, place: int, form: SourceForm, vendor: Vendor, options: object) -> Secrets:
        if not form.secret_env and vendor.secret not in ("bearer", "none"):
            self._wrong(
                (place, "secret_env"),
                f"{form.kind} signs its requests, and no secret is named",
                "name the environment variable that holds it: secret_env: [NAME]",
            )
        if vendor.secret == "verify_token" and form.verify_token_env is None:  # noqa: S105
            remedy = "name the environment variable that holds it: verify_token_env: NAME"
            self._wrong((place, "verify_token_env"), f"{form.kind} asks for a verify token", remedy)
        live, token = self._live(place, form)
        return Secrets(live, tuple(key_hash(one) for one in live), token, options)

    def _live(self, place: int, form: SourceForm) -> tuple[tuple[bytes, ...], bytes | None]:
        """Return the secrets and the verify token that the named variables hold."""
        live = tuple(self._variable((place, "secret_env"), name) for name in form.secret_env)
        named = form.verify_token_env
        return live, None if named is None else self._variable((place, "verify_token_env"), named)

    def _variable(self, at: tuple[int | str, ...], name: str) -> bytes:
        value = self._environment.get(name, "").encode("utf-8", "surrogateescape")
        if not value.strip():
            state = "is empty" if name in self._environment else "is not set"
            self._wrong(at, f"the environment variable {name} {state}", "set it to the secret")
        return value

    def _model(
        self, at: tuple[int | str, ...], model: type[Frozen], written: Mapping[str, Any]
    ) -> Frozen | None:
        try:
            return model.model_validate(written)
        except ValidationError as error:
            self.problems += self._misfits(at, model, error)
            return None

    def _misfits(
        self, at: tuple[int | str, ...], model: type[BaseModel], error: ValidationError
    ) -> Iterator[Problem]:
        node = self._node
        for step in ("sources", *at):
            node = node.child(step) or node
        for one in plain_errors(error, node, model):
            yield Problem(("sources", *at, *one.at), one.message, one.remedy)

    def _wrong(self, at: tuple[int | str, ...], message: str, remedy: str) -> None:
        self.problems.append(Problem(("sources", *at), message, remedy))
