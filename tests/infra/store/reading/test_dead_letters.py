"""Dead letters: those that wait, by reason, and one with its bytes."""

from sqlalchemy import Connection

from infra.store.reading.dead_letters import count_dead_letters, dead_letter, dead_letters_like
from tests.infra.store.reading.rows import MORNING, put_dead


def test_those_that_wait_are_listed_oldest_first_and_counted_by_reason(store: Connection) -> None:
    for reason in ("not_json", "schema", "not_json"):
        put_dead(store, reason)
    put_dead(store, "schema", closed_at=MORNING, closed_as="resubmitted")
    assert [one.reason for one in dead_letters_like(store)] == ["not_json", "schema", "not_json"]
    assert [one.id for one in dead_letters_like(store, reason="not_json", limit=1)] == [1]
    assert len(dead_letters_like(store, closed=True)) == 4
    assert count_dead_letters(store) == {"not_json": 2, "schema": 1}


def test_one_dead_letter_has_its_bytes_and_the_remedy(store: Connection) -> None:
    put_dead(store, "not_json", original=b"\xff{", detail="byte 0 is not UTF-8")
    found = dead_letter(store, 1)
    assert found is not None
    assert (found.original, found.remedy) == (b"\xff{", "send one JSON object, encoded in UTF-8")
    assert dead_letter(store, 2) is None
