"""Any CSV file as facts, the way a mapping says (``services.imports.mapping``, ``docs/imports.md``).

A row says each fact of the mapping whose time is not blank and whose ``when`` holds, so one row may be a
whole life: captured, accepted, won. It says all of them or none: when one cell cannot be read, the row goes
aside as a whole, to be corrected and imported again. A row that says nothing at all goes aside too, unless
the mapping ignores it, because a row that vanishes is how numbers come to differ.

A fact's id is its kind and what names the row: the columns that the mapping gives, or a digest of the cells.
What becomes of a row that comes again with other words is ``changes``' to say.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as MappingOf
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from schemas.dead_letters import DeadReason
from schemas.facts import LeadFact, Subject
from schemas.vocabulary import Scalar
from services.imports.cells import BadCell, instant, money, number, shown
from services.imports.mapping import (
    FACTS,
    ActorForm,
    CellForm,
    FactForm,
    Mapping,
    MoneyForm,
    SubjectForm,
    TimeForm,
    Value,
    WhenForm,
    load_mapping,
)
from services.imports.source import Census, FactSource, Ignored, Read, RowFacts, fact_event
from services.imports.tables import Row, facts_of, misfit_cell, open_table
from services.phone_numbers import dialled
from services.zones import zone_info

Cells = MappingOf[str, str]

_LONGEST_ID = 200


def csv_file(path: Path, mapping_path: Path) -> FactSource:
    """Return a CSV file as a source of facts, read the way a mapping says.

    Args:
        path: The file; its first line names its columns.
        mapping_path: The mapping, in YAML (docs/imports.md).

    Raises:
        SourceUnusable: Either file cannot be used: not of the encoding, no valid mapping, or without a
            column that the mapping names.
        OSError: Either is not there, or may not be read.
    """
    mapping, document = load_mapping(mapping_path)
    table = open_table(
        path,
        mapping.source,
        [*mapping.id, *mapping.columns()],
        encoding=mapping.encoding,
        delimiter=mapping.delimiter,
    )
    digest = blake2b(f"{table.survey.digest}\n{document}".encode(), digest_size=8).hexdigest()

    def read(import_id: str, census: Census) -> Iterator[Read]:
        reader = _Reader(mapping, import_id)
        return facts_of(mapping.source, table.rows(), reader.facts, reader.names, census)

    return FactSource(path.name, digest, table.row_count * len(mapping.facts), read, tells_changes=True)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads rows for one import."""

    mapping: Mapping
    import_id: str

    def facts(self, row: Row) -> list[RowFacts]:
        """Return what a row says.

        Raises:
            Ignored: The mapping ignores the row.
            BadCell: A cell cannot be read, or the row says nothing.
        """
        cells = self._cells(row)
        if (when := self.mapping.ignore) is not None and _holds(when, cells):
            raise Ignored(f"the mapping ignores {when.column} {shown(cells[when.column])}")
        said = [(name, form) for name, form in self._named() if _says(form, cells)]
        if not said:
            raise BadCell(DeadReason.ROW, "the row says no fact of the mapping; add one, or ignore such rows")
        subject, key = self._subject(cells), self._key(cells)
        changed = self.mapping.changed
        changed_at = self._time(changed, cells) if changed is not None and cells[changed.column] else None
        events = (
            fact_event(
                self._fact(form, cells),
                source=self.mapping.source,
                event_id=f"{name}:{key}",
                time=self._time(form.at, cells),
                subject=subject,
                import_id=self.import_id,
            )
            for name, form in said
        )
        return [RowFacts(tuple(events), changed_at, self.mapping.attributes)]

    def names(self, row: Row) -> tuple[str, ...]:
        """Return the ids of the facts that a row may say; none, if nothing names the row."""
        cells = self._cells(row)
        if not self.mapping.id or not all(cells[name] for name in self.mapping.id):
            return ()
        key = self._key(cells)
        return tuple(f"{name}:{key}" for name, _ in self._named())

    def _cells(self, row: Row) -> Cells:
        blank = self.mapping.blank
        return (
            {name: "" if text in blank else text for name, text in row.cells.items()} if blank else row.cells
        )

    def _named(self) -> Iterator[tuple[str, FactForm]]:
        """Yield each form with what its ids begin with: the kind, numbered where it is not the first."""
        seen: dict[str, int] = {}
        for form in self.mapping.facts:
            count = seen[form.kind] = seen.get(form.kind, 0) + 1
            yield form.kind if count == 1 else f"{form.kind}.{count}", form

    def _key(self, cells: Cells) -> str:
        names = self.mapping.id or tuple(cells)
        parts = [cells[name] for name in names]
        if self.mapping.id and not all(parts):
            blank = names[parts.index("")]
            raise BadCell(DeadReason.ROW, f"the column {shown(blank)}, which names the row, is blank")
        key = "|".join(parts)
        if self.mapping.id and len(key) <= _LONGEST_ID and key.count("|") == len(parts) - 1:
            return key
        return blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()

    def _fact(self, form: FactForm, cells: Cells) -> LeadFact:
        with _explained(form.filled):
            return FACTS[form.kind].model_validate(_filled(form.filled, cells, self.mapping))

    def _subject(self, cells: Cells) -> Subject:
        fields = self.mapping.subject.filled
        values = _filled(fields, cells, self.mapping)
        if "phone" in values:
            values["phone"] = dialled(str(values["phone"]), self.mapping.region)
        with _explained(fields):
            subject = Subject.model_validate(values)
        if not (subject.email or subject.phone or subject.anonymous_id or subject.external_ids):
            raise BadCell(DeadReason.ROW_IDENTITY, "every column that says whom the row is about is blank")
        return subject

    def _time(self, form: TimeForm, cells: Cells) -> datetime:
        zone = zone_info(form.zone or self.mapping.zone)
        with _in_column(form.column):
            return instant(cells[form.column], form=form.dates or self.mapping.dates, zone=zone)


@contextmanager
def _in_column(column: str) -> Iterator[None]:
    """Name the column of a cell that cannot be read."""
    try:
        yield
    except BadCell as error:
        raise BadCell(error.reason, f"the column {shown(column)}: {error}") from error


@contextmanager
def _explained(fields: MappingOf[str, Value]) -> Iterator[None]:
    """Name the column of a value that its fact does not take."""
    try:
        yield
    except ValidationError as error:
        raise BadCell(DeadReason.ROW_VALUE, misfit_cell(error, partial(_place, fields))) from error


def _place(fields: MappingOf[str, Value], loc: Sequence[str | int]) -> str:
    """Return the column that a field of a fact comes from, or the field where that is a constant."""
    first, *below = loc
    match fields.get(str(first)):
        case CellForm(named=(_, _, *_) as columns):
            return f"the columns {', '.join(map(shown, columns))}"
        case CellForm(named=(column,)) | MoneyForm(column=column):
            return f"the column {shown(column)}"
        case ActorForm() | SubjectForm() as form if below:
            return _place(form.filled, below)
        case dict() as inner if below:
            return _place(inner, below)
        case _:
            return ".".join(map(str, loc))


def _says(form: FactForm, cells: Cells) -> bool:
    return bool(cells[form.at.column]) and (form.when is None or _holds(form.when, cells))


def _holds(when: WhenForm | None, cells: Cells) -> bool:
    return when is not None and cells[when.column] in when.in_


def _filled(fields: MappingOf[str, Value], cells: Cells, mapping: Mapping) -> dict[str, Any]:
    """Return the values of fields, those left out that are blank."""
    values = ((name, _value(form, cells, mapping)) for name, form in fields.items())
    return {name: value for name, value in values if value is not None}


def _value(form: Value, cells: Cells, mapping: Mapping) -> Any:
    match form:
        case CellForm():
            return _scalar(form, cells, mapping)
        case MoneyForm():
            text = cells[form.column]
            with _in_column(form.column):
                return money(_number(text, mapping), form.currency) if text else None
        case ActorForm() | SubjectForm():
            return _filled(form.filled, cells, mapping)
        case _:
            return _filled(form, cells, mapping)


def _scalar(form: CellForm, cells: Cells, mapping: Mapping) -> Scalar | None:
    if not form.named:
        return form.constant
    text = " ".join(cells[name] for name in form.named if cells[name])
    if text in form.values:
        return form.values[text]
    if not text or form.as_ == "text":
        return text or None
    with _in_column(form.named[0]):
        read = _number(text, mapping)
    return int(read) if read == read.to_integral_value() else float(read)


def _number(text: str, mapping: Mapping) -> Decimal:
    return number(text, mark=mapping.decimal, sign=mapping.currency_sign)
