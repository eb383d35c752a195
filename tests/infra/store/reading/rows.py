"""Rows for reading tests: a fact, a conclusion, a lead, a cell, each with believable defaults."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert

from infra.store.codec import NO_BUCKET
from infra.store.tables.read_model import dead_letters, facts, leads, metrics, timeline

MORNING = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def minutes(count: int) -> datetime:
    return MORNING + timedelta(minutes=count)


def put_lead(connection: Connection, lead_id: str, **columns: Any) -> None:
    columns.setdefault("captured_at", MORNING)
    connection.execute(insert(leads), {"lead_id": lead_id, **columns})


def put_fact(connection: Connection, seq: int, lead_id: str, **columns: Any) -> None:
    row = {
        "kind": "engaged",
        "at": minutes(seq),
        "received_at": minutes(seq),
        "stamp": minutes(seq),
        "source": "web",
        "event_id": f"e{seq}",
        "test": False,
        "flags": "",
        "traits": "{}",
        "fact": json.dumps({"kind": columns.get("kind", "engaged")}),
    }
    connection.execute(insert(facts), {**row, "seq": seq, "lead_id": lead_id, **columns})


def put_conclusion(connection: Connection, conclusion_id: str, lead_id: str, **columns: Any) -> None:
    row = {
        "worker": "lifecycle",
        "version": 1,
        "kind": "stage_changed",
        "change": "said",
        "at": MORNING,
        "stamp": MORNING,
        "cause_seq": None,
        "ordinal": 0,
        "agreement": "1",
        "body": "{}",
    }
    connection.execute(
        insert(timeline), {**row, "conclusion_id": conclusion_id, "lead_id": lead_id, **columns}
    )


def put_cell(connection: Connection, measure: str, value: int, **columns: Any) -> None:
    row = {
        "partition": 0,
        "detail": "",
        "cohort_on": date(2026, 1, 15),
        "on": date(2026, 2, 3),
        "origin": "web",
        "campaign": "unknown",
        "segment": "unknown",
        "team": "unknown",
        "owner": "unknown",
        "bucket": NO_BUCKET,
    }
    connection.execute(insert(metrics), {**row, "measure": measure, "value": value, **columns})


def put_dead(connection: Connection, reason: str, **columns: Any) -> None:
    row = {"received_at": MORNING, "reason": reason, "detail": "somewhere", "original": b"{", "key": b"k"}
    connection.execute(insert(dead_letters), {**row, **columns})
