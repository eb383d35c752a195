"""A source has a name that follows from what it holds, and bad rows that can be told apart."""

from datetime import UTC, datetime

import pytest

from schemas.dead_letters import DeadReason
from schemas.facts import Captured, Subject
from services.imports.source import BadRow, FactSource, SourceUnusable, fact_event


def source(name: str = "leads.csv", digest: str = "0123456789abcdef") -> FactSource:
    return FactSource(name, digest, total=2, read=lambda import_id, _: iter([import_id.encode()]))


def test_an_import_is_named_after_its_file_and_a_digest_of_its_content() -> None:
    assert source().import_id == "leads.csv-0123456789abcdef"
    assert source(digest="ffff456789abcdef").import_id != source().import_id


def test_a_long_file_name_still_makes_a_name_that_facts_can_carry() -> None:
    import_id = source("x" * 255).import_id
    said = fact_event(
        Captured(),
        source="s",
        event_id="1",
        time=datetime(2026, 3, 2, tzinfo=UTC),
        subject=Subject(email="ana@example.com"),
        import_id=import_id,
    )
    assert said.data.import_id == import_id
    assert said.type == "relevo.lead.captured"


def test_a_source_can_be_read_as_often_as_one_likes() -> None:
    read = source()
    assert list(read) == list(read) == [b"leads.csv-0123456789abcdef"]


def test_a_bad_row_is_known_by_its_bytes_wherever_it_stands() -> None:
    one = BadRow("crm", "a.csv:2", b"x,y\n", DeadReason.ROW, "too short")
    moved = BadRow("crm", "a.csv:9", b"x,y\n", DeadReason.ROW, "too short")
    other = BadRow("crm", "a.csv:2", b"x,z\n", DeadReason.ROW, "too short")
    assert one.event_id == moved.event_id != other.event_id
    assert one.remedy == "correct the row, or the mapping, and import the file again"


def test_what_cannot_be_used_is_said_in_one_sentence_with_its_remedy() -> None:
    with pytest.raises(SourceUnusable, match=r"^there is no file x\.csv; check the path$"):
        raise SourceUnusable("there is no file x.csv", "check the path")
