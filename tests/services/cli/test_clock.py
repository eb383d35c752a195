"""``relevo clock``: a deadline from options, proven; and a stream of cases."""

import json

import pytest

from tests.services.cli.conftest import Relevo

MADRID = ("--zone", "Europe/Madrid", "--open", "mon-fri=09:00-14:00,15:00-18:00")
FRIDAY = ("--start", "2026-03-06T16:30:00Z")


def test_a_clock_is_due_when_its_open_time_is_used_and_proves_it(relevo: Relevo) -> None:
    found = relevo("clock", *FRIDAY, *MADRID, "--allowance", "4h", "--holiday", "2026-03-09", "--json").json
    assert found["due_at"] == "2026-03-10T11:30:00Z"
    assert found["granted_seconds"] == found["used_seconds"] == 4 * 3600
    assert sum(one["seconds"] for one in found["segments"] if one["kind"] == "open") == 4 * 3600
    assert {one["holiday"] for one in found["segments"] if one["holiday"]} == {"2026-03-09"}
    ends = [one["to"] for one in found["segments"]]
    assert [one["from"] for one in found["segments"]] == ["2026-03-06T16:30:00Z", *ends[:-1]]


def test_a_pause_puts_it_off(relevo: Relevo) -> None:
    pause = ("--pause", "2026-03-06T16:40:00Z/2026-03-06T16:50:00Z")
    found = relevo("clock", *FRIDAY, *MADRID, "--allowance", "20min", *pause, "--json").json
    assert found["due_at"] == "2026-03-06T17:00:00Z"
    assert [one["kind"] for one in found["segments"]] == ["open", "paused", "open"]


@pytest.mark.parametrize(
    ("arguments", "due_at"),
    [
        (("--allowance", "90"), "2026-03-09T09:00:00Z"),
        (("--allowance", "90m"), "2026-03-09T09:00:00Z"),
        (("--allowance", "1.5h"), "2026-03-09T09:00:00Z"),
        (("--allowance", "2h", "--kind", "elapsed"), "2026-03-06T18:30:00Z"),
        (("--allowance", "2d", "--kind", "calendar"), "2026-03-08T16:30:00Z"),
        (("--allowance", "4h", "--open", "sat=22:00-02:00"), "2026-03-08T01:00:00Z"),
    ],
)
def test_allowances_are_written_as_people_write_them(
    relevo: Relevo, arguments: tuple[str, ...], due_at: str
) -> None:
    openings = () if "--open" in arguments else MADRID[2:]
    found = relevo("clock", *FRIDAY, "--zone", "Europe/Madrid", *openings, *arguments, "--json").json
    assert found["due_at"] == due_at


def test_the_proof_is_drawn(relevo: Relevo) -> None:
    ran = relevo("clock", *FRIDAY, *MADRID, "--allowance", "4h")
    assert ran.out.startswith("Due at Mon 2026-03-09 12:30:00 (2026-03-09T11:30:00Z).")
    assert "30 min" in ran.out
    assert "The proof (times in Europe/Madrid)" in ran.out
    assert "4 h of 4 h of working time used; tz database" in ran.out


def test_the_time_is_named_by_the_clocks_kind(relevo: Relevo) -> None:
    across = ("--start", "2026-10-20T10:00:00Z", "--zone", "Europe/Madrid")
    ran = relevo("clock", *across, "--kind", "calendar", "--allowance", "15d")
    assert "Granted: 15 calendar days (here 15 d 1 h)." in ran.out
    assert "2026-10-20 12:00 +02:00   2026-11-04 12:00 +01:00   runs" in ran.out
    assert "open" not in ran.out.lower()
    assert "elapsed time" in relevo("clock", *across, "--kind", "elapsed", "--allowance", "2h").out


def test_what_is_taken_for_granted_is_said(relevo: Relevo) -> None:
    ran = relevo("clock", *FRIDAY, "--allowance", "2d")
    assert "2d of working time are 48 open hours, because a working day has no fixed length" in ran.err
    assert "Nobody named opening hours: mon-fri=09:00-18:00 in UTC is assumed" in ran.err
    assert "Granted: 48 h of working time.\nOpen: mon-fri=09:00-18:00, in UTC." in ran.out
    named = relevo("clock", *FRIDAY, *MADRID, "--allowance", "4h", "--holiday", "2026-03-09")
    assert named.err == ""
    assert "mon-fri=09:00-14:00,15:00-18:00, but not on 2026-03-09, in Europe/Madrid." in named.out


def test_a_clock_that_is_granted_nothing_has_no_empty_table(relevo: Relevo) -> None:
    ran = relevo("clock", *FRIDAY, *MADRID, "--allowance", "0")
    assert ran.out.startswith("Due at Fri 2026-03-06 17:30:00")
    assert ran.out.splitlines()[-1].startswith("There is nothing to count:")


def test_the_hours_of_an_agreement_can_be_used(relevo: Relevo) -> None:
    relevo("agreement", "init")
    named = ("--agreement", "agreement.yaml", "--calendar", "madrid")
    found = relevo("clock", *FRIDAY, "--allowance", "4h", *named, "--json").json
    assert (found["calendar"], found["time_zone"], found["kind"]) == ("madrid", "Europe/Madrid", "business")
    assert found["week"]["fri"] == [["08:00", "15:00"]]
    assert "the agreement has madrid" in relevo("clock", "--allowance", "4h", "--calendar", "x").err


def test_a_clock_that_never_runs_out_says_so(relevo: Relevo) -> None:
    never = ("clock", *FRIDAY, "--allowance", "4h", "--pause", "2026-01-01T00:00:00Z/")
    assert relevo(*never).code == 1
    closed = ("clock", *FRIDAY, "--allowance", "4h", "--open", "mon=09:00-09:30", "--pause")
    ran = relevo(*closed, "2026-03-01T00:00:00Z/2028-03-01T00:00:00Z", "--json")
    assert ran.code in (0, 1)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "a clock needs --allowance"),
        (("--allowance", "soon"), "'soon' is no allowance"),
        (("--allowance", "99999999999d"), "--allowance 99999999999d is too long; write 36600d or less"),
        (("--allowance", "99999d", "--kind", "calendar"), "--allowance 99999d is too long; write 36600d or"),
        (("--allowance", "9" * 400, "--kind", "elapsed"), "is too long; write 36600d or less"),
        (("--allowance", "1.00001h"), "--allowance 1.00001h is no whole number of seconds; round it"),
        (("--allowance", "4h", "--zone", "x" * 100), "is too long; write at most 64 characters"),
        (("--allowance", "5h", "--kind", "calendar"), "are no whole days"),
        (("--allowance", "4h", "--start", "yesterday"), "'yesterday' is no instant"),
        (("--allowance", "4h", "--start", "2026-03-06T16:30:00"), "has no offset"),
        (("--allowance", "4h", "--zone", "Europe/Madird"), "did you mean 'Europe/Madrid'?"),
        (("--allowance", "4h", "--open", "noday=09:00-10:00"), "days are written like mon"),
        (("--allowance", "4h", "--open", "mon=nine"), "hours are written like 09:00-13:00"),
        (("--allowance", "4h", "--open", "mon=09:00-25:00"), "is not a time of day"),
        (("--allowance", "4h", "--holiday", "christmas"), "is not a date"),
        (
            ("--allowance", "4h", "--pause", "2026-03-06T18:00:00Z/2026-03-06T17:00:00Z"),
            "ends before it begins",
        ),
    ],
)
def test_what_cannot_be_read_is_one_sentence(
    relevo: Relevo, arguments: tuple[str, ...], sentence: str
) -> None:
    ran = relevo("clock", *arguments)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert sentence in ran.err


def test_a_stream_of_cases_gets_a_result_a_line(in_a_process: Relevo) -> None:
    case = {
        "id": "a",
        "time_zone": "Europe/Madrid",
        "week": {"fri": [["09:00", "18:00"]], "mon": [["09:00", "18:00"]]},
        "start": "2026-03-06T16:30:00Z",
        "allowance_minutes": 60,
    }
    closed = {**case, "id": 2, "week": {}}
    lines = [json.dumps(case), json.dumps(closed), "not json"]
    ran = in_a_process("clock", "--jsonl", given="\n".join(lines).encode())
    results = [json.loads(line) for line in ran.out.splitlines()]
    assert (ran.code, ran.err) == (0, "")
    assert results[:2] == [
        {"id": "a", "due_at": "2026-03-09T08:30:00Z"},
        {"id": 2, "error": "no_working_time"},
    ]
    assert results[2]["id"] is None


def test_the_help_shows_a_case_and_its_answers(relevo: Relevo) -> None:
    said = " ".join(relevo("clock", "--help").out.split())
    case = said[said.index('{"id": 1') : said.index(" (on one line)")]
    assert json.loads(case)["allowance_minutes"] == 240
    assert '{"id": 1, "due_at": "2026-03-02T14:30:00Z"} or {"id": 1, "error": "no_working_time"}' in said
