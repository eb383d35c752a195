"""The table of access rights says what the catalogue says."""

import pytest

from services.access import DOCUMENT, table, written


def test_the_document_holds_everybodys_rights_as_the_catalogue_has_them() -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    assert written(document) == document, "run: make docs"


def test_each_worker_reads_one_topic_and_has_a_group() -> None:
    assert (
        "| `scoring` | `leads.journal` | `leads.scored`, `leads.dead` |  | all | `relevo.scoring` |  |"
        in table()
    )


def test_who_only_says_facts_has_no_more_than_that() -> None:
    assert "| `intake` |  | `leads.facts` |  |  |  |  |" in table()


def test_a_document_without_a_place_for_the_table_is_refused() -> None:
    with pytest.raises(ValueError, match="put them back"):
        written("# Operations\n")
