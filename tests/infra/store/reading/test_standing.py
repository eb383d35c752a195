"""How far a worker has come with a lead."""

from datetime import datetime

from sqlalchemy import Connection, event, insert

from infra.store.reading.standing import state_of, taken_of
from infra.store.tables.hosts import positions, states
from tests.infra.store.reading.rows import minutes


def put_position(connection: Connection, partition: int, clock: datetime | None) -> None:
    row = {"worker": "lifecycle", "partition": partition, "next_offset": 1, "version": 1, "clock": clock}
    connection.execute(insert(positions), row)


def put_state(connection: Connection, lead_id: str, partition: int) -> None:
    row = {"worker": "lifecycle", "partition": partition, "lead_id": lead_id, "state": None, "said": 2}
    connection.execute(insert(states), {**row, "taken": 3, "last_seq": 7})


def test_what_a_worker_has_taken_of_a_lead_ends_at_the_clock_of_the_leads_partition(
    store: Connection,
) -> None:
    put_position(store, 0, minutes(90))
    put_position(store, 1, minutes(60))
    put_state(store, "L1", 1)
    found = taken_of(store, "lifecycle", "L1")
    assert found is not None
    assert (found.seq, found.version, found.clock) == (7, 3, minutes(60))


def test_before_the_first_tick_there_is_no_clock(store: Connection) -> None:
    put_position(store, 0, None)
    put_state(store, "L1", 0)
    found = taken_of(store, "lifecycle", "L1")
    assert found is not None
    assert found.clock is None


def test_a_lead_that_a_worker_never_heard_of_has_nothing_taken(store: Connection) -> None:
    put_position(store, 0, minutes(60))
    put_state(store, "L1", 0)
    assert taken_of(store, "scoring", "L1") is None
    assert taken_of(store, "lifecycle", "L2") is None


def test_a_lead_is_found_by_its_whole_key_however_many_there_are(store: Connection) -> None:
    asked: list[str] = []

    @event.listens_for(store, "before_cursor_execute")
    def _note(_c: object, _cursor: object, text: str, *_more: object) -> None:
        asked.append(text)

    state_of(store, "lifecycle", "L1")
    taken_of(store, "lifecycle", "L1")
    for text in asked.copy():
        marks = ("x",) * text.count("?")
        plan = store.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", marks).all()
        assert any("states" in row.detail and "lead_id=?" in row.detail for row in plan), plan
