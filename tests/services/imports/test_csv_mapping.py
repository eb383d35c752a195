"""Rows say the facts that a mapping finds in them; the example of the documentation holds."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas.dead_letters import DeadReason
from schemas.facts import Accepted, Captured, ConsentChanged, Engaged, Lost, Merged, Subject, Won
from schemas.vocabulary import Actor, EngagementChannel, Money, Side
from services.imports.csv_mapping import csv_file
from services.imports.source import Census, FactSource, Item, SourceUnusable
from tests.house.tree import ROOT
from tests.services.imports.files import bad, event, fact, write

HEAD = ("source: crm", "id: [Id]", "subject: {email: Mail, external_ids: {crm: Id}}", "facts:")
CAPTURED = "  - {kind: captured, at: Day}"


def source(folder: Path, rows: tuple[str, ...], mapping: tuple[str, ...]) -> FactSource:
    return csv_file(write(folder / "x.csv", *rows), write(folder / "m.yaml", *mapping))


def documented(kind: str) -> str:
    page = (ROOT / "docs" / "imports.md").read_text(encoding="utf-8")
    (block,) = re.findall(rf"^```{kind}\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    return str(block)


@pytest.fixture
def example(tmp_path: Path) -> list[Item]:
    rows, mapping = (
        write(tmp_path / "deals.csv", documented("csv")),
        write(tmp_path / "m.yaml", documented("yaml")),
    )
    return list(csv_file(rows, mapping))


def test_the_documented_row_says_a_whole_life(example: list[Item]) -> None:
    first, second, third = example[:3]
    assert fact(first) == Captured(
        origin="organic_search", campaign="spring-2026", attributes={"country": "ES", "employees": 1200}
    )
    assert fact(second) == Accepted(by=Actor(side=Side.SALES, owner="lucia"))
    assert fact(third) == Won(amount=Money(amount_minor=1_250_000, currency="EUR"))
    assert [event(item).id for item in example[:3]] == ["captured:17", "accepted:17", "won:17"]
    assert event(first).time == datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
    assert event(third).time == datetime(2026, 4, 14, 15, 0, tzinfo=UTC)
    assert event(first).data.subject == Subject(
        email="ana@example.com", company="Talleres Ribera", external_ids={"small_crm": "17"}
    )


def test_the_other_documented_rows_say_what_the_page_says(example: list[Item]) -> None:
    ids = [event(item).id for item in example[3:-1]]
    assert ids == ["captured:18", "accepted:18", "lost:18", "captured:19"]
    assert fact(example[5]) == Lost()
    assert fact(example[6]) == Captured(campaign="spring-2026", attributes={"country": "ES"})
    aside = bad(example[-1])
    assert (aside.reason, aside.where) == (DeadReason.ROW_DATE, "deals.csv:6")


def test_rows_are_counted_and_those_that_are_ignored_told_by_why(tmp_path: Path) -> None:
    rows = write(tmp_path / "deals.csv", documented("csv"))
    census = Census()
    found = list(csv_file(rows, write(tmp_path / "m.yaml", documented("yaml"))).items(census))
    assert (len(found), census.row_count) == (8, 5)
    assert census.ignored == {"the mapping ignores Status 'deleted'": 1}


def test_each_fact_carries_its_import_which_is_named_after_file_and_mapping(tmp_path: Path) -> None:
    rows = ("Id,Mail,Day", "1,a@example.com,2026-03-02")
    one, same = source(tmp_path, rows, (*HEAD, CAPTURED)), source(tmp_path, rows, (*HEAD, CAPTURED))
    other = source(tmp_path, rows, (*HEAD, CAPTURED, "  - {kind: won, at: Day}"))
    assert one.import_id == same.import_id != other.import_id
    assert [event(item).data.import_id for item in one] == [one.import_id]
    assert (one.total, other.total) == (1, 2)


def test_a_file_of_events_is_told_apart_by_its_kind_column(tmp_path: Path) -> None:
    facts = (
        "  - {kind: engaged, at: Day, when: {column: What, in: [visit]},",
        "     channel: {constant: page}, action: {constant: viewed}, name: Page}",
        "  - {kind: consent_changed, at: Day, when: {column: What, in: [opt-out]},",
        "     granted: {constant: false}}",
        "  - {kind: merged, at: Day, when: {column: What, in: [merge]}, other: {email: Page}}",
    )
    rows = (
        "Id,Mail,Day,What,Page",
        "1,a@example.com,2026-03-02,visit,/pricing",
        "2,a@example.com,2026-03-02,opt-out,",
        "3,a@example.com,2026-03-02,merge,b@example.com",
        "4,a@example.com,2026-03-02,burped,",
    )
    *said, aside = source(tmp_path, rows, (*HEAD, *facts))
    assert [fact(item) for item in said] == [
        Engaged(channel=EngagementChannel.PAGE, action="viewed", name="/pricing"),
        ConsentChanged(granted=False),
        Merged(other=Subject(email="b@example.com")),
    ]
    assert bad(aside).detail.startswith("the row says no fact of the mapping")


def test_a_column_may_be_dated_in_its_own_way(tmp_path: Path) -> None:
    fact_line = "  - {kind: captured, at: {column: Day, dates: '%d.%m.%Y', zone: America/Sao_Paulo}}"
    (item,) = source(tmp_path, ("Id,Mail,Day", "1,a@example.com,02.03.2026"), (*HEAD, fact_line))
    assert event(item).time == datetime(2026, 3, 2, 3, tzinfo=UTC)


def test_numbers_are_whole_where_they_are_whole(tmp_path: Path) -> None:
    fact_line = "  - {kind: enriched, at: Day, attributes: {staff: {column: N, as: number}}}"
    rows = ("Id,Mail,Day,N", "1,a@example.com,2026-03-02,12.0", "2,a@example.com,2026-03-02,2.5")
    values = [fact(item).attributes["staff"] for item in source(tmp_path, rows, (*HEAD, fact_line))]  # type: ignore[union-attr]
    assert [(value, type(value)) for value in values] == [(12, int), (2.5, float)]


def test_a_name_may_be_joined_from_columns_and_blank_ones_are_left_out(tmp_path: Path) -> None:
    head = (
        "source: crm",
        "blank: ['null']",
        "subject: {email: Mail, name: [First, Last]}",
        "facts:",
        CAPTURED,
    )
    rows = (
        "Mail,Day,First,Last",
        "a@example.com,2026-03-02,Ana,Ruiz",
        "b@example.com,2026-03-02,null,Li",
        "c@example.com,2026-03-02,,null",
    )
    items = source(tmp_path, rows, head)
    assert [event(item).data.subject.name for item in items] == ["Ana Ruiz", "Li", None]


def test_a_phone_without_a_prefix_is_of_the_region_that_the_mapping_names(tmp_path: Path) -> None:
    head = ("source: crm", "region: US", "subject: {email: Mail, phone: Tel}", "facts:", CAPTURED)
    rows = (
        "Mail,Day,Tel",
        "a@example.com,2026-03-02,(415) 555-2671",
        "b@example.com,2026-03-02,+34 612 345 678",
        "c@example.com,2026-03-02,ask Ana",
        "d@example.com,2026-03-02,",
    )
    phones = [event(item).data.subject.phone for item in source(tmp_path, rows, head)]
    assert phones == ["+14155552671", "+34612345678", "ask Ana", None]


def test_what_is_wrong_with_a_joined_text_names_its_columns(tmp_path: Path) -> None:
    head = ("source: crm", "subject: {email: Mail, name: [First, Last]}", "facts:", CAPTURED)
    (item,) = source(tmp_path, ("Mail,Day,First,Last", f"a@example.com,2026-03-02,{'x' * 2000},y"), head)
    assert bad(item).detail.startswith("the columns 'First', 'Last': ")


def test_amounts_and_numbers_are_read_without_their_sign(tmp_path: Path) -> None:
    facts = "  - {kind: won, at: Day, amount: {column: Sum, currency: USD}}"
    more = "  - {kind: enriched, at: Day, attributes: {revenue: {column: Sum, as: number}}}"
    rows = ("Id,Mail,Day,Sum", '1,a@example.com,2026-03-02,"$1,250.50"', "2,b@example.com,2026-03-02,€9")
    won, enriched, aside = source(tmp_path, rows, ("currency_sign: $", *HEAD, facts, more))
    assert fact(won) == Won(amount=Money(amount_minor=125_050, currency="USD"))
    assert fact(enriched).attributes == {"revenue": 1250.5}  # type: ignore[union-attr]
    assert bad(aside).detail.startswith("the column 'Sum': '€9' is no number")


def test_a_kind_that_stands_twice_has_ids_of_its_own(tmp_path: Path) -> None:
    rows = ("Id,Mail,Day,Then", "1,a@example.com,2026-03-02,2026-03-03")
    items = source(tmp_path, rows, (*HEAD, CAPTURED, "  - {kind: captured, at: Then}"))
    assert [event(item).id for item in items] == ["captured:1", "captured.2:1"]


def test_rows_without_an_id_column_are_named_by_their_cells(tmp_path: Path) -> None:
    rows = ("Mail,Day", "a@example.com,2026-03-02", " a@example.com ,2026-03-02", "b@example.com,2026-03-02")
    head = ("source: crm", "subject: {email: Mail}", "facts:", CAPTURED)
    first, same, other = (event(item).id for item in source(tmp_path, rows, head))
    assert first == same != other


@pytest.mark.parametrize("ids", [("a|b", "c"), ("a", "b|c"), ("x" * 150, "y" * 150)])
def test_an_id_that_would_be_long_or_ambiguous_is_a_digest(tmp_path: Path, ids: tuple[str, str]) -> None:
    head = ("source: crm", "id: [One, Two]", "subject: {email: Mail}", "facts:", CAPTURED)
    rows = ("One,Two,Mail,Day", f"{ids[0]},{ids[1]},a@example.com,2026-03-02", "a,b,a@example.com,2026-03-02")
    digest, plain = (event(item).id for item in source(tmp_path, rows, head))
    assert re.fullmatch(r"captured:[0-9a-f]{32}", digest)
    assert plain == "captured:a|b"


@pytest.mark.parametrize(
    ("row", "reason", "detail"),
    [
        (",a@example.com,2026-03-02,1", DeadReason.ROW, "the column 'Id', which names the row, is blank"),
        ("1,,2026-03-02,1", DeadReason.ROW_IDENTITY, "every column that says whom the row is about is blank"),
        (
            "1,a@example.com,,1",
            DeadReason.ROW,
            "the row says no fact of the mapping; add one, or ignore such rows",
        ),
        ("1,a@example.com,soon,1", DeadReason.ROW_DATE, "the column 'Day': 'soon' is no date"),
        (
            "1,a@example.com,2026-03-02,one",
            DeadReason.ROW,
            "the column 'Sum': 'one' is no number written like 1234.5",
        ),
        (
            "1,a@example.com,2026-03-02,1.005",
            DeadReason.ROW,
            "the column 'Sum': '1.005' is too fine for EUR; write at most 2 decimals",
        ),
        (f"1,{'x' * 330},2026-03-02,1", DeadReason.ROW_VALUE, "the column 'Mail': 'xxx"),
    ],
)
def test_a_row_that_cannot_be_read_goes_aside_as_a_whole(
    tmp_path: Path, row: str, reason: DeadReason, detail: str
) -> None:
    head = ("source: crm", "id: [Id]", "subject: {email: Mail}", "facts:")
    mapping = (*head, CAPTURED, "  - {kind: won, at: Day, amount: {column: Sum, currency: EUR}}")
    (aside,) = source(tmp_path, ("Id,Mail,Day,Sum", row), mapping)
    assert bad(aside).reason is reason
    assert bad(aside).detail.startswith(detail)


def test_a_required_field_that_is_blank_goes_aside(tmp_path: Path) -> None:
    mapping = (*HEAD, "  - {kind: rejected, at: Day, reason: Why}")
    (aside,) = source(tmp_path, ("Id,Mail,Day,Why", "1,a@example.com,2026-03-02,"), mapping)
    assert (bad(aside).reason, bad(aside).detail) == (
        DeadReason.ROW_VALUE,
        "the column 'Why': the cell is blank, and the fact needs it",
    )


@pytest.mark.parametrize(
    ("fact", "cell", "detail"),
    [
        (
            "{kind: engaged, at: Day, channel: X, action: {constant: view}}",
            "fax",
            "'fax' does not do; expected",
        ),
        ("{kind: captured, at: Day, origin: X}", "x" * 200, "does not do; expected text of at most 128"),
        ("{kind: captured, at: Day, attributes: {job: X}}", "x" * 2000, "expected text of at most 1024"),
        ("{kind: captured, at: Day, attributes: {job: {column: X, as: number}}}", "n", "is no number"),
        ("{kind: won, at: Day, by: {side: X}}", "boss", "expected 'marketing', 'sales' or 'system'"),
        ("{kind: unmerged, at: Day, other: {email: X}}", "x" * 400, "expected text of at most 320"),
    ],
)
def test_a_value_that_its_fact_does_not_take_is_told_with_its_column(
    tmp_path: Path, fact: str, cell: str, detail: str
) -> None:
    (aside,) = source(
        tmp_path, ("Id,Mail,Day,X", f"1,a@example.com,2026-03-02,{cell}"), (*HEAD, f"  - {fact}")
    )
    assert bad(aside).detail.startswith("the column 'X': ")
    assert detail in bad(aside).detail


def test_a_constant_that_its_fact_does_not_take_is_told_with_its_field(tmp_path: Path) -> None:
    mapping = (*HEAD, "  - {kind: engaged, at: Day, channel: {constant: fax}, action: {constant: view}}")
    (aside,) = source(tmp_path, ("Id,Mail,Day", "1,a@example.com,2026-03-02"), mapping)
    assert bad(aside).detail.startswith("channel: 'fax' does not do; expected 'page', ")


def test_a_column_that_the_file_does_not_have_is_told_before_the_first_row(tmp_path: Path) -> None:
    with pytest.raises(SourceUnusable, match=r"x\.csv has no column 'Mail'; did you mean 'E-Mail'\?"):
        source(tmp_path, ("Id,E-Mail,Day",), (*HEAD, CAPTURED))
