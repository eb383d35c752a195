"""The document says what the catalogue says."""

from pathlib import Path

import pytest

from services.metrics.catalogue import CATALOGUE
from services.metrics.document import DOCUMENT, table, write, written


def test_the_document_holds_every_metric_as_the_catalogue_has_it() -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    assert written(document) == document, "run: python -m services.metrics.document"


def test_every_metric_has_a_row_with_its_definition() -> None:
    lines = table().splitlines()
    assert len(lines) == len(CATALOGUE) + 2
    for metric, line in zip(CATALOGUE, lines[2:], strict=True):
        assert line.startswith(f"| `{metric.name}` |")
        assert metric.definition in line


def test_what_is_written_anew_keeps_what_people_wrote(tmp_path: Path) -> None:
    document, copy = DOCUMENT.read_text(encoding="utf-8"), tmp_path / "metrics.md"
    copy.write_text(document.replace("`captured_count`", "`captured`"), encoding="utf-8")
    write(copy)
    assert (
        copy.read_text(encoding="utf-8").partition("## Every metric")[2]
        == document.partition("## Every metric")[2]
    )


def test_a_document_without_a_place_for_the_table_is_refused() -> None:
    with pytest.raises(ValueError, match="put them back"):
        written("# The numbers\n")
