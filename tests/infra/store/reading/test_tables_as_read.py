"""Hand-offs, clocks, alerts and the line's standing, read as they were written."""

from sqlalchemy import Connection, insert

from infra.store.reading.handoffs import clocks_of, due_dates, handoffs_of
from infra.store.reading.notices import alerts_like, count_alerts
from infra.store.reading.standing import (
    imports_of,
    oldest_timer,
    positions_of,
    sizes,
)
from infra.store.tables.hosts import imports, positions, records, timers
from infra.store.tables.read_model import alerts, handoffs, sla_clocks
from tests.infra.store.reading.rows import MORNING, minutes, put_fact, put_lead


def put_clock(connection: Connection, clock: str, **columns: object) -> None:
    row = {"handoff_id": "a-1", "clock": clock, "turn": 1, "lead_id": "a", "started_at": MORNING}
    connection.execute(insert(sla_clocks), {**row, **columns})


def test_hand_offs_stand_oldest_first_with_their_brief(store: Connection) -> None:
    for number in (2, 1):
        row = {"handoff_id": f"a-{number}", "lead_id": "a", "number": number, "opened_at": minutes(number)}
        store.execute(insert(handoffs), {**row, "brief": '{"why_now": "pricing"}'})
    found = handoffs_of(store, ["a"])
    assert [one.handoff_id for one in found] == ["a-1", "a-2"]
    assert found[0].brief == {"why_now": "pricing"}
    assert handoffs_of(store, ["b"]) == []


def test_clocks_stand_as_they_started_and_running_ones_have_deadlines(store: Connection) -> None:
    put_clock(store, "touch", started_at=minutes(1), due_at=minutes(60), paused=False)
    put_clock(store, "acceptance", due_at=minutes(30), ended_at=minutes(5))
    assert [(one.clock, one.paused) for one in clocks_of(store, ["a"])] == [
        ("acceptance", False),
        ("touch", False),
    ]
    assert due_dates(store) == {("a-1", "touch", 1): minutes(60)}


def test_open_alerts_stand_latest_first_and_resolved_ones_only_when_asked_for(store: Connection) -> None:
    for number, resolved_at in ((1, None), (2, None), (3, MORNING)):
        row = {"alert_id": f"n{number}", "kind": "stalled", "opened_at": minutes(number), "owner": "ana"}
        store.execute(insert(alerts), {**row, "recipients": '["sales"]', "resolved_at": resolved_at})
    found = alerts_like(store)
    assert [one.alert_id for one in found] == ["n2", "n1"]
    assert found[0].recipients == ("sales",)
    assert len(alerts_like(store, open_only=False)) == 3
    assert (count_alerts(store), count_alerts(store, open_only=False, owner="ana")) == (2, 3)
    assert alerts_like(store, kind="sla_breach") == []
    assert [one.alert_id for one in alerts_like(store, owner="ana", limit=1)] == ["n2"]


def test_the_standing_of_the_line_is_counted(store: Connection) -> None:
    put_lead(store, "a")
    put_fact(store, 1, "a")
    put_fact(store, 2, "a")
    position = {"worker": "sequencer", "partition": 0, "next_offset": 2, "version": 1, "seq": 2}
    store.execute(insert(positions), position)
    store.execute(insert(records), [{"received_at": MORNING, "value": b"{}"} for _ in range(3)])
    timer = {"worker": "lifecycle", "partition": 0, "lead_id": "a", "kind": "stale", "due_at": minutes(9)}
    store.execute(insert(timers), timer)
    store.execute(insert(imports), {"import_id": "i", "opened_seq": 1, "closed_seq": None})
    found = sizes(store)
    assert (found.lead_count, found.fact_count, found.waiting_count, found.timer_count) == (1, 2, 2, 1)
    assert [one.next_offset for one in positions_of(store)] == [2]
    assert oldest_timer(store) == minutes(9)
    assert [one.closed_seq for one in imports_of(store)] == [None]


def test_an_empty_store_has_no_time_yet(store: Connection) -> None:
    assert (oldest_timer(store), positions_of(store)) == (None, [])
