"""From a row that was fetched to facts: the mapping of the generic vendor, over a flat document of columns.

A row's event is known by what names the row and a digest of what stands in it: a changed row says a new fact,
an unchanged one nothing, wherever it is read again. A fact whose form gives an ``id`` of its own is known by
that alone, and said once. Dates and numbers are read as the mapping says they are written; a row whose dates
or numbers are none goes aside as a whole, with its place in the sentence.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import StringConstraints, model_validator

from infra.arrivals import Headers
from schemas.calendars import TimeZoneName
from schemas.dead_letters import DeadReason
from services.imports.cells import BadCell, CurrencySign, Mark, instant, number, refuse_blank_words
from services.intake.findings import Findings, content_id, names_somebody, part_bytes
from services.intake.picking import Pick, as_text, picked
from services.intake.request import Request
from services.intake.vendor import Reading, Unfit
from services.intake.vendors.generic import DocumentMapping, by_its_own_names, by_mapping
from services.phone_numbers import Region, dialled

PROBLEM = "problem"
"""The header of an original that is no row, with the reason why."""


class RowMapping(DocumentMapping):
    """What a row's columns say; without ``facts``, its own names do."""

    dates: Annotated[str, StringConstraints(min_length=2, max_length=64)] | None = None
    """How ``time`` is written, in the form of ``strptime``; null: ISO 8601."""
    zone: TimeZoneName = "UTC"
    """The zone of instants without an offset."""
    decimal: Mark = "."
    currency_sign: CurrencySign = ""
    blank: tuple[str, ...] = ()
    """Texts that stand where nothing is known, such as ``null``."""
    region: Region | None = None
    """Of phone numbers without a country's prefix; null: the agreement's default region."""

    @model_validator(mode="after")
    def _read_from_one_column(self) -> Self:
        times = [self.time, *(form.time for form in self.facts)]
        phones = [self.subject.phone] if self.region else []
        if any(pick is not None and pick.join for pick in (*times, *phones)):
            raise ValueError(
                "a time, and a phone number of a region, is read from one column; none can be joined"
            )
        return self

    @model_validator(mode="after")
    def _seeks_no_blank(self) -> Self:
        refuse_blank_words(self.blank, (text for form in self.facts if form.when for text in form.when.in_))
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the mapping names."""
        picks = [path for pick in _picks(self) for path in pick.paths]
        forms = [form.when.path for form in self.facts if form.when is not None]
        amounts = [form.amount.path for form in self.facts if form.amount is not None]
        return tuple(dict.fromkeys((*picks, *forms, *amounts)))


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it was fetched.

    Attributes:
        place: Where it stands, for people: ``leads.csv:17``.
        values: By column, as JSON has them.
        key: What names it; None: what stands in it.
        changed_at: When it was written where the source says so; the time of facts that name none.
    """

    place: str
    values: dict[str, Any]
    key: str | None = None
    changed_at: str | None = None

    @property
    def content(self) -> bytes:
        """The bytes by which a repeat is known."""
        return json.dumps(self.values, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")

    @property
    def body(self) -> bytes:
        """The row as its original holds it."""
        said = {"key": self.key, "changed_at": self.changed_at, "row": self.values}
        return json.dumps(said, ensure_ascii=False).encode("utf-8", "surrogatepass")


JSON: Headers = (("content-type", "application/json"),)


def facts(request: Request, mapping: RowMapping) -> Reading:
    """Read a row."""
    problem = request.header(PROBLEM)
    if problem is not None:
        return Reading(unfit=(Unfit(DeadReason.ROW, f"{request.target}: {problem}", request.content),))
    said = json.loads(request.content)
    findings = Findings(request)
    if not findings.is_spoiled(said["row"]):
        _say(findings, said, mapping)
    reading = findings.reading()
    nameless = [
        Unfit(DeadReason.NO_IDENTITY, "nobody is named", part_bytes(said["row"]), event.id)
        for event in reading.facts
        if not names_somebody(event)
    ]
    unfit = [replace(one, detail=f"{request.target}: {one.detail}") for one in (*reading.unfit, *nameless)]
    return Reading(tuple(event for event in reading.facts if names_somebody(event)), tuple(unfit))


def _say(findings: Findings, said: dict[str, Any], mapping: RowMapping) -> None:
    row: dict[str, Any] = said["row"]
    key = _key(said, mapping)
    event_id = content_id("", row) if key is None else f"{key}:{content_id('', row)[:16]}"
    try:
        item = _plain(row, mapping)
    except BadCell as error:
        findings.refuse(row, error.reason, str(error), event_id=event_id)
        return
    if mapping.facts:
        written = None if mapping.time or not said["changed_at"] else Pick(constant=said["changed_at"])
        dated = mapping.model_copy(update={"time": written}) if written else mapping
        by_mapping(findings, item, dated, event_id)
    else:
        by_its_own_names(findings, {"time": said["changed_at"], **item}, event_id)


def name_of(body: bytes, mapping: RowMapping) -> str | None:
    """Return what names a row, as its original holds it; None: only what stands in it does."""
    return _key(json.loads(body), mapping)


def _key(said: dict[str, Any], mapping: RowMapping) -> str | None:
    named = picked(mapping.id, said["row"])
    key: str | None = said["key"] if named is None else as_text(named)
    return key


def _plain(row: dict[str, Any], mapping: RowMapping) -> dict[str, Any]:
    """Return a row without blank cells, its instants and numbers written as everywhere.

    Raises:
        BadCell: One of them is none.
    """
    item = {name: value.strip() if isinstance(value, str) else value for name, value in row.items()}
    item = {name: value for name, value in item.items() if value not in (None, "", *mapping.blank)}
    times = {pick.path for pick in (mapping.time, *(form.time for form in mapping.facts)) if pick is not None}
    for path in times | ({"time"} if not mapping.facts else set()):
        if path in item:
            item[path] = _at(as_text(item[path]), mapping)
    for path in _numeric(mapping):
        if isinstance(item.get(path), str):
            item[path] = str(number(item[path], mark=mapping.decimal, sign=mapping.currency_sign))
    if (path := _phone(mapping)) in item:
        item[path] = dialled(as_text(item[path]), mapping.region)
    return item


def _at(text: str, mapping: RowMapping) -> str:
    form = None if mapping.dates is None or _is_iso(text) else mapping.dates
    return instant(text, form=form, zone=ZoneInfo(mapping.zone)).isoformat()


def _is_iso(text: str) -> bool:
    """Say whether a text is an instant as databases write it, whatever the mapping says of dates."""
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _numeric(mapping: RowMapping) -> Iterator[str]:
    for form in mapping.facts:
        if form.amount is not None:
            yield form.amount.path
    for pick in _picks(mapping):
        if pick.path is not None and pick.as_ == "number":
            yield pick.path


def _phone(mapping: RowMapping) -> str | None:
    if mapping.subject.phone is not None:
        return mapping.subject.phone.path
    return None if mapping.facts else "phone"  # by its own name


def _picks(mapping: RowMapping) -> Iterator[Pick]:
    subject = mapping.subject
    own = (mapping.id, mapping.time, mapping.test, subject.email, subject.phone, subject.name)
    yield from (pick for pick in (*own, subject.company, subject.anonymous_id) if pick is not None)
    yield from subject.external_ids.values()
    for form in mapping.facts:
        yield from (pick for pick in (form.id, form.time) if pick is not None)
        yield from (*form.fields.values(), *form.attributes.values())
        if form.amount is not None:
            yield form.amount.currency
