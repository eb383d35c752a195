"""Speed of ``relevo clock --jsonl`` and of one deadline, over random but believable cases.

Every case has a calendar of its own, as in a stranger's file: five or six days, a lunch break more often than
not, up to a year of holidays, a pause or two, an allowance from half an hour to ten working days, in twelve
zones, anywhere in ten years. Seeded, so that two runs measure the same work. It runs alone, too:
``python -m tests.bench.clock``.
"""

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from time import perf_counter
from typing import Any

from schemas.calendars import BusinessCalendar
from services.business_time import due_at, open_time
from services.clock_cases import run

CASES = 20_000
ZONES = (
    "Africa/Cairo",
    "America/Bogota",
    "America/New_York",
    "America/Sao_Paulo",
    "Asia/Kolkata",
    "Asia/Tokyo",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Europe/London",
    "Europe/Madrid",
    "Pacific/Apia",
    "Pacific/Auckland",
)
ALLOWANCES = (30, 60, 240, 480, 960, 2400, 4800)


def time_of_day(minute: int) -> str:
    """Return HH:MM."""
    return f"{minute // 60:02}:{minute % 60:02}"


def openings(chance: random.Random) -> list[list[str]]:
    """Return a day: eight hours, with an hour for lunch seven times in ten."""
    start = chance.randrange(420, 600, 15)
    ends = [240, 300, 540] if chance.random() < 0.7 else [480]
    times = [time_of_day(start + minutes) for minutes in (0, *ends)]
    return [times[at : at + 2] for at in range(0, len(times), 2)]


def case(chance: random.Random, number: int) -> dict[str, Any]:
    """Return a case as ``relevo clock --jsonl`` reads it."""
    start = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=chance.randrange(10 * 365 * 86_400))
    days = ("mon", "tue", "wed", "thu", "fri", "sat")[: chance.choice([5, 5, 5, 6])]
    dates = chance.sample(range(400), chance.choice([0, 0, 2, 10, 14]))
    paused = [
        start + timedelta(seconds=chance.randrange(-86_400, 432_000))
        for _ in range(chance.choice([0, 0, 0, 1, 2]))
    ]
    return {
        "id": f"case-{number}",
        "time_zone": chance.choice(ZONES),
        "week": {day: openings(chance) for day in days},
        "holidays": [str(start.replace(month=1, day=1).date() + timedelta(days=day)) for day in dates],
        "start": f"{start:%Y-%m-%dT%H:%M:%SZ}",
        "allowance_minutes": chance.choice(ALLOWANCES),
        "pauses": [
            [f"{since:%Y-%m-%dT%H:%M:%SZ}", f"{since + timedelta(hours=6):%Y-%m-%dT%H:%M:%SZ}"]
            for since in paused
        ],
    }


def seconds(work: Callable[[], object], repeats: int) -> float:
    """Return the shortest time that the work took."""
    taken = []
    for _ in range(repeats):
        began = perf_counter()
        work()
        taken.append(perf_counter() - began)
    return min(taken)


def cases_per_second() -> float:
    """Return how many cases a second one process reads, computes and writes, from bytes to text."""
    chance = random.Random(20_260_302)
    lines = [json.dumps(case(chance, number)).encode() for number in range(CASES)]
    written: list[str] = []
    return CASES / seconds(lambda: run(lines, written.append), 3)


def microseconds_by_working_days() -> dict[int, tuple[float, float]]:
    """Return, by working days granted, the microseconds for the deadline and for the time up to it."""
    office = BusinessCalendar.model_validate(
        {
            "time_zone": "Europe/Madrid",
            "week": {
                day: [["09:00", "13:00"], ["14:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")
            },
            "holidays": [
                f"{year}-{day}" for year in range(2026, 2046) for day in ("01-01", "01-06", "05-01", "12-25")
            ],
        }
    )
    start = datetime(2026, 3, 2, 8, tzinfo=UTC)
    found = {}
    for days in (1, 10, 100, 1000):
        granted = timedelta(hours=8 * days)
        due = due_at(start, granted, office)
        deadline = seconds(partial(due_at, start, granted, office), 20)
        used = seconds(partial(open_time, start, due, office), 20)
        found[days] = deadline * 1e6, used * 1e6
    return found


def main() -> None:
    """Print the figures."""
    print(f"clock --jsonl: {cases_per_second():,.0f} cases/s ({CASES:,} cases, a calendar each, one process)")
    for days, (deadline, used) in microseconds_by_working_days().items():
        print(f"{days:>5} working days: deadline {deadline:,.0f} µs, time used {used:,.0f} µs")


if __name__ == "__main__":
    main()
