"""``relevo clock``: one clock from options, with its proof; or a stream of them, a case a line.

No store is opened and nothing of it is imported, so that the answer is there at once.
"""

import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from services.cli.clock_hours import hours_text, read_hours
from services.cli.failures import FoundWrong, Refused
from services.cli.options import AgreementFile, Json, one_of
from services.cli.spans import Kind
from services.cli.terminal import instant_text, screen, tell, write_json, write_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from schemas.calendars import Allowance, BusinessCalendar
    from services.business_time import Pause
    from services.clock_cases import Source
    from services.clock_proof import ClockProof

_OFFICE = ("mon-fri=09:00-18:00",)
"""What is open where nobody says."""
_ALLOWANCE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(min|m|h|d)?")
_MINUTES = {None: 1, "m": 1, "min": 1, "h": 60, "d": 24 * 60}

Opening = Annotated[
    list[str] | None,
    typer.Option(
        "--open",
        metavar="DAYS=HOURS",
        help="When it is open, like mon-fri=09:00-13:00,14:00-18:00; say it again for more. Default: "
        "mon-fri=09:00-18:00.",
    ),
]
Allowed = Annotated[
    str,
    typer.Option(
        metavar="TIME",
        help="What is granted: 240 (minutes), 90min, 4h, 2d. A day is 24 hours of what is counted: for two "
        "working days of eight hours write 16h.",
    ),
]
Counted = Annotated[
    Kind,
    typer.Option(
        parser=one_of(*get_args(Kind)),
        metavar="business|elapsed|calendar",
        help="What counts: opening hours, all time, or whole days to the same time on the wall.",
    ),
]


def clock(
    *,
    start: Annotated[str, typer.Option(metavar="INSTANT", help="When it starts; default: now.")] = "",
    allowance: Allowed = "",
    kind: Counted = "business",
    zone: Annotated[str, typer.Option(metavar="NAME", help="The zone of the opening hours.")] = "UTC",
    opening: Opening = None,
    holiday: Annotated[
        list[str] | None,
        typer.Option(metavar="DAY", help="A day on which nothing opens; say it again for more."),
    ] = None,
    pause: Annotated[
        list[str] | None,
        typer.Option(metavar="FROM/TO", help="When the clock stands; no end: until further notice."),
    ] = None,
    agreement: AgreementFile = None,
    calendar: Annotated[
        str, typer.Option(metavar="NAME", help="Take the opening hours of this calendar of --agreement.")
    ] = "",
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="Read a case a line on standard input, write a result a line.")
    ] = False,
    json: Json = False,
) -> None:
    """Say when a clock is due, and prove it: the open, closed and paused stretches that add up.

    With --jsonl each line of standard input is a case, like
    {"id": 1, "time_zone": "Europe/Madrid", "week": {"mon": [["09:00", "13:00"], ["14:00", "18:00"]]},
    "holidays": ["2026-12-25"], "start": "2026-03-02T08:30:00Z", "allowance_minutes": 240,
    "pauses": [["2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z"]]}
    (on one line), and each gets a line, {"id": 1, "due_at": "2026-03-02T14:30:00Z"} or
    {"id": 1, "error": "no_working_time"}.

    Example: relevo clock --start 2026-03-06T16:30:00Z --allowance 4h --zone Europe/Madrid --open
    mon-fri=09:00-14:00,15:00-18:00 --holiday 2026-03-09
    """
    if jsonl:
        _serve()
        return
    if not allowance:
        raise Refused("a clock needs --allowance, like 4h (relevo clock --help shows an example)")
    office = _named(agreement, calendar) if calendar else read_hours(zone, opening or _OFFICE, holiday or ())
    pauses = tuple(_pause(text) for text in pause or ())
    granted = _granted(allowance, kind)
    _answer(_instant(start) if start else _now(), granted, office, pauses, json=json)
    if not json:
        _mention(allowance, granted, office, assumed=not (opening or calendar))


def _mention(text: str, granted: "Allowance", office: "BusinessCalendar", *, assumed: bool) -> None:
    """Say what was taken for granted."""
    if granted.kind != "business":
        return
    if text.strip().endswith("d"):
        tell(
            f"{text} of working time are {granted.minutes / 60:g} open hours, because a working day has no "
            "fixed length; for two days of eight hours write 16h."
        )
    if assumed:
        tell(f"Nobody named opening hours: {_OFFICE[0]} in {office.time_zone} is assumed (--open, --zone).")


def _serve() -> None:
    from services.clock_cases import serve

    tally = serve(cast("Source", sys.stdin.buffer), sys.stdout)
    if sys.stderr.isatty():
        tell(
            f"{tally.due_count:,} due, {tally.no_working_time_count:,} without working time, "
            f"{tally.refused_count:,} unreadable."
        )


def _answer(
    start: datetime,
    allowance: "Allowance",
    calendar: "BusinessCalendar",
    pauses: "Sequence[Pause]",
    *,
    json: bool,
) -> None:
    from services.business_time import NoDeadline, NoWorkingTime
    from services.clock_proof import proof

    try:
        found = proof(start, allowance, calendar, pauses)
    except NoWorkingTime as error:
        if json:
            write_json({"error": "no_working_time"})
        raise FoundWrong("nothing opens within 366 days; look at --open, --holiday and --pause") from error
    except NoDeadline as error:
        raise FoundWrong(str(error)) from error
    except ValueError as error:
        raise Refused(str(error)) from error
    if json:
        write_json(proof_json(found, allowance.kind, calendar))
    else:
        _explain(found, allowance, calendar)


def _explain(found: "ClockProof", allowance: "Allowance", calendar: "BusinessCalendar") -> None:
    """Say when it is due, what was granted and which hours count; then prove it."""
    from services.cli.spans import granted

    if found.due_at is not None:
        write_line(f"Due at {_local(found.due_at, found)} ({instant_text(found.due_at)}).")
    write_line(f"Granted: {granted(found.granted.total_seconds(), allowance.kind)}.")
    if allowance.kind == "business":
        write_line(f"Open: {hours_text(calendar)}, in {calendar.time_zone}.")
    if found.segments:
        write_line()
        screen().print(_proof(found, allowance.kind))
    else:
        write_line("There is nothing to count: a clock that is granted nothing is due when it starts.")


def _proof(found: "ClockProof", kind: Kind) -> "Table":
    from services.cli.proof_drawing import Piece, proof_table
    from services.cli.spans import exactly, granted
    from services.cli.wall import Wall

    wall = Wall(found.time_zone)
    drawn = proof_table("The proof", [Piece(one, wall, kind, found.calendar_name) for one in found.segments])
    used, all_of_it = found.used.total_seconds(), found.granted.total_seconds()
    drawn.caption = (
        f"{exactly(used, kind)} of {granted(all_of_it, kind)} used; tz database {found.tz_database_version}"
    )
    drawn.caption_justify = "left"
    return drawn


def proof_json(found: "ClockProof", kind: Kind, calendar: "BusinessCalendar") -> dict[str, object]:
    """Return a proof as JSON shows it; ``week`` and ``holidays`` are null where they do not matter."""
    hours = calendar.model_dump(mode="json") if kind == "business" else {}
    return {
        "started_at": instant_text(found.started_at),
        "due_at": found.due_at and instant_text(found.due_at),
        "kind": kind,
        "granted_seconds": found.granted.total_seconds(),
        "used_seconds": found.used.total_seconds(),
        "time_zone": found.time_zone,
        "week": hours.get("week"),
        "holidays": hours.get("holidays"),
        "calendar": found.calendar_name,
        "calendar_version": found.calendar_version,
        "tz_database_version": found.tz_database_version,
        "segments": [
            {
                "kind": one.kind.value,
                "from": instant_text(one.began_at),
                "to": instant_text(one.ended_at),
                "seconds": one.duration.total_seconds(),
                "holiday": one.holiday and one.holiday.isoformat(),
            }
            for one in found.segments
        ],
    }


def _local(at: datetime, found: "ClockProof") -> str:
    from services.zones import zone_info

    return at.astimezone(zone_info(found.time_zone)).strftime("%a %Y-%m-%d %H:%M:%S")


def _now() -> datetime:
    from infra.time_source import system_time

    return system_time().replace(microsecond=0)


def _instant(text: str) -> datetime:
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused(f"{text!r} is no instant; write it like 2026-03-02T08:30:00Z") from error
    if read.tzinfo is None:
        raise Refused(f"{text!r} has no offset; write it like {text}Z or {text}+01:00")
    return read.astimezone(UTC)


def _granted(text: str, kind: Kind) -> "Allowance":
    from schemas.calendars import MAX_MINUTES, BusinessAllowance, CalendarAllowance, ElapsedAllowance

    found = _ALLOWANCE.fullmatch(text.strip())
    if found is None:
        raise Refused(f"{text!r} is no allowance; write 240 (minutes), 90min, 4h or 2d")
    minutes = float(found[1]) * _MINUTES[found[2]]
    if minutes > MAX_MINUTES:
        raise Refused(f"--allowance {text[:60]} is too long; write {MAX_MINUTES // _MINUTES['d']}d or less")
    if kind == "calendar":
        return CalendarAllowance(days=_whole_days(text, minutes))
    try:
        return BusinessAllowance(minutes=minutes) if kind == "business" else ElapsedAllowance(minutes=minutes)
    except ValueError as error:
        raise Refused(f"--allowance {text[:60]} is no whole number of seconds; round it") from error


def _whole_days(text: str, minutes: float) -> int:
    days, rest = divmod(minutes, 24 * 60)
    if rest:
        raise Refused(f"{text!r} are no whole days; calendar days are written like 2d")
    return int(days)


def _pause(text: str) -> "Pause":
    begins, _, ends = text.partition("/")
    return _instant(begins), _instant(ends) if ends else None


def _named(file: Path | None, name: str) -> "BusinessCalendar":
    from services.agreement.loader import default, load

    found = load(file) if file is not None else default()
    if name not in found.calendars:
        raise Refused(f"--calendar {name}: the agreement has {', '.join(found.calendars)}")
    return found.calendars[name].model_copy(update={"name": name})
