"""Cases a line: what comes out for what goes in, whatever goes in."""

import io
import json
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.calendars import BusinessAllowance, BusinessCalendar
from services.business_time import NoWorkingTime, due_at
from services.clock_cases import MAX_LINE_BYTES, Outcome, Tally, answer, run, serve
from tests.oracles.clock_strategies import clocks

CASE: dict[str, Any] = {
    "id": "a",
    "time_zone": "Europe/Madrid",
    "week": {"mon": [["09:00", "13:00"], ["14:00", "18:00"]]},
    "start": "2026-03-02T08:30:00Z",
    "allowance_minutes": 240,
}


def line(**changes: Any) -> bytes:
    """Return the case as a line, with changes; ``...`` takes a field out."""
    return json.dumps({name: value for name, value in (CASE | changes).items() if value is not ...}).encode()


def result(of: bytes) -> Any:
    return json.loads(answer(of)[0])


def written(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_case_has_its_id_and_its_deadline() -> None:
    assert result(line()) == {"id": "a", "due_at": "2026-03-02T13:30:00Z"}


def test_a_pause_and_a_holiday_are_honoured() -> None:
    changed = line(holidays=["2026-03-09"], pauses=[["2026-03-02T08:45:00Z", "2026-03-02T17:00:00Z"]])
    assert result(changed) == {"id": "a", "due_at": "2026-03-16T11:45:00Z"}


def test_a_calendar_that_does_not_open_has_no_working_time() -> None:
    assert answer(line(week={})) == ('{"id": "a", "error": "no_working_time"}', Outcome.NO_WORKING_TIME)


def test_no_allowance_is_due_at_the_start() -> None:
    assert result(line(week={}, allowance_minutes=0)) == {"id": "a", "due_at": "2026-03-02T08:30:00Z"}


def test_an_allowance_may_have_whole_seconds() -> None:
    assert result(line(allowance_minutes=0.05))["due_at"] == "2026-03-02T08:30:03Z"


def test_an_instant_may_have_another_offset_than_z() -> None:
    assert result(line(start="2026-03-02T09:30:00+01:00"))["due_at"] == "2026-03-02T13:30:00Z"


@pytest.mark.parametrize("case_id", ["", "é\ud800", 0, -7, 12345678901234567890])
def test_an_id_comes_back_as_it_was_given_even_with_an_error(case_id: Any) -> None:
    assert result(line(id=case_id, start="x"))["id"] == case_id


@pytest.mark.parametrize("case_id", [None, True, 1.5, [], {}, ...])
def test_an_id_that_is_neither_text_nor_integer_is_refused(case_id: Any) -> None:
    said = result(line(id=case_id))
    assert said["id"] is None
    wanted = "add id: …" if case_id is ... else "write text or a whole number"
    assert said["error"].startswith("id: ")
    assert said["error"].endswith(f"; {wanted}")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"time_zone": "Europe/Madird"}, "time_zone: 'Europe/Madird' is not a time zone; did you mean"),
        ({"time_zone": ...}, "time_zone: this is missing; add time_zone: …"),
        ({"week": {"mon": [["9:00", "10:00"]]}}, "week.mon.0: '9:00' is not a time of day; write HH:MM"),
        ({"time_zone": 5}, "time_zone: 5 does not belong here; write text"),
        ({"week": {"monday": []}}, "week.monday: 'monday' is not one of the values; did you mean 'mon'?"),
        ({"week": []}, "week: [] does not belong here; write pairs of name: value"),
        ({"week": {"mon": 5}}, "week.mon: 5 does not belong here; write a list"),
        ({"holidays": 5}, "holidays: 5 does not belong here; write a list"),
        ({"holidays": ["2026-02-30"]}, "holidays.0: '2026-02-30' is no day of the calendar; write a"),
        ({"holiday": []}, "holiday: no field is called 'holiday'; did you mean 'holidays'?"),
        ({"start": "2026-03-02"}, "start: not an instant; write it as text in whole seconds"),
        ({"start": "2026-03-02T08:30:00"}, "start: not an instant"),
        ({"start": "2026-03-02T08:30:00.5Z"}, "start: not an instant"),
        ({"start": "2026-13-02T08:30:00Z"}, "start: '2026-13-02T08:30:00Z' is no instant that exists; write"),
        ({"start": "2026-02-30T08:30:00Z"}, "start: '2026-02-30T08:30:00Z' is no instant that exists; write"),
        ({"start": "2026-03-02T08:30:00+99:00"}, "+99:00' is no instant that exists; write a real date and"),
        ({"start": "2026-03-02T24:00:00Z"}, "start: not an instant"),
        ({"start": "0001-01-01T00:00:00+01:00"}, "start: outside the years 1 to 9999"),
        ({"start": 1772440200}, "start: not an instant"),
        ({"allowance_minutes": -1}, "allowance_minutes: -1 is too small; write 0 or more"),
        ({"allowance_minutes": True}, "allowance_minutes: true does not belong here; write a number"),
        ({"allowance_minutes": "240"}, "allowance_minutes: '240' does not belong here; write a number"),
        ({"allowance_minutes": 1e300}, "allowance_minutes: 1e+300 is too large; write 52704000 or less"),
        ({"pauses": [["2026-03-02T10:00:00Z", "2026-03-02T09:00:00Z"]]}, "ends before it begins"),
        ({"pauses": [["2026-03-02T10:00:00Z"]]}, "pauses.0.1: this is missing; add it"),
        ({"pauses": [5]}, "pauses.0: 5 does not belong here; write a list"),
        ({"pauses": [["2026-03-02T10:00:00Z", None]]}, "pauses.0.1: not an instant"),
        ({"start": "9999-12-31T23:00:00Z", "allowance_minutes": 600}, "due after the year 9999"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_path(changes: dict[str, Any], error: str) -> None:
    said = result(line(**changes))
    assert said["id"] == "a"
    assert error in said["error"]


def test_many_errors_are_said_in_one_short_line() -> None:
    said = result(line(holidays=["x"] * 5000, start="x"))["error"]
    assert said.endswith("; and 4998 more")
    assert len(said) < 400


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (b"", "not JSON"),
        (b"   \r\n", "not JSON"),
        (b"{", "not JSON"),
        (b"null", "not a JSON object"),
        (b"[1]", "not a JSON object"),
        (b"\xff\xfe{}", "not UTF-8 at byte 0"),
        (b'{"id": NaN}', "NaN is no number"),
        (b'{"id": -Infinity}', "-Infinity is no number"),
        (b'{"id": 1' + b"0" * 5000 + b"}", "a number of 5001 digits"),
        (b'{"id": 1, "id": 2}', "'id' is given twice"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b'{"id": "' + b"x" * MAX_LINE_BYTES + b'"}', "longer than 1048576 bytes"),
    ],
)
def test_a_line_that_is_no_object_gets_an_error_without_an_id(raw: bytes, error: str) -> None:
    said = result(raw)
    assert said["id"] is None
    assert error in said["error"]


@pytest.mark.parametrize(
    "raw",
    [
        b'{"id": "a", "allowance_minutes": NaN}',
        b'{"id": "a", "week": {"mon": [], "mon": []}}',
        b'{"allowance_minutes": 1' + b"0" * 50 + b', "id": "a"}',
    ],
)
def test_a_line_that_is_nearly_json_keeps_its_id(raw: bytes) -> None:
    said = result(raw)
    assert said["id"] == "a"
    assert "error" in said


def test_deep_nesting_inside_a_case_is_an_error_with_its_id() -> None:
    for depth in (50, 900, 5000):
        deep = line(week={"mon": "HERE"}).replace(b'"HERE"', b"[" * depth + b"]" * depth)
        assert "error" in result(deep)


def test_a_byte_order_mark_is_no_error() -> None:
    assert result(b"\xef\xbb\xbf" + line())["due_at"] == "2026-03-02T13:30:00Z"


def test_the_rest_goes_on_after_a_line_that_cannot_be_read() -> None:
    out: list[str] = []
    tally = run([line(), b"", line(id=7), line(week={})], out.append)
    assert tally == Tally(due_count=2, no_working_time_count=1, refused_count=1)
    assert [json.loads(each)["id"] for each in out] == ["a", None, 7, "a"]
    assert all(each.endswith("}\n") for each in out)


@given(clocks())
def test_a_case_is_due_when_the_library_says_so(clock: dict[str, Any]) -> None:
    fields = {name: clock[name] for name in ("time_zone", "week", "holidays")}
    allowance = BusinessAllowance(minutes=clock["allowance_minutes"])
    pauses = [[written(instant) for instant in pause] for pause in clock["pauses"]]
    said = result(
        line(**fields, start=written(clock["start"]), allowance_minutes=allowance.minutes, pauses=pauses)
    )
    try:
        due = due_at(clock["start"], allowance, BusinessCalendar.model_validate(fields), clock["pauses"])
    except NoWorkingTime:
        assert said == {"id": "a", "error": "no_working_time"}
    else:
        assert said == {"id": "a", "due_at": written(due.astimezone(UTC))}


@given(st.one_of(st.binary(), st.text().map(str.encode)))
def test_no_bytes_at_all_raise(raw: bytes) -> None:
    assert answer(raw)[1] is Outcome.REFUSED


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(sorted(CASE)),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.just("mon"), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*CASE, "holidays", "pauses"]), JSON_VALUES))
def test_no_values_in_a_case_raise(changes: dict[str, Any]) -> None:
    text, outcome = answer(line(**changes))
    assert set(json.loads(text)) == {"id", "due_at" if outcome is Outcome.DUE else "error"}


class Slow:
    """A source that hands over a few bytes at a time, noting how many results had arrived when asked."""

    def __init__(self, parts: list[bytes], arrived: io.BytesIO) -> None:
        self.parts: Iterator[bytes] = iter(parts)
        self.arrived = arrived
        self.seen: list[int] = []

    def read1(self, size: int, /) -> bytes:
        self.seen.append(self.arrived.getvalue().count(b"\n"))
        return next(self.parts, b"")[:size]


def test_what_can_be_answered_is_answered_before_more_is_waited_for() -> None:
    arrived = io.BytesIO()
    source = Slow([line() + b"\n" + line()[:9], line()[9:] + b"\n", line()], arrived)
    assert serve(source, io.TextIOWrapper(arrived)).due_count == 3
    assert source.seen == [0, 1, 2, 2]


def test_the_last_line_needs_no_end_and_an_empty_stream_has_no_lines() -> None:
    assert serve(io.BytesIO(line() + b"\r\n" + line()), io.StringIO()).due_count == 2
    assert serve(io.BytesIO(), io.StringIO()) == Tally(0, 0, 0)


def test_a_line_that_never_ends_is_refused_once_and_never_held() -> None:
    endless = [b'{"id": "' + b"x" * 60_000] * 300
    source = Slow([*endless, b"\n" + line() + b"\n"], io.BytesIO())
    tracemalloc.start()
    tally = serve(source, io.StringIO())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert tally == Tally(due_count=1, no_working_time_count=0, refused_count=1)
    assert peak < 6 * MAX_LINE_BYTES


def test_a_file_in_is_as_many_lines_out() -> None:
    sink = io.StringIO()
    serve(io.BytesIO(b"\n".join([line(), b"", b"x", line(), b"", b""])), sink)
    assert sink.getvalue().count("\n") == 5
