"""What stands behind ``relevo clock --jsonl``: a case a line in, a result a line out.

A case is a calendar with a clock in it::

    {"id": 1, "time_zone": "Europe/Madrid", "week": {"mon": [["09:00", "13:00"], ["14:00", "18:00"]]},
     "holidays": ["2026-12-25"], "start": "2026-03-02T08:30:00Z", "allowance_minutes": 240,
     "pauses": [["2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z"]]}

and its result is ``{"id": 1, "due_at": "2026-03-02T14:30:00Z"}``, or, when nothing opens within 366 days,
``{"id": 1, "error": "no_working_time"}``. A line that cannot be read gets an error that says where and what
to do, and the next line is read: every line in has its line out, and memory does not grow with the input.
"""

import json
import re
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Protocol, TextIO

from pydantic import PlainValidator, StrictInt, StrictStr, ValidationError

from infra.plain_errors import PlainValue, plain_errors
from schemas.calendars import BusinessCalendar, Minutes
from services.business_time import BeyondTime, NoWorkingTime, due_within
from services.opening_hours import OpeningHours

MAX_LINE_BYTES = 1 << 20
"""A longer line is refused unread; a case with ten years of holidays is a hundredth of it."""

_CHUNK_BYTES = 1 << 16
_SHOWN_ERRORS = 3
_EXAMINED_ERRORS = 100
"""The rest of what pydantic finds is counted only: a line has room for 200,000 wrong holidays."""
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](Z|[+-][0-9]{2}:[0-9]{2})"
)


def _instant(text: object) -> datetime:
    if not isinstance(text, str) or not _INSTANT.fullmatch(text):
        raise ValueError("not an instant; write it as text in whole seconds, like '2026-03-02T08:30:00Z'")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError as error:  # 30 February, an offset of 99 hours
        raise ValueError(f"{text!r} is no instant that exists; write a real date and offset") from error
    except OverflowError as error:
        raise ValueError("outside the years 1 to 9999 in UTC; write a real date") from error


CaseInstant = Annotated[datetime, PlainValidator(_instant)]


class ClockCase(BusinessCalendar):
    """One line: a calendar, and the clock to run in it."""

    id: StrictStr | StrictInt
    start: CaseInstant
    allowance_minutes: Minutes
    pauses: tuple[tuple[CaseInstant, CaseInstant], ...] = ()


class Outcome(StrEnum):
    """What became of a line."""

    DUE = "due"
    NO_WORKING_TIME = "no_working_time"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Tally:
    """How many lines came to what."""

    due_count: int
    no_working_time_count: int
    refused_count: int


class Source(Protocol):
    """Bytes as they come: ``sys.stdin.buffer``, a pipe, an open file."""

    def read1(self, size: int, /) -> bytes:
        """Return what there is, at most so much; wait only when there is nothing; ``b""`` at the end."""
        ...


def serve(source: Source, sink: TextIO) -> Tally:
    """Answer every line of a stream; whatever is answered is flushed before more input is waited for.

    Args:
        source: Cases, a line each, UTF-8.
        sink: Where results go, a line each, in the order of the cases; ASCII only.

    Returns:
        The tally of all lines, at the end of the stream.
    """
    return run(_lines(source, sink.flush), sink.write)


def run(lines: Iterable[bytes], write: Callable[[str], object]) -> Tally:
    """Answer every line, in order; a result is one call of ``write``, with its line end."""
    counts: Counter[Outcome] = Counter()
    for line in lines:
        result, outcome = answer(line)
        write(result + "\n")
        counts[outcome] += 1
    return Tally(
        due_count=counts[Outcome.DUE],
        no_working_time_count=counts[Outcome.NO_WORKING_TIME],
        refused_count=counts[Outcome.REFUSED],
    )


def answer(line: bytes) -> tuple[str, Outcome]:
    """Return the result for one line, as JSON without a line end, and what became of it. Never raises."""
    case_id: str | int | None = None
    try:
        document = _document(line)
        case_id = _case_id(document)
        due_at = _due_at(_case(document))
    except NoWorkingTime:
        return _error(case_id, Outcome.NO_WORKING_TIME), Outcome.NO_WORKING_TIME
    except RecursionError:
        return _error(case_id, "nested too deeply; a case has three levels"), Outcome.REFUSED
    except (ValueError, BeyondTime) as error:
        return _error(_id_within(line) if case_id is None else case_id, str(error)), Outcome.REFUSED
    return f'{{"id": {json.dumps(case_id)}, "due_at": "{due_at.isoformat()[:19]}Z"}}', Outcome.DUE


def _case(document: dict[str, object]) -> ClockCase:
    try:
        return ClockCase.model_validate(document)
    except ValidationError as error:
        raise ValueError(_sentence(error, document)) from error


def _due_at(case: ClockCase) -> datetime:
    # Straight to the opening hours: calendars kept for the next case would be memory that the input grows.
    hours = OpeningHours(case.time_zone, case.week.items(), case.holidays)
    allowance = timedelta(seconds=round(case.allowance_minutes * 60))
    return due_within(hours, case.start, allowance, case.pauses)


def _document(line: bytes) -> dict[str, object]:
    if len(line) > MAX_LINE_BYTES:
        raise ValueError(f"longer than {MAX_LINE_BYTES} bytes; write a case a line")
    try:
        document = _DECODER.decode(line.removeprefix(BOM_UTF8).decode())
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 at byte {error.start}; send UTF-8") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} at character {error.pos + 1}") from error
    if not isinstance(document, dict):
        raise ValueError("not a JSON object; a case is {...}")
    return document


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    document = dict(pairs)
    if len(document) < len(pairs):
        key = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        raise ValueError(f"{key[:60]!r} is given twice; say it once")
    return document


def _integer(digits: str) -> int:
    if len(digits) > 20:
        raise ValueError(f"a number of {len(digits)} digits; the longest here has 20")
    return int(digits)


def _constant(name: str) -> object:
    raise ValueError(f"not JSON: {name} is no number; write digits")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_int=_integer, parse_constant=_constant)


_PAIRS = json.JSONDecoder(object_pairs_hook=tuple)


def _id_within(line: bytes) -> str | int | None:
    """Return the id of a line that is nearly JSON (it holds NaN, say), so that who asked finds the answer."""
    try:
        pairs = _PAIRS.decode(line[:MAX_LINE_BYTES].removeprefix(BOM_UTF8).decode())
    except (ValueError, RecursionError):
        return None
    named = [value for key, value in pairs if key == "id"] if isinstance(pairs, tuple) else []
    return _case_id({"id": named[0]}) if len(named) == 1 else None


def _case_id(document: dict[str, object]) -> str | int | None:
    found = document.get("id")
    return found if isinstance(found, str | int) and not isinstance(found, bool) else None


def _sentence(error: ValidationError, document: dict[str, object]) -> str:
    """Return the first few errors, each with its path, as one line."""
    errors = plain_errors(error, PlainValue(document), ClockCase, most=_EXAMINED_ERRORS)
    said = [
        f"{'.'.join(map(str, each.at))}: {each.message}; {each.remedy}" for each in errors[:_SHOWN_ERRORS]
    ]
    more = len(errors) - len(said) + max(0, error.error_count() - _EXAMINED_ERRORS)
    return "; ".join([*said, f"and {more} more"] if more else said)


def _error(case_id: str | int | None, text: str) -> str:
    return json.dumps({"id": case_id, "error": text})


def _lines(source: Source, before_waiting: Callable[[], object]) -> Iterator[bytes]:
    """Yield a stream's lines without their ends; of a line that is too long, just enough to see it."""
    rest = b""
    while chunk := _next_chunk(source, before_waiting):
        *whole, rest = (rest + chunk).split(b"\n")
        yield from whole
        rest = rest[: MAX_LINE_BYTES + 1]
    if rest:
        yield rest


def _next_chunk(source: Source, before_waiting: Callable[[], object]) -> bytes:
    before_waiting()
    return source.read1(_CHUNK_BYTES)
