"""What becomes of input that cannot be read: a dead letter with a typed reason and the remedy.

The original bytes are kept beside it. A dead letter is an output like the good one, never an exception. The
remedy is a sentence that says what to do. Nothing here decides; ``infra.wire`` and the sequencer do.
"""

from enum import StrEnum

from schemas.frozen import Frozen, Instant
from schemas.vocabulary import Name, Text


class DeadReason(StrEnum):
    """Why a record could not be taken."""

    NOT_JSON = "not_json"
    DUPLICATE_KEY = "duplicate_key"
    BAD_CHARACTERS = "bad_characters"
    NOT_FINITE = "not_finite"
    TOO_BIG_A_NUMBER = "too_big_a_number"
    TOO_DEEP = "too_deep"
    TOO_LARGE = "too_large"
    UNKNOWN_TYPE = "unknown_type"
    UNMAPPED = "unmapped"
    SCHEMA = "schema"
    BAD_INSTANT = "bad_instant"
    NO_IDENTITY = "no_identity"
    BAD_IDENTITY = "bad_identity"
    CURRENCY = "currency"
    ERASED = "erased"
    UNKNOWN_IMPORT = "unknown_import"
    BAD_AGREEMENT = "bad_agreement"
    NO_AGREEMENT = "no_agreement"
    NOT_MERGED = "not_merged"
    CONFLICTING_REPEAT = "conflicting_repeat"
    ROW = "row"
    ROW_DATE = "row_date"
    ROW_IDENTITY = "row_identity"
    ROW_VALUE = "row_value"


REMEDIES: dict[DeadReason, str] = {
    DeadReason.NOT_JSON: "send one JSON object, encoded in UTF-8",
    DeadReason.DUPLICATE_KEY: "send each key once",
    DeadReason.BAD_CHARACTERS: "take out NUL (\\u0000) and halves of characters (\\ud800 to \\udfff)",
    DeadReason.NOT_FINITE: "send null where there is no number",
    DeadReason.TOO_BIG_A_NUMBER: "send whole numbers within ±9223372036854775807, others within ±1e308",
    DeadReason.TOO_DEEP: "nest no deeper than 32 levels",
    DeadReason.TOO_LARGE: "send at most 256 kB a fact",
    DeadReason.UNKNOWN_TYPE: "use a type of the catalogue (relevo topics)",
    DeadReason.UNMAPPED: "name it in the source's mapping, then run relevo intake replay",
    DeadReason.SCHEMA: "correct the field that the detail names",
    DeadReason.BAD_INSTANT: "send an instant with its offset, between the years 1970 and 2100",
    DeadReason.NO_IDENTITY: "name the lead in data.subject: an e-mail, a phone, an external or anonymous id",
    DeadReason.BAD_IDENTITY: "correct the e-mail address or the phone number, or leave it out",
    DeadReason.CURRENCY: "send amounts in the agreement's currency; bring this one back with relevo dead fix",
    DeadReason.ERASED: "nothing: the person asked to be forgotten",
    DeadReason.UNKNOWN_IMPORT: "open the import first, with import_opened",
    DeadReason.BAD_AGREEMENT: "run relevo agreement check on the document",
    DeadReason.NO_AGREEMENT: "have an agreement signed (relevo agreement sign FILE), then resubmit it",
    DeadReason.NOT_MERGED: "name a lead that was merged, in data.fact.other",
    DeadReason.CONFLICTING_REPEAT: "say it under an id of its own if it is news; else discard it",
    DeadReason.ROW: "correct the row, or the mapping, and import the file again",
    DeadReason.ROW_DATE: "write the date as the detail shows, from 1970 to 2099, and import the file again",
    DeadReason.ROW_IDENTITY: "fill in a column that says whom the row is about, and import the file again",
    DeadReason.ROW_VALUE: "correct the cell that the detail names, and import the file again",
}
"""What to do about each reason."""

OF_ROWS = frozenset((DeadReason.ROW, DeadReason.ROW_DATE, DeadReason.ROW_IDENTITY, DeadReason.ROW_VALUE))
"""The reasons of a file's rows: no events, so they are corrected in their file and not resubmitted."""


class Closing(StrEnum):
    """Why nobody needs to look after a dead letter any more."""

    RESUBMITTED = "resubmitted"
    SUPERSEDED = "superseded"
    """The same row of a file was read since, corrected."""
    DISCARDED = "discarded"
    FORGOTTEN = "forgotten"
    """It was about somebody who asked to be forgotten."""


class DeadLetter(Frozen):
    """A record that could not be taken, and how to bring it back."""

    reason: DeadReason
    detail: Text
    """The path, the value and what was expected."""
    source: Name | None = None
    event_id: Name | None = None
    received_at: Instant | None = None

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return REMEDIES[self.reason]


class PublishedLetter(DeadLetter):
    """A dead letter as ``leads.dead`` carries it: with the bytes it was made of, and where they stood."""

    offset: int | None
    """Its place in the topic that it was read from."""
    original: str | None
    """The bytes as they were sent, in base64; null where they must not be kept."""
