"""A table is refused as a whole before the first row, or read to its end row by row."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.dead_letters import DeadReason
from services.imports.source import BadRow, SourceUnusable
from services.imports.tables import Encoding, Row, Table, open_table
from tests.services.imports.files import write


def table(path: Path, *columns: str, encoding: Encoding = "utf-8") -> Table:
    return open_table(path, "test", columns or ("a", "b"), encoding=encoding)


def cells(path: Path) -> list[dict[str, str]]:
    return [row.cells for row in table(path).rows() if isinstance(row, Row)]


def test_cells_are_read_by_column_without_the_spaces_around_them(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", " b ,a,c", " 2 , 1,3")
    assert cells(path) == [{"b": "2", "a": "1", "c": "3"}]


def test_a_row_remembers_its_line_and_its_bytes(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", "a,b", '"two', 'lines",2', "", "3,4")
    first, second = table(path).rows()
    assert (first.where, first.raw) == ("x.csv:2", b'"two\nlines",2\n')
    assert (second.where, second.raw) == ("x.csv:5", b"3,4\n")


def test_a_row_of_another_length_goes_aside_and_the_next_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", "a,b", "1", "3,4")
    first, second = table(path).rows()
    assert first == BadRow(
        "test", "x.csv:2", b"1\n", DeadReason.ROW, "the row has 1 cells where the header has 2"
    )
    assert isinstance(second, Row)


def test_a_row_with_broken_quotes_goes_aside_and_the_next_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", "a,b", '"1"2,3', "4,5")
    first, second = table(path).rows()
    assert isinstance(first, BadRow)
    assert first.raw == b'"1"2,3\n'
    assert first.detail.startswith("the row is no CSV: ")
    assert isinstance(second, Row)


def test_a_quote_that_nobody_closes_takes_its_own_line_and_no_other(tmp_path: Path) -> None:
    following = [f"{number},x" for number in range(40_000)]
    path = write(tmp_path / "x.csv", "a,b", '1,"open', *following, '7,"open too', "8,y", '9,"whole"')
    bad, *rows = table(path).rows()
    assert isinstance(bad, BadRow)
    assert (bad.where, bad.raw) == ("x.csv:2", b'1,"open\n')
    assert [row.where for row in rows] == [f"x.csv:{line}" for line in range(3, 40_006)]
    assert [row.raw for row in rows if isinstance(row, BadRow)] == [b'7,"open too\n']
    assert [row.cells["a"] for row in rows if isinstance(row, Row)][-2:] == ["8", "9"]


def test_lines_that_all_open_a_quote_are_given_twice_at_most(tmp_path: Path) -> None:
    """Reading all that follows once more for each line would not come to an end here."""
    path = write(tmp_path / "x.csv", "a,b", *['a","b'] * 40_000)
    first, *rest = table(path).rows()
    assert b"".join(row.raw for row in (first, *rest)) == b'a","b\n' * 40_000
    assert first.raw == b'a","b\n'


def test_a_byte_order_mark_and_carriage_returns_are_no_part_of_the_data(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"\xef\xbb\xbfa,b\r\n1,2\r\n")
    assert cells(path) == [{"a": "1", "b": "2"}]


def test_a_row_without_anything_in_it_is_none(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", "a,b", ",", "1,2", '" ",""', "", ",,", "3,4")
    assert [row["a"] for row in cells(path)] == ["1", "3"]


def test_the_last_line_counts_with_and_without_its_end(tmp_path: Path) -> None:
    ended, open_ended = write(tmp_path / "x.csv", "a,b", "1,2"), tmp_path / "y.csv"
    open_ended.write_bytes(b"a,b\n1,2")
    assert table(ended).row_count == table(open_ended).row_count == 1


def test_another_encoding_is_read_when_it_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes("a,b\nMuñoz,5 €\n".encode("cp1252"))
    (row,) = table(path, encoding="cp1252").rows()
    assert isinstance(row, Row)
    assert row.cells == {"a": "Muñoz", "b": "5 €"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a,b\n1,\xff\n", r"x\.csv is no utf-8 text \(look at line 2\); save it as UTF-8, or"),
        (b"a,b\n" + b"1,2\n" * 300_000 + b"1,\xc3(\n", r"\(look at line 300002\)"),
        (b"a,b\n1,\xc3", r"is no utf-8 text \(look at line 2\)"),
        (b"", "has no header in its first line; name the columns there"),
        (b"\na,b\n", "has no header"),
        (b'"a"x,b\n', "has no header"),
        (b"a,b\r1,2\r", "ends its lines with CR alone"),
        (b"a,b\r\r1,2", "ends its lines with CR alone"),
        (b"a,b,a\n", "has the column 'a' twice; rename one"),
        (b"a,B\n", "has no column 'b'; it has 'a', 'B'"),
        (b"a;b\n1;2\n", "has no column 'a'; its cells seem to stand between ';'; name that as the delimiter"),
        ("a,b\n".encode("utf-16"), "is UTF-16 text; save it as CSV UTF-8"),
        (b"PK\x03\x04\x14", "is an Excel workbook, or another archive; save it as CSV UTF-8"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_before_its_first_row(
    tmp_path: Path, content: bytes, said: str
) -> None:
    (tmp_path / "x.csv").write_bytes(content)
    with pytest.raises(SourceUnusable, match=said):
        table(tmp_path / "x.csv")


def test_a_missing_column_is_told_with_the_one_that_was_meant(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", "Created at,Email")
    with pytest.raises(SourceUnusable, match=r"has no column 'Created'; did you mean 'Created at'\?"):
        table(path, "Created")


def test_a_file_that_is_missing_or_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        table(tmp_path / "none.csv")
    with pytest.raises(IsADirectoryError):
        table(tmp_path)


def test_files_of_equal_content_have_equal_digests(tmp_path: Path) -> None:
    one = table(write(tmp_path / "x.csv", "a,b", "1,2"))
    same = table(write(tmp_path / "y.csv", "a,b", "1,2"))
    other = table(write(tmp_path / "z.csv", "a,b", "1,3"))
    assert one.survey.digest == same.survey.digest != other.survey.digest


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), max_size=8)


ROWS = st.tuples(TEXT, TEXT).filter(lambda row: any(map(str.strip, row)))


@given(rows=st.lists(ROWS, max_size=6))
def test_whatever_a_program_writes_comes_back_and_its_bytes_add_up(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    written = io.StringIO(newline="")
    csv.writer(written).writerows([("a", "b"), *rows])
    path = tmp_path_factory.mktemp("csv") / "x.csv"
    path.write_text(written.getvalue(), encoding="utf-8", newline="")
    read = list(table(path).rows())
    assert [(row.cells["a"], row.cells["b"]) for row in read if isinstance(row, Row)] == [
        (a.strip(), b.strip()) for a, b in rows
    ]
    assert b"a,b\r\n" + b"".join(row.raw for row in read) == path.read_bytes()
