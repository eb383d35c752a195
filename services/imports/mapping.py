"""A mapping: which column of a CSV file is which field of which fact, as a document in YAML.

The document is data and nothing else: columns, constants, tables of values, forms of dates. It is checked
as a whole before the first row is read, against the facts as ``schemas.facts`` defines them, and each error
gives its path, the value and the remedy. ``docs/imports.md`` describes it with an example; what a row then
says is ``csv_mapping``'s business.

A cell is the name of a column, or says more: ``{column: Country, values: {Spain: ES}}``,
``{column: Staff, as: number}``, ``{constant: fair-2026}``; two columns and more are joined:
``[First Name, Last Name]``.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self, get_args

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator

from infra.agreement_file import Problem, located
from infra.plain_errors import nearest, plain_errors
from infra.yaml_text import Node, YamlRefused, read_yaml
from schemas.calendars import TimeZoneName
from schemas.facts import LeadFact
from schemas.frozen import Frozen
from schemas.vocabulary import Name, Scalar
from services.imports.cells import CurrencySign, Mark, refuse_blank_words, shown
from services.imports.source import SourceUnusable
from services.imports.tables import Delimiter, Encoding
from services.phone_numbers import Region

FACTS: dict[str, type[LeadFact]] = {model.model_fields["kind"].default: model for model in get_args(LeadFact)}
"""Every kind of fact that a row may say."""


NO_FIELDS = frozenset(("kind", "at", "when"))
"""Parts of a fact's form that say when it is said; the others are named like the fact's fields."""


def _column(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


def _cell(value: object) -> object:
    return {"join": value} if isinstance(value, list) else _column(value)


def _date_form(form: str) -> str:
    if not _holds_a_date(form):
        raise ValueError(f"{shown(form)} is no form of a date; write one like '%d/%m/%Y %H:%M'")
    return form


def _holds_a_date(form: str) -> bool:
    day = datetime(2026, 12, 31, 22, 58, 59, tzinfo=UTC)
    try:
        written = day.strftime(form)
        if written == day.replace(year=2025).strftime(form):
            return False  # which newer Pythons read with a warning, and will refuse
        return datetime.strptime(written, form).date() == day.date()  # noqa: DTZ007  only the day is looked at
    except ValueError:
        return False


DateForm = Annotated[str, AfterValidator(_date_form)]
"""A ``strptime`` format that holds year, month and day."""


class Form(Frozen):
    """A part of a mapping: what it names of the file stands in its fields."""

    def columns(self) -> Iterator[str]:
        """Yield the columns that this part and the parts of it name."""
        for value in (getattr(self, name) for name in type(self).model_fields):
            parts = (
                value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else (value,)
            )
            yield from (column for part in parts if isinstance(part, Form) for column in part.columns())
        yield from self.named

    @property
    def named(self) -> tuple[str, ...]:
        """The columns that this part itself names."""
        column = getattr(self, "column", None)
        return (column,) if column else ()

    @cached_property
    def filled(self) -> "dict[str, Value]":
        """The fields of a fact or a subject that this part fills."""
        said = ((name, getattr(self, name)) for name in type(self).model_fields)
        return {name: form for name, form in said if name not in NO_FIELDS and form}


class CellForm(Form):
    """Where a value comes from: a column, several that are joined, or a constant."""

    column: Name | None = None
    join: Annotated[tuple[Name, ...], Field(max_length=8)] = ()
    """Columns whose texts make one, with a space between them; blank ones are left out."""
    constant: Scalar | None = None
    values: dict[str, Scalar | None] = Field(default_factory=dict)
    """What texts of the column stand for; a text that is not named here stands for itself."""
    as_: Annotated[Literal["text", "number"], Field(alias="as")] = "text"

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if [self.column is None, not self.join, self.constant is None].count(False) != 1:
            raise ValueError("a value comes from one place; give either column, join or constant")
        if self.join and self.as_ == "number":
            raise ValueError("what is joined is a text; leave out as: number")
        return self

    @property
    def named(self) -> tuple[str, ...]:
        """The columns that it is read from."""
        return self.join or super().named


class TimeForm(Form):
    """The column that says when, and how it is written where that differs from the file's way."""

    column: Name
    dates: DateForm | None = None
    zone: TimeZoneName | None = None


class WhenForm(Form):
    """Holds of a row whose column has one of these texts."""

    column: Name
    in_: Annotated[tuple[str, ...], Field(alias="in", min_length=1)]


Cell = Annotated[CellForm, BeforeValidator(_cell)]
Time = Annotated[TimeForm, BeforeValidator(_column)]


class MoneyForm(Form):
    """An amount: its number, and its currency for the whole file."""

    column: Name
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class ActorForm(Form):
    """Who says the fact."""

    side: Cell
    owner: Cell | None = None


class SubjectForm(Form):
    """Whom a row is about."""

    email: Cell | None = None
    phone: Cell | None = None
    name: Cell | None = None
    company: Cell | None = None
    anonymous_id: Cell | None = None
    external_ids: dict[Name, Cell] = Field(default_factory=dict)


class FactForm(Form):
    """One fact that a row may say. It says it when ``at`` is not blank and ``when`` holds."""

    kind: str
    at: Time
    when: WhenForm | None = None
    origin: Cell | None = None
    campaign: Cell | None = None
    landing_page: Cell | None = None
    attributes: dict[Name, Cell] | None = None
    channel: Cell | None = None
    action: Cell | None = None
    name: Cell | None = None
    promised: Cell | None = None
    outcome: Cell | None = None
    by: ActorForm | None = None
    handoff_id: Cell | None = None
    reason: Cell | None = None
    owner: Cell | None = None
    team: Cell | None = None
    stage: Cell | None = None
    opportunity_id: Cell | None = None
    amount: MoneyForm | None = None
    other: SubjectForm | None = None
    granted: Cell | None = None

    @model_validator(mode="after")
    def _fields_of_its_kind(self) -> Self:
        model = FACTS.get(self.kind)
        if model is None:
            raise ValueError(f"{shown(self.kind)} is no kind of fact; {nearest(self.kind, list(FACTS))}")
        fields = {name: field for name, field in model.model_fields.items() if name not in NO_FIELDS}
        for name in self.filled:
            if name not in fields:
                raise ValueError(f"{self.kind} has no field {name}; {nearest(name, list(fields))}")
        for name, field in fields.items():
            if field.is_required() and name not in self.filled:
                raise ValueError(f"{self.kind} needs the field {name}; name its column or a constant")
        return self


Value = CellForm | MoneyForm | ActorForm | SubjectForm | dict[str, CellForm]
"""What a field is filled from."""


class Mapping(Form):
    """The whole document."""

    source: Annotated[str, Field(min_length=1, max_length=128)]
    """The tool that these facts are said by."""
    encoding: Encoding = "utf-8"
    delimiter: Delimiter = ","
    decimal: Mark = "."
    currency_sign: CurrencySign = ""
    blank: tuple[str, ...] = ()
    """Texts that stand where nothing is known, such as ``null``."""
    dates: DateForm | None = None
    """Null: ISO 8601."""
    zone: TimeZoneName = "UTC"
    """Of dates without an offset."""
    region: Region | None = None
    """Of phone numbers without a country's prefix; null: the agreement's default region."""
    id: tuple[Name, ...] = ()
    """The columns that together name a row; none: the row's content does."""
    changed: Time | None = None
    """When a row was last written; null: a row that has changed did so when it was imported."""
    subject: SubjectForm
    ignore: WhenForm | None = None
    """Rows that are of no interest."""
    facts: Annotated[tuple[FactForm, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _seeks_no_blank(self) -> Self:
        clauses = (self.ignore, *(form.when for form in self.facts))
        refuse_blank_words(self.blank, (text for clause in clauses if clause for text in clause.in_))
        return self

    @cached_property
    def attributes(self) -> frozenset[str]:
        """The attributes that a row may tell."""
        return frozenset(name for form in self.facts for name in form.attributes or ())


def load_mapping(path: Path) -> tuple[Mapping, str]:
    """Read a mapping.

    Returns:
        The mapping, and the text that it was read from.

    Raises:
        SourceUnusable: It is no mapping: the first error with its line, path, value and remedy, and how
            many more there are.
        OSError: There is no such file, or it may not be read.
    """
    text, document = _read(path)
    try:
        return Mapping.model_validate(document.plain()), text
    except ValidationError as error:
        raise _wrong(path.name, text, document, error) from error


def _read(path: Path) -> tuple[str, Node]:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise SourceUnusable(f"{path.name} is no UTF-8 text", "save it as UTF-8") from error
    try:
        return text, read_yaml(text)
    except YamlRefused as error:
        where = f", line {error.line}" if error.line else ""
        remedy = error.remedy if text.strip() else "begin with the example in docs/imports.md"
        raise SourceUnusable(f"{path.name}{where}: {error.message}", remedy) from error


def _wrong(file: str, text: str, document: Node, error: ValidationError) -> SourceUnusable:
    plain = plain_errors(error, document, Mapping)
    first, *more = located([Problem(each.at, each.message, each.remedy) for each in plain], text)
    also = f" ({len(more)} more after this)" if more else ""
    return SourceUnusable(f"{file}, line {first.line}: {first.path}: {first.message}", first.remedy + also)
