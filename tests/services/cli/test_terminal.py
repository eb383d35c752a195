"""What is written where, and how JSON is written."""

import json
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from services.cli.terminal import json_text, progress, table, tell, write_json

NOON = datetime(2026, 3, 2, 13, 30, tzinfo=timezone(timedelta(hours=1)))


def test_rows_are_one_array_with_a_row_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    write_json([{"a": 1}, {"a": 2}])
    written = capsys.readouterr().out
    assert written == '[\n{"a": 1},\n{"a": 2}\n]\n'
    assert json.loads(written) == [{"a": 1}, {"a": 2}]


def test_no_rows_are_an_empty_array_and_an_object_is_an_object(capsys: pytest.CaptureFixture[str]) -> None:
    write_json([])
    write_json({"a": None})
    assert capsys.readouterr().out == '[]\n{"a": null}\n'


def test_instants_are_written_in_utc_and_text_as_it_is() -> None:
    assert (
        json_text({"at": NOON, "on": date(2026, 3, 2)})
        == '{"at": "2026-03-02T12:30:00Z", "on": "2026-03-02"}'
    )
    assert json_text(datetime(2026, 3, 2, 0, 0, 0, 500, tzinfo=UTC)) == '"2026-03-02T00:00:00.000500Z"'
    assert json_text({"name": "Núñez", "raw": b"\xff{"}) == '{"name": "Núñez", "raw": "\ufffd{"}'


def test_what_json_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="Out of range"):
        json_text(float("nan"))
    with pytest.raises(TypeError, match="nothing that JSON has"):
        json_text(object())


def test_words_go_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    tell("Done.")
    assert capsys.readouterr() == ("", "Done.\n")


def test_no_bar_is_drawn_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("Reading", 10) as advance:
        advance(10)
    assert capsys.readouterr() == ("", "")


def test_a_columns_head_is_never_broken_within_a_word() -> None:
    columns = {
        column.header: column for column in table(None, "acceptance rate", "won", right=("won",)).columns
    }
    assert columns["acceptance rate"].min_width == len("acceptance")
    assert columns["won"].justify == "right"
