"""Rows of the read model: what a worker wants people to be able to query.

A worker says rows as plain data and no SQL; ``infra.store`` knows the tables. A row names its table, its
key, and the columns that the worker owns: several workers may own different columns of the same row
(``leads``). The tables are listed in ``docs/architecture.md``.
"""

from datetime import datetime
from typing import Literal

from schemas.records import record

Value = str | int | float | bool | datetime | None
Table = Literal["leads", "handoffs", "sla_clocks", "alerts"]


@record(frozen=True, slots=True)
class Row:
    """One row, or the part of it that one worker owns.

    ``key`` are the values of the table's primary key, in order: ``(lead_id,)``, ``(handoff_id,)``,
    ``(handoff_id, clock, turn)``, ``(alert_id,)``. Structured values (a brief, pauses) are given as JSON
    text.
    """

    table: Table
    key: tuple[str | int, ...]
    values: tuple[tuple[str, Value], ...]
