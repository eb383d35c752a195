"""What is written where, and how JSON is written."""

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from services.cli.printable import printable
from services.cli.terminal import json_text, progress, screen, table, tell, write_json, write_line

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


def test_long_work_says_how_far_it_is_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    seconds = iter((0.0, 1.0, 5.5, 6.0, 11.0))
    with progress("Reading", 4_000, lambda: next(seconds)) as advance:
        for _ in range(4):
            advance(1_000)
    assert capsys.readouterr() == (
        "",
        "Reading: 2,000 of 4,000 after 6 s\nReading: 4,000 of 4,000 after 11 s\n",
    )
    with progress("Deciding", None, iter((0.0, 5.0)).__next__) as advance:
        advance(7)
    assert capsys.readouterr().err == "Deciding: 7 after 5 s\n"


def test_a_columns_head_is_never_broken_within_a_word() -> None:
    columns = {
        column.header: column for column in table(None, "acceptance rate", "won", right=("won",)).columns
    }
    assert columns["acceptance rate"].min_width == len("acceptance")
    assert columns["won"].justify == "right"


HOSTILE = "Ana\x1b]0;owned\x07\x1b[2J\x9b31m\x7f\u202e\rBea"
SHOWN = r"Ana\u001b]0;owned\u0007\u001b[2J\u009b31m\u007f\u202e\u000dBea"


def test_control_characters_are_shown_and_never_sent(capsys: pytest.CaptureFixture[str]) -> None:
    drawn = table(HOSTILE, HOSTILE, whole=(HOSTILE,))
    drawn.add_row(HOSTILE)
    drawn.caption = HOSTILE
    screen().print(drawn)
    screen().print(HOSTILE)
    write_line(HOSTILE)
    tell(HOSTILE)
    captured = capsys.readouterr()
    assert captured.out.count(SHOWN) == 6
    assert captured.err == f"{SHOWN}\n"
    assert {char for char in captured.out if not char.isprintable()} == {"\n"}


def test_in_json_they_are_escaped_and_the_value_is_the_same() -> None:
    written = json_text({"name": HOSTILE})
    assert written.isprintable()
    assert json.loads(written) == {"name": HOSTILE}


def test_lines_and_tabs_stay_as_they_are() -> None:
    assert printable("a\tb\r\nc\n") == "a\tb\nc\n"


@pytest.mark.parametrize("columns", [160, 100, 40, 20])
def test_no_cell_is_cut_however_narrow_the_terminal_is(
    columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    cells = ("Feedback to marketing", "2026-02-05 10:10", "169 h 13 min", "31.4%")
    drawn = table("Clocks", *"abcd", right="cd", whole="abcd")
    drawn.add_row(*cells)
    drawn.add_row(*(cell.upper() * 2 for cell in cells))
    screen().print(drawn)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= columns
    wanted = "Clocks" + "abcd" + "".join(cells) + "".join(cell.upper() * 2 for cell in cells)
    assert Counter(wanted.replace(" ", "")) <= Counter("".join(lines))


def test_a_row_is_a_card_where_its_words_do_not_fit(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    drawn = table("Leads", "lead", "known as", "owner")
    drawn.add_row("Lb26b9443faecbfd6", "Ana Vidal", "lucia")
    drawn.add_row("L5e3527878d153f9d", "Raúl", "")
    drawn.caption = "2 leads"
    screen().print(drawn)
    assert [line.rstrip() for line in capsys.readouterr().out.splitlines()] == [
        "Leads",
        "lead      Lb26b9443faecbfd6",
        "known as  Ana Vidal",
        "owner     lucia",
        "",
        "lead      L5e3527878d153f9d",
        "known as  Raúl",
        "",
        "2 leads",
        "",
    ]


def test_names_stay_whole_while_other_texts_can_wrap(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    drawn = table(None, "when", "what", whole=("when",))
    drawn.add_row("2026-02-05 10:10", "a long story " * 20)
    screen().print(drawn)
    assert "2026-02-05 10:10   a long story" in capsys.readouterr().out
