"""How many leads there are, by whether they count."""

from sqlalchemy import Connection

from infra.store.reading.head_count import HeadCount, head_count
from tests.infra.store.reading.rows import put_lead


def test_each_lead_is_one_thing_and_they_add_up(store: Connection) -> None:
    put_lead(store, "a")
    put_lead(store, "b", test=False, erased=True)
    put_lead(store, "c", captured_at=None)
    put_lead(store, "d", test=True)
    put_lead(store, "e", test=True, merged_into="d")
    put_lead(store, "f", merged_into="a", captured_at=None)
    found = head_count(store)
    assert found == HeadCount(captured=2, never_captured=1, tests=2, merged=1, forgotten=1)
    assert found.total == 6


def test_an_empty_store_has_nobody(store: Connection) -> None:
    assert head_count(store).total == 0
