"""A folder of CSV files: each row once, whatever becomes of the file that it stands in."""

import gzip
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from infra.elsewhere.away import FileChanged, SourceUnfit
from infra.elsewhere.folder import Folder
from infra.elsewhere.shelf import Entry
from infra.store.database import Database
from infra.store.pulls import Batch, standing_of, take
from services.intake.pulling.files import FilesOrigin
from services.intake.pulling.origin import ROWS_A_BATCH, Notice
from tests.services.intake.pulling.fetching import Fetching, fetched_source

LEADS: dict[str, Any] = {
    "id": "Id",
    "subject": {"email": "E-mail"},
    "facts": [{"kind": "enriched", "attributes": {"stage": "Stage"}}],
}
HEADER = "Id,E-mail,Stage\n"
ANA, BO, CY = (f"{number},{name}@example.com,new\n" for number, name in ((1, "ana"), (2, "bo"), (3, "cy")))
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "exports"
    made.mkdir()
    return made


def fetching(store: Database, folder: Path, **pull: Any) -> Fetching:
    mapping = pull.pop("mapping", LEADS)
    source = fetched_source("csv_folder", {"folder": str(folder), **pull}, mapping)
    return Fetching(store, source, lambda: NOW)


@pytest.fixture
def one(store: Database, folder: Path) -> Fetching:
    return fetching(store, folder)


def write(file: Path, content: str | bytes, at: datetime = NOW - timedelta(hours=1)) -> None:
    """Write a file as at an instant."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    os.utime(file, (at.timestamp(), at.timestamp()))


def test_every_row_of_every_file_is_taken_once(any_store: Database, folder: Path) -> None:
    one = fetching(any_store, folder)
    write(folder / "a.csv", HEADER + ANA + BO)
    write(folder / "b.csv.gz", gzip.compress((HEADER + CY).encode()))
    look = one.look()
    assert (look.new_count, look.file_count) == (3, 2)
    assert one.look().read_count == 0
    assert one.counted() == (3, 0)


def test_a_name_that_is_no_utf_8_is_read_like_any_other(one: Fetching, folder: Path) -> None:
    write(Path(os.fsdecode(os.fsencode(folder) + b"/\xff.csv")), HEADER + ANA)
    assert one.look().new_count == 1
    assert one.look().read_count == 0


def test_a_header_that_stands_again_within_a_file_is_no_row(one: Fetching, folder: Path) -> None:
    write(folder / "a.csv", HEADER + ANA + HEADER + BO)
    assert one.look().new_count == 2


def test_a_row_without_anything_in_it_is_none(one: Fetching, folder: Path) -> None:
    write(folder / "a.csv", HEADER + ANA + ",,\n" + BO)
    assert one.look().new_count == 2


def test_a_file_that_was_renamed_or_came_again_adds_nothing(one: Fetching, folder: Path) -> None:
    write(folder / "a.csv", HEADER + ANA + BO)
    one.look()
    (folder / "a.csv").rename(folder / "b.csv")
    write(folder / "c.csv", HEADER + BO + ANA)
    look = one.look()
    assert (look.read_count, look.new_count) == (4, 0)


def test_of_a_file_that_has_grown_the_new_rows_count(one: Fetching, folder: Path) -> None:
    write(folder / "a.csv", HEADER + ANA)
    one.look()
    write(folder / "a.csv", HEADER + ANA + BO, NOW - timedelta(minutes=5))
    assert one.look().new_count == 1


def test_a_changed_row_says_a_new_fact(one: Fetching, folder: Path) -> None:
    write(folder / "monday.csv", HEADER + ANA)
    write(folder / "tuesday.csv", HEADER + ANA.replace("new", "sql"), NOW - timedelta(minutes=5))
    one.look()
    assert one.said("stage") == ["new", "sql"]


def test_a_file_that_is_being_written_waits_until_it_has_settled(one: Fetching, folder: Path) -> None:
    write(folder / "a.csv", HEADER + ANA + "2,bo@exam", NOW - timedelta(seconds=29))
    assert one.look().read_count == 0
    write(folder / "a.csv", HEADER + ANA + BO, NOW - timedelta(seconds=30))
    assert one.look().new_count == 2
    assert one.counted() == (2, 0)


def test_a_file_that_is_written_to_while_it_is_read_is_not_believed(folder: Path) -> None:
    write(folder / "a.csv", HEADER + ANA + "2,bo@exam")
    shelf = Folder(folder, ["*.csv"])
    (entry,) = shelf.entries()
    with pytest.raises(FileChanged, match=r"a\.csv was written to while it was read"), shelf.opened(entry):
        write(folder / "a.csv", HEADER + ANA + BO)


class Growing:
    """A shelf whose file is written to whenever it is read."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "a.csv"

    def entries(self) -> list[Entry]:
        """Return the file."""
        return [Entry("a.csv", "1", NOW - timedelta(hours=1))]

    @contextmanager
    def opened(self, entry: Entry) -> Iterator[BinaryIO]:
        """Open it; find it changed at the end."""
        with self._file.open("rb") as file:
            yield file
        raise FileChanged(f"{entry.name} was written to")


def test_the_last_rows_of_a_file_that_changed_do_not_count(one: Fetching, folder: Path) -> None:
    write(folder / "a.csv", HEADER + ANA + "2,bo@exam")
    found = list(FilesOrigin(one.source, Growing(folder), one.now).batches({}, {}))
    assert found == [Notice("a.csv was written to")]


def test_a_bad_row_is_a_dead_letter_with_file_and_line_and_the_rest_goes_on(
    one: Fetching, folder: Path
) -> None:
    rows = (ANA, "2,bo@example.com\n", '3,"c"y@example.com,new\n', "4,d\xe9@example.com,new\n", "\n", CY)
    write(folder / "a.csv", (HEADER + "".join(rows)).encode("latin-1"))
    one.look()
    assert one.counted() == (2, 3)
    assert [detail.split(": ", 1) for detail in sorted(one.dead())] == [
        ["a.csv:3", "the row has 2 cells where the header has 3"],
        [
            "a.csv:4",
            "the row is no CSV: text follows the quote that closes a cell; write a quote within a cell twice",
        ],
        ["a.csv:5", "the row is no text in the encoding that the source names"],
    ]


def test_a_bad_row_that_is_corrected_is_taken(one: Fetching, folder: Path) -> None:
    write(folder / "a.csv", HEADER + ANA + "2,bo@example.com\n")
    one.look()
    write(folder / "a.csv", HEADER + ANA + BO, NOW - timedelta(minutes=5))
    one.look()
    assert one.counted() == (2, 1)


def test_the_letter_of_a_row_that_is_corrected_waits_no_longer(any_store: Database, folder: Path) -> None:
    one = fetching(any_store, folder, mapping={**LEADS, "time": "Stage"})
    good, bad, other = ("2026-01-01", "soon", "later")
    for minutes, stages in ((9, (good, bad)), (8, (bad, other)), (7, (good, other)), (6, (good, good))):
        rows = "".join(f"{number},p@example.com,{stage}\n" for number, stage in enumerate(stages))
        write(folder / "a.csv", HEADER + rows, NOW - timedelta(minutes=minutes))
        one.look()
        waits = sorted(detail.partition(": ")[0] for detail in one.dead())
        assert (
            waits
            == {9: ["a.csv:3"], 8: ["a.csv:2", "a.csv:3", "a.csv:3"], 7: ["a.csv:3"] * 2, 6: []}[minutes]
        )


def test_the_letter_of_a_row_that_is_read_beside_a_good_one_of_its_name_waits_on(
    one: Fetching, folder: Path
) -> None:
    one = fetching(one.database, folder, mapping={**LEADS, "time": "Stage"})
    write(folder / "a.csv", HEADER + "1,p@example.com,soon\n")
    one.look()
    write(
        folder / "a.csv",
        HEADER + "1,p@example.com,soon\n1,p@example.com,2026-01-01\n",
        NOW - timedelta(minutes=5),
    )
    one.look()
    assert len(one.dead()) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("Id,Mail,Stage\n" + ANA, "a.csv has no column 'E-mail'"),
        ("Id,E-mail,Stage,Stage\n" + ANA, "a.csv has the column 'Stage' twice"),
        ("\n" + ANA, "a.csv has no header in its first line"),
        (HEADER.replace(",", ";") + ANA, "a.csv has no column 'Id'"),
    ],
)
def test_a_file_without_the_columns_is_put_aside_whole_until_it_or_the_mapping_changes(
    one: Fetching, folder: Path, content: str, said: str
) -> None:
    write(folder / "a.csv", content)
    write(folder / "b.csv", HEADER + BO)
    assert (one.look().new_count, one.look().read_count) == (2, 0)
    assert one.counted() == (1, 1)
    assert said in one.dead()[0]
    mapping = {**LEADS, "id": None, "subject": {"email": "Mail"}, "facts": [{"kind": "captured"}]}
    corrected = fetching(one.database, folder, mapping=mapping)
    assert corrected.look().read_count == 1


def test_another_delimiter_reads_the_file_again(one: Fetching, folder: Path) -> None:
    write(folder / "a.csv", (HEADER + ANA).replace(",", ";"))
    one.look()
    fetching(one.database, folder, delimiter=";").look()
    assert one.counted() == (1, 1)


def test_a_gzip_that_is_cut_short_says_so_and_what_it_holds_counts(one: Fetching, folder: Path) -> None:
    rows = "".join(f"{number},{number}@example.com,new\n" for number in range(5000))
    write(folder / "a.csv.gz", gzip.compress((HEADER + rows).encode())[:-2000])
    one.look()
    facts, dead = one.counted()
    assert facts > 1000
    assert (dead, "no whole gzip" in one.dead()[0]) == (1, True)


def test_an_empty_file_says_nothing(one: Fetching, folder: Path) -> None:
    write(folder / "a.csv", "")
    assert one.look().file_count == 1
    assert one.counted() == (0, 0)


def test_hidden_and_other_files_and_folders_are_not_meant(one: Fetching, folder: Path) -> None:
    for name in (".a.csv", "a.csv.tmp", "deep/a.csv", ".git/b.csv"):
        write(folder / name, HEADER + ANA)
    (folder / "folder.csv").mkdir()
    (folder / "nowhere.csv").symlink_to(folder / "gone")
    assert one.look().file_count == 0
    assert fetching(one.database, folder, patterns="**/*.csv").look().file_count == 1


def test_a_folder_that_is_not_there_is_said(store: Database, folder: Path) -> None:
    with pytest.raises(SourceUnfit, match="there is no folder"):
        fetching(store, folder / "none").look()


def test_a_file_that_vanishes_before_it_is_read_is_passed_over(folder: Path) -> None:
    write(folder / "a.csv", HEADER)
    shelf = Folder(folder, ["*.csv"])
    (entry,) = shelf.entries()
    (folder / "a.csv").unlink()
    with pytest.raises(FileChanged, match="no such file"), shelf.opened(entry):
        pass


def test_killed_between_two_batches_it_takes_the_rest_and_nothing_twice(one: Fetching, folder: Path) -> None:
    rows = "".join(f"{number},{number}@example.com,new\n" for number in range(2 * ROWS_A_BATCH + 3))
    write(folder / "a.csv", HEADER + rows)
    first = next(FilesOrigin(one.source, Folder(folder, ["*.csv"]), one.now).batches({}, {}))
    assert isinstance(first, Batch)
    with one.database.writing() as connection:
        take(connection, standing_of(connection, "crm"), first)
    look = one.look()
    assert (look.read_count, look.new_count) == (2 * ROWS_A_BATCH + 3, ROWS_A_BATCH + 3)
    assert one.counted() == (2 * ROWS_A_BATCH + 3, 0)
