"""Reading a table: passes that overlap, so that rows that were committed late are not passed over.

A pass reads from a lower bound to the cursor's highest value at its start. Whatever is committed afterwards
has a cursor no further back than ``lookback`` before that value, so there the next pass begins; what it reads
again falls away, because a row that was taken is known. A position holds the pass in hand and the place in
it: a process that was killed reads on there.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from infra.elsewhere.away import SourceUnfit
from infra.store.foreign import ForeignTable, TableForm
from infra.store.pulls import Batch, Position
from infra.time_source import TimeSource
from services.imports.cells import BadCell, Mark, instant
from services.intake.pulling.forms import TablePull
from services.intake.pulling.origin import Keeper, Notice
from services.intake.pulling.rows import Row, RowMapping
from services.intake.pulling.values import as_json, at_most, before, kept, restored
from services.intake.sources import Source

__all__ = ["TableOrigin"]


@dataclass(frozen=True, slots=True)
class _Pass:
    """A pass: its bounds, and the last row's order columns; ``after`` is None before its first row.

    ``done`` is how far it has read for certain: its top, but no further than the time at which it began. A
    row of 2099 says nothing of what is written until then.
    """

    low: Any
    top: Any
    done: Any
    after: tuple[Any, ...] | None = None

    def kept(self) -> Position:
        after = None if self.after is None else [kept(value) for value in self.after]
        return {"low": kept(self.low), "top": kept(self.top), "done": kept(self.done), "after": after}


class TableOrigin:
    """A source of kind ``sql``.

    Args:
        source: The source.
        now: The time.
    """

    def __init__(self, source: Source, now: TimeSource) -> None:
        self._pull: TablePull = source.pull
        self._mapping = source.mapping
        self._now = now
        self._keeper = Keeper(source, now)
        pull = self._pull
        self._form = TableForm(pull.table, pull.columns, pull.key, pull.cursor)
        self._table = ForeignTable(source.pull_secrets[pull.url_env], self._form)
        self._has_looked = False

    def batches(self, position: Position, files: Mapping[str, str]) -> Iterator[Batch | Notice]:
        """Read a pass to its end, or the rest of one that was cut short."""
        if not self._has_looked and self._form.cursor and (count := self._table.count_without_cursor()):
            yield Notice(f"{count:,} rows have no {self._form.cursor} and are not read")
        self._has_looked = True
        run = self._begun(position)
        while run is not None:
            page = self._table.page(low=run.low, top=run.top, after=run.after)
            if page.rows:
                run = replace(run, after=tuple(page.rows[-1][name] for name in self._form.order))
                taken = self._keeper.rows(self._row(row) for row in page.rows)
                yield Batch(taken, self._kept(run))
            if page.is_last:
                yield Batch(position={"done": kept(run.done)})
                return

    def close(self) -> None:
        """Close what is open."""
        self._table.close()

    def _begun(self, position: Position) -> _Pass | None:
        """Return the pass to go on with; None if the table has nothing to read."""
        now = self._now().astimezone(ZoneInfo(self._zone))
        if position.get("after") is not None:
            low, top = restored(position["low"]), restored(position["top"])
            done = restored(position["done"]) if "done" in position else at_most(top, now)
            return _Pass(low, top, done, tuple(restored(value) for value in position["after"]))
        if self._form.cursor is None:
            return _Pass(None, None, None)
        highest = self._table.highest()
        if highest is None:
            return None
        before_this = at_most(restored(position.get("done")), now)
        try:
            return _Pass(before(before_this, self._pull.lookback), highest, at_most(highest, now))
        except ValueError as error:
            raise SourceUnfit(str(error)) from error

    @property
    def _zone(self) -> str:
        assert isinstance(self._mapping, RowMapping)  # noqa: S101 - it is of the kind
        return self._mapping.zone

    @property
    def _mark(self) -> Mark:
        assert isinstance(self._mapping, RowMapping)  # noqa: S101 - it is of the kind
        return self._mapping.decimal

    def _kept(self, run: _Pass) -> Position:
        try:
            return run.kept()
        except TypeError as error:
            raise SourceUnfit(f"{', '.join(self._form.order)}: {error}; choose other columns") from error

    def _row(self, row: Mapping[str, Any]) -> Row:
        read = row if self._form.columns is None else self._chosen(row)
        values = {name: as_json(value, mark=self._mark) for name, value in read.items()}
        key = ":".join(str(as_json(row[name])) for name in self._form.key)
        place = f"{self._form.name} {key if _is_plain(key) else '(a row)'}"
        return Row(place, values, key, self._changed_at(row))

    def _chosen(self, row: Mapping[str, Any]) -> dict[str, Any]:
        chosen = dict.fromkeys((*(self._form.columns or ()), *self._form.key))
        return {name: row[name] for name in chosen}

    def _changed_at(self, row: Mapping[str, Any]) -> str | None:
        value = row[self._form.cursor] if self._form.cursor else None
        if not isinstance(value, datetime | str):
            return None
        try:
            return instant(str(as_json(value)), zone=ZoneInfo(self._zone)).isoformat()
        except BadCell:  # text that is no instant dates nothing
            return None


def _is_plain(key: str) -> bool:
    """Say whether a key is a number or made by a machine, and therefore nothing that names a person."""
    return re.fullmatch(r"[0-9a-fA-F:-]{1,80}", key) is not None
