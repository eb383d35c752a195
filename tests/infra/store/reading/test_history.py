"""A lead's history: facts and conclusions in the order in which they were true."""

from sqlalchemy import Connection, insert

from infra.store.reading.history import Decided, Said, caused_by, count_facts, history_of, last_heard
from infra.store.tables.hosts import merges
from tests.infra.store.reading.rows import minutes, put_conclusion, put_fact


def names(connection: Connection, lead_id: str) -> list[str]:
    return [
        f"fact {one.seq}" if isinstance(one, Said) else one.conclusion_id
        for one in history_of(connection, lead_id)
    ]


def test_a_conclusion_stands_right_behind_what_caused_it(store: Connection) -> None:
    put_fact(store, 1, "a", at=minutes(5))
    put_fact(store, 2, "a", at=minutes(5))
    put_conclusion(store, "of 2", "a", at=minutes(5), cause_seq=2)
    put_conclusion(store, "of 1", "a", at=minutes(5), cause_seq=1)
    assert names(store, "a") == ["fact 1", "of 1", "fact 2", "of 2"]


def test_a_timer_stands_before_the_facts_of_its_instant(store: Connection) -> None:
    put_fact(store, 1, "a", at=minutes(5))
    put_conclusion(store, "stalled", "a", at=minutes(5), timer_kind="stale", timer_worker="lifecycle")
    assert names(store, "a") == ["stalled", "fact 1"]


def test_a_late_fact_stands_where_it_happened(store: Connection) -> None:
    put_fact(store, 1, "a", at=minutes(9))
    put_fact(store, 2, "a", at=minutes(3))
    assert names(store, "a") == ["fact 2", "fact 1"]


def test_the_facts_of_an_absorbed_lead_are_part_of_it(store: Connection) -> None:
    put_fact(store, 1, "a")
    put_fact(store, 2, "b")
    put_fact(store, 3, "c")
    store.execute(insert(merges), {"absorbed": "b", "survivor": "a", "from_seq": 2, "to_seq": None})
    assert names(store, "a") == ["fact 1", "fact 2"]
    assert count_facts(store, "a") == 2


def test_what_was_restated_or_withdrawn_says_that_it_no_longer_stands(store: Connection) -> None:
    put_conclusion(store, "x", "a", body='{"n": 1}', cause_seq=1)
    put_conclusion(store, "y", "a", cause_seq=2)
    put_conclusion(store, "x", "a", change="restated", body='{"n": 2}', was='{"n": 1}', cause_seq=1)
    put_conclusion(store, "y", "a", change="withdrawn", was="{}", cause_seq=2)
    said = [one for one in history_of(store, "a") if isinstance(one, Decided)]
    assert [(one.conclusion_id, one.change, one.stands) for one in said] == [
        ("x", "said", False),
        ("x", "restated", True),
        ("y", "said", False),
        ("y", "withdrawn", False),
    ]
    assert [one.body for one in caused_by(store, "a", 1)] == [{"n": 2}]
    assert caused_by(store, "a", 2) == []


def test_a_lead_was_last_heard_of_when_its_last_fact_happened(store: Connection) -> None:
    put_fact(store, 1, "a", at=minutes(5))
    put_fact(store, 2, "a", at=minutes(3))
    put_fact(store, 3, "b", at=minutes(1))
    assert last_heard(store, ["a", "b", "c"]) == {"a": minutes(5), "b": minutes(1)}


def test_personal_data_is_not_part_of_a_history(store: Connection) -> None:
    put_fact(store, 1, "a", original=b"ana@example.com", flags="clock_skew,backdated")
    (said,) = history_of(store, "a")
    assert isinstance(said, Said)
    assert said.flags == ("clock_skew", "backdated")
    assert "ana@example.com" not in repr(said)
