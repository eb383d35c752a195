"""From originals to facts: the one way for what has just arrived, what a crash left, and what is replayed.

An original is read by its kind with the mapping that was in force when it came. What it comes to is judged
once more for all vendors alike: a fact needs somebody to be about, and facts about the line itself are not
for tools to say. A bug in a vendor's file becomes dead letters, never a lost request or a stopped reader.
"""

import json
from collections.abc import Mapping, Sequence

from infra.arrivals import MadeFact, MadeLetter, Original
from infra.json_text import JsonRefused
from infra.keyring import event_key, name_key
from infra.store.originals import KeptOriginal
from infra.wire import write_fact
from schemas.dead_letters import DeadLetter, DeadReason
from schemas.facts import AgreementSigned, FactEvent, Heartbeat, ImportClosed, ImportOpened
from schemas.frozen import Frozen
from services.intake.compression import BadEncoding, TooMuch, decompressed
from services.intake.findings import content_id, names_somebody
from services.intake.request import Request
from services.intake.vendor import Reading, Unfit, Vendor

MOST_BODY_BYTES = 16 * 1024 * 1024
"""What the limits of a source may say at most."""

_BUGS = (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What a vendor's file raises on input that its author had not thought of."""


class Reader:
    """Reads originals.

    Args:
        vendors: Every vendor by its kind.
        documents: Mapping documents by digest; more may be added while it reads.
    """

    def __init__(self, vendors: Mapping[str, Vendor], documents: Mapping[str, str]) -> None:
        self._vendors = vendors
        self._documents = documents
        self._mappings: dict[str, Frozen] = {}

    def make(self, kept: Sequence[KeptOriginal]) -> tuple[list[MadeFact], list[MadeLetter]]:
        """Make facts and dead letters of originals."""
        facts: list[MadeFact] = []
        dead: list[MadeLetter] = []
        for one in kept:
            reading = self.read(one.original)
            facts += [MadeFact(one.id, event_key(event), write_fact(event)) for event in reading.facts]
            dead += [_letter(one, part) for part in reading.unfit]
        return facts, dead

    def read(self, original: Original, mapping: Frozen | None = None) -> Reading:
        """Read one original.

        Args:
            original: As it was kept.
            mapping: What to read it with; None: what was in force when it came.
        """
        vendor = self._vendors.get(original.kind)
        if vendor is None:
            return _unreadable(original, f"no kind is called {original.kind!r} in this version")
        try:
            request = request_of(original)
            return _judged(read(vendor, request, mapping or self._mapping(original, vendor)))
        except (BadEncoding, TooMuch) as error:
            return Reading(unfit=(Unfit(DeadReason.NOT_JSON, str(error), original.body),))
        except _BUGS as error:
            return _unreadable(original, f"{original.kind} could not be read: {type(error).__name__}")

    def is_for(self, digest: str, vendor: Vendor) -> bool:
        """Say whether a mapping is one of a vendor's."""
        return bool(json.loads(self._documents[digest])["kind"] == vendor.kind)

    def _mapping(self, original: Original, vendor: Vendor) -> Frozen:
        found = self._mappings.get(original.mapping)
        if found is None:
            document = json.loads(self._documents[original.mapping])
            found = self._mappings[original.mapping] = vendor.mapping.model_validate(document["mapping"])
        return found


def read(vendor: Vendor, request: Request, mapping: Frozen) -> Reading:
    """Return what a vendor reads in a request; content that is no JSON at all is one dead letter."""
    try:
        return vendor.facts(request, mapping)
    except JsonRefused as error:
        return Reading(unfit=(Unfit(error.reason, error.detail, request.content),))


def request_of(original: Original) -> Request:
    """Return an original as vendors see it.

    Raises:
        BadEncoding: Its compression cannot be undone.
        TooMuch: Decompressed it is larger than any source may send.
    """
    encoding = next((value for name, value in original.headers if name == "content-encoding"), None)
    return Request(
        original.source,
        original.method,
        original.target,
        original.headers,
        original.body,
        decompressed(original.body, encoding, MOST_BODY_BYTES),
        original.received_at,
    )


def _judged(reading: Reading) -> Reading:
    """Put aside what no tool may say, and what is about nobody."""
    wrong = [problem for event in reading.facts if (problem := _problem(event)) is not None]
    if not wrong:
        return reading
    good = tuple(event for event in reading.facts if _problem(event) is None)
    return Reading(good, (*reading.unfit, *wrong), reading.ignored_count)


def _problem(event: FactEvent) -> Unfit | None:
    fact = event.data.fact
    if isinstance(fact, AgreementSigned | Heartbeat):
        detail = f"type: {event.type!r} is for Relevo itself to say"
        return Unfit(DeadReason.UNKNOWN_TYPE, detail, write_fact(event), event.id)
    if isinstance(fact, ImportOpened | ImportClosed) or names_somebody(event):
        return None
    return Unfit(DeadReason.NO_IDENTITY, "data.subject: nobody is named", write_fact(event), event.id)


def _unreadable(original: Original, detail: str) -> Reading:
    return Reading(unfit=(Unfit(DeadReason.SCHEMA, detail, original.body),))


def _letter(kept: KeptOriginal, part: Unfit) -> MadeLetter:
    """Return a part as a dead letter; one without an id is known by its content."""
    source = kept.original.source
    event_id = (part.event_id or content_id(source, part.original))[:128]
    letter = DeadLetter(reason=part.reason, detail=part.detail[:2048], source=source, event_id=event_id)
    return MadeLetter(kept.id, name_key(source, event_id), letter, part.original)
