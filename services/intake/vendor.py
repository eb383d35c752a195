"""What a vendor is to the front door: two pure functions, and a declaration.

``authenticate`` looks at raw bytes and says whether the vendor's secret made them; it parses nothing.
``facts`` reads an authentic request and says what it comes to; it knows no secret, no clock and no store, so
that an original can be read again. Everything else about a vendor is data: how it wants to be answered, how
large its requests may be, what its mapping may say. A vendor is one file in ``services/intake/vendors`` with
a ``VENDOR``, and one folder of recorded requests in ``tests/services/intake/recorded``; nothing else changes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import StringConstraints

from schemas.dead_letters import DeadReason
from schemas.facts import FactEvent
from schemas.frozen import Frozen
from schemas.records import record
from services.intake.request import Request

EnvName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
"""The name of an environment variable that holds a secret."""


class Authenticity(StrEnum):
    """What looking at a request's signature comes to."""

    AUTHENTIC = "authentic"
    MISSING = "missing"
    """There is no signature (or key) where the vendor puts it."""
    WRONG = "wrong"
    """The signature is not one that a live secret makes."""
    STALE = "stale"
    """The signature is right and too old, from too far ahead, or its timestamp is none."""
    MALFORMED = "malformed"
    """The key stands in a body that cannot be read: answered with 400."""


@record(frozen=True, slots=True)
class Verdict:
    """Whether a request is authentic, and by what.

    ``by`` names the scheme and which of the live secrets it was, for people: ``v3 signature, secret 2``.
    """

    authenticity: Authenticity
    by: str = ""

    @property
    def is_authentic(self) -> bool:
        """Whether it is."""
        return self.authenticity is Authenticity.AUTHENTIC


MISSING = Verdict(Authenticity.MISSING)
WRONG = Verdict(Authenticity.WRONG)
STALE = Verdict(Authenticity.STALE)
MALFORMED = Verdict(Authenticity.MALFORMED)


@dataclass(frozen=True, slots=True)
class Secrets:
    """What a source's requests are authenticated with.

    Attributes:
        live: The secrets, the newest first; never empty, none of them empty, unless the kind has none.
        key_hashes: SHA-256 of the bearer keys that open the source, those of ``live`` among them.
        verify_token: Meta's.
        options: What ``sources.yaml`` says under ``options``; the vendor's own model.
    """

    live: tuple[bytes, ...] = field(default=(), repr=False)
    key_hashes: tuple[bytes, ...] = field(default=(), repr=False)
    verify_token: bytes | None = field(default=None, repr=False)
    options: Any = None


@dataclass(frozen=True, slots=True)
class Unfit:
    """A part of a request that is no fact: it becomes a dead letter, and what is beside it is taken.

    Attributes:
        reason: ``UNMAPPED`` where the mapping lacks a name, ``SCHEMA`` where a value is not what it should
            be, and so on.
        detail: The path, the value (never personal data) and what was expected.
        original: The bytes of the part.
        event_id: What a repeat of it is known by, if it has such a thing.
    """

    reason: DeadReason
    detail: str
    original: bytes
    event_id: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a request comes to: facts, parts that are none, and how many parts are of no interest."""

    facts: tuple[FactEvent, ...] = ()
    unfit: tuple[Unfit, ...] = ()
    ignored_count: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer other than the usual ones: of a handshake, say."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Answers:
    """How a vendor's own client wants to be answered.

    Attributes:
        taken: The status once the log has the request; dead letters included.
        body: The body with it.
    """

    taken: Literal[200, 202] = 202
    body: bytes = b'{"status":"accepted"}'


class NoMapping(Frozen):
    """The mapping of a vendor that needs none."""


class NoOptions(Frozen):
    """The options of a vendor that has none."""


def _strong(_: object) -> str:
    return ""


Authenticate = Callable[[Request, Secrets, datetime], Verdict]


@dataclass(frozen=True, slots=True)
class Handshake:
    """A question that a vendor asks before it sends, with a method of its own.

    Attributes:
        answer: ``(request, secrets) -> Answer``, pure.
        summary: Who asks what, in one line.
        asks: The names of the values of the query, or of the headers, that the question stands in.
        asks_in: Where they stand.
        says: What each status means.
        media_type: Of what is said with 200; blank for nothing.
        headers: The headers that are said with it.
    """

    answer: Callable[[Request, Secrets], Answer]
    summary: str
    asks: tuple[str, ...]
    asks_in: Literal["query", "header"]
    says: Mapping[int, str]
    media_type: str = ""
    headers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Vendor:
    """One kind of source.

    Attributes:
        kind: As ``sources.yaml`` names it; the file is called the same.
        authenticate: ``(request, secrets, now) -> Verdict``, on raw bytes, in constant time.
        facts: ``(request, mapping) -> Reading``, pure. It lets ``JsonRefused`` through: content that is no
            JSON at all is the same dead letter for every vendor (``reading.py``).
        mapping: The model of the source's ``mapping:``, with sensible defaults.
        options: The model of the source's ``options:``.
        weakness: Says in a few words what a source with these options believes although it need not; blank
            for nothing. ``relevo doctor`` shows it.
        answers: What a taken request is answered with.
        body_bytes: How large a body may be, on the wire and decompressed.
        secret: What a source needs: ``required`` (``secret_env``), ``bearer`` (``secret_env`` or a key made
            with ``relevo sources key create``), ``verify_token`` (both secrets and a verify token), or
            ``none``: nobody calls.
        sdk: Whether it speaks the Segment SDKs' routes instead of a hook's.
        signed_in: The headers that a request's signature may stand in; none: it carries a bearer key, or one
            of ``keys_in_body``.
        handshakes: Other methods that the hook answers by itself (Meta's ``GET``), by method.
        keys_in_body: Names whose values in the body are keys: they are not kept (``redacting.py``).
        signs_url: Whether the signature covers the public URL, so that ``public_url`` matters.
        pull: The model of the source's ``pull:`` where Relevo fetches instead of being called; such a source
            has no hook.
    """

    kind: str
    authenticate: Authenticate
    facts: Callable[[Request, Any], Reading]
    mapping: type[Frozen] = NoMapping
    options: type[Frozen] = NoOptions
    weakness: Callable[[Any], str] = _strong
    answers: Answers = Answers()
    body_bytes: int = 256 * 1024
    secret: Literal["required", "bearer", "verify_token", "none"] = "required"  # noqa: S105 - what is needed
    sdk: bool = False
    signed_in: tuple[str, ...] = ()
    handshakes: Mapping[str, Handshake] = field(default_factory=dict)
    keys_in_body: tuple[str, ...] = ()
    signs_url: bool = False
    pull: type[Frozen] | None = None
