"""Rows that were put aside: closed when the corrected file is imported, or when somebody discards them."""

from pathlib import Path
from typing import Any

import pytest

from tests.services.cli.conftest import Relevo
from tests.services.cli.test_imports import DEALS, MAPPING


class Files:
    """Imports tables of one tool, each in a folder of its own."""

    def __init__(self, relevo: Relevo, folder: Path) -> None:
        self.relevo = relevo
        self._folder = folder

    def imports(self, text: str, mapping: str = MAPPING, name: str = "deals.csv") -> dict[str, Any]:
        """Import a table; return what came of it."""
        (self._folder / name).write_text(text)
        (self._folder / "deals.yaml").write_text(mapping)
        done: dict[str, Any] = self.relevo("import", "csv", name, "--mapping", "deals.yaml", "--json").json
        return done

    def letters(self) -> list[tuple[str, str | None]]:
        """Return what each dead letter is about and how it was closed."""
        return [
            (one["detail"], one["closed_as"]) for one in self.relevo("dead", "list", "--all", "--json").json
        ]

    def doctor(self) -> str:
        """Return what the doctor says of dead letters."""
        found: list[dict[str, str]] = self.relevo("doctor", "--json").json
        return next(f"{one['verdict']}: {one['detail']}" for one in found if one["check"] == "dead letters")


@pytest.fixture
def files(relevo: Relevo, tmp_path: Path) -> Files:
    return Files(relevo, tmp_path)


def test_who_corrects_a_row_and_imports_the_file_again_is_done_with_it(files: Files) -> None:
    assert files.imports(DEALS)["dead_count"] == 1
    assert files.doctor() == "warn: 1 wait: 1 row_date"
    done = files.imports(DEALS.replace("3,soon", "3,2026-01-07"))
    assert (done["admitted_count"], done["superseded_count"]) == (1, 1)
    assert files.doctor() == "ok: none waits"
    ((detail, closed),) = files.letters()
    assert (detail.startswith("deals.csv:4: "), closed) == (True, "superseded")
    shown = files.relevo("dead", "show", "1").err
    assert "Superseded 20" in shown
    assert ": read in deals.csv-" in shown


def test_a_row_that_is_bad_again_and_one_that_is_gone_wait_on(files: Files) -> None:
    files.imports(DEALS + "4,later,web,,\n")
    done = files.imports(DEALS.replace("3,soon", "3,sooner"))
    assert (done["dead_count"], done["superseded_count"]) == (1, 0)
    assert [closed for _, closed in files.letters()] == [None, None, None]


def test_a_row_that_took_several_corrections_is_done_with_all_its_letters(files: Files) -> None:
    files.imports(DEALS)
    files.imports(DEALS.replace("3,soon", "3,sooner"))
    done = files.imports(DEALS.replace("3,soon", "3,2026-01-07"))
    assert (done["admitted_count"], done["superseded_count"]) == (1, 2)
    assert files.doctor() == "ok: none waits"


def test_another_row_of_the_same_line_corrects_nothing(files: Files) -> None:
    files.imports(DEALS)
    files.imports(DEALS.replace("3,soon", "5,2026-01-07"), name="february.csv")
    assert [closed for _, closed in files.letters()] == [None]


def test_another_table_of_the_tool_corrects_nothing(files: Files) -> None:
    deals, leads = MAPPING.replace("  - {kind: captured, at: Created, origin: Channel}\n", ""), MAPPING
    files.imports("Id,Created,Channel,Closed,Amount\n1,,,soon,5\n", mapping=deals)
    files.imports(
        DEALS,
        mapping=leads.replace("  - {kind: won", "  - {kind: lost").replace(
            ", amount: {column: Amount, currency: EUR}", ""
        ),
    )
    assert [closed for _, closed in files.letters()] == [None, None]


def test_a_row_read_twice_in_one_file_once_well_and_once_not_waits(files: Files) -> None:
    twice = DEALS + "2,soon,fair,,\n"
    files.imports(twice)
    files.imports(twice + "6,2026-01-06,fair,,\n")
    assert [closed for _, closed in files.letters()] == [None, None]


def test_a_superseded_row_that_comes_back_bad_is_a_new_letter(files: Files) -> None:
    files.imports(DEALS)
    files.imports(DEALS.replace("3,soon", "3,2026-01-07"))
    assert files.imports(DEALS + "4,2026-01-07,web,,\n")["dead_count"] == 1
    assert [closed for _, closed in files.letters()] == ["superseded", None]


def test_what_nobody_will_correct_is_discarded_with_a_reason(files: Files) -> None:
    files.imports(DEALS)
    ran = files.relevo("dead", "discard", "1", "--because", "a test of the form")
    assert (ran.code, ran.err) == (0, "Discarded 1 dead letter; relevo dead list --all still shows them.\n")
    assert files.doctor() == "ok: none waits"
    assert files.imports(DEALS + "4,2026-01-07,web,,\n")["dead_count"] == 0
    assert ": a test of the form." in files.relevo("dead", "show", "1").err


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["1", "--because", " "], "--because is blank"),
        (["--because", "x"], "name dead letters by their numbers"),
        (["9", "--because", "x"], "there is no dead letter 9"),
        (["1", "1", "--because", "x"], ""),
    ],
)
def test_what_cannot_be_discarded_is_refused(files: Files, arguments: list[str], problem: str) -> None:
    files.imports(DEALS)
    ran = files.relevo("dead", "discard", *arguments)
    assert ran.code == (2 if problem else 0)
    assert problem in ran.err


def test_one_letter_is_discarded_once_and_all_of_a_reason_at_a_time(files: Files) -> None:
    files.imports(DEALS + "4,later,web,,\n")
    assert files.relevo("dead", "discard", "1", "--because", "x").code == 0
    assert "waits no longer: it is discarded" in files.relevo("dead", "discard", "1", "--because", "y").err
    rest = files.relevo("dead", "discard", "--reason", "row_date", "--because", "y", "--json")
    assert rest.json == {"discarded_count": 1}
