"""What a row says, by its mapping: known by its key and content, its dates and numbers read as written."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from infra.arrivals import Headers
from services.intake.pulling.kinds import FETCHED
from services.intake.pulling.rows import JSON, PROBLEM, Row, RowMapping
from services.intake.reading import read
from services.intake.request import Request
from services.intake.vendor import Reading, Secrets

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ANA = {"Id": "17", "E-mail": "ana@example.com", "Created": "02/03/2026 09:30", "Amount": "1.250,50"}
DEALS: dict[str, Any] = {
    "id": "Id",
    "time": "Created",
    "dates": "%d/%m/%Y %H:%M",
    "zone": "Europe/Madrid",
    "decimal": ",",
    "subject": {"email": "E-mail"},
    "facts": [{"kind": "won", "amount": {"path": "Amount", "currency": {"constant": "EUR"}}}],
}


def request(body: bytes, headers: Headers = JSON) -> Request:
    return Request("crm", "PULL", "deals.csv:2", headers, body, body, NOON)


def reading(values: dict[str, Any], mapping: dict[str, Any], **more: Any) -> Reading:
    row = Row("deals.csv:2", values, **more)
    return read(FETCHED["sql"], request(row.body), RowMapping.model_validate(mapping))


def test_dates_zones_and_decimal_commas_are_read_as_the_mapping_says() -> None:
    (event,) = reading(ANA, DEALS).facts
    assert event.time == datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
    assert event.data.fact.model_dump()["amount"] == {"amount_minor": 125050, "currency": "EUR"}


def test_a_name_is_joined_and_an_amount_is_read_without_its_sign() -> None:
    subject = {"email": "E-mail", "name": ["First", "Middle", "Last"]}
    mapping = DEALS | {"currency_sign": "€", "blank": ["null"], "subject": subject}
    row = ANA | {"Amount": "1.250,50 €", "First": "Ana", "Middle": "null", "Last": "Ruiz"}
    (event,) = reading(row, mapping).facts
    assert event.data.fact.model_dump()["amount"] == {"amount_minor": 125050, "currency": "EUR"}
    assert event.data.subject.name == "Ana Ruiz"
    assert {"First", "Last"} < set(RowMapping.model_validate(mapping).columns)


def test_a_phone_without_a_prefix_is_of_the_region_that_the_mapping_names() -> None:
    mapped = DEALS | {"subject": {"phone": "Tel"}, "region": "US"}
    own_names = {"region": "US"}
    for values, mapping in ((ANA | {"Tel": "(415) 555-2671"}, mapped), ({"phone": 4155552671}, own_names)):
        (event,) = reading(values, mapping).facts
        assert event.data.subject.phone == "+14155552671"
    with pytest.raises(ValidationError, match="no region is called"):
        RowMapping.model_validate({"region": "UK"})


@pytest.mark.parametrize(
    "more",
    [
        {"time": ["Day", "Hour"]},
        {"facts": [{"kind": "captured", "time": ["Day", "Hour"]}]},
        {"subject": {"phone": ["Prefix", "Number"]}, "region": "ES"},
    ],
)
def test_what_is_read_by_a_form_of_its_own_is_not_joined(more: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="is read from one column"):
        RowMapping.model_validate(DEALS | more)


def test_a_text_that_is_blank_is_not_sought() -> None:
    sought = {"kind": "captured", "when": {"path": "State", "in": ["open", "null"]}}
    with pytest.raises(ValidationError, match="'null' is blank, so no clause finds it; take it out of blank"):
        RowMapping.model_validate(DEALS | {"blank": ["-", "null"], "facts": [sought]})


def test_a_row_is_known_by_its_key_and_by_what_stands_in_it() -> None:
    (one,), (same,) = reading(ANA, DEALS).facts, reading(ANA, DEALS).facts
    (other,) = reading(ANA | {"Amount": "99"}, DEALS).facts
    assert one.id == same.id
    assert one.id.startswith("17:")
    assert one.id != other.id


def test_a_fact_with_an_id_of_its_own_is_said_once_whatever_changes() -> None:
    mapping = DEALS | {"facts": [{"kind": "captured", "id": "Id"}]}
    ids = {reading(ANA | {"Amount": amount}, mapping).facts[0].id for amount in ("1", "2")}
    assert ids == {"17:captured"}


def test_a_correction_of_the_mapping_keeps_the_ids() -> None:
    other = DEALS | {"subject": {"email": "E-mail", "external_ids": {"crm": "Id"}}}
    assert reading(ANA, DEALS).facts[0].id == reading(ANA, other).facts[0].id


def test_a_date_or_number_that_is_none_puts_the_row_aside_with_its_place() -> None:
    for name, text in (("Created", "soon"), ("Amount", "much")):
        (part,) = reading(ANA | {name: text}, DEALS).unfit
        assert part.detail.startswith(f"deals.csv:2: '{text}' is no ")
        assert json.loads(part.original)["Id"] == "17"


def test_a_row_of_which_no_fact_holds_is_unmapped() -> None:
    mapping = DEALS | {"facts": [{"kind": "won", "when": {"path": "Status", "in": ["won"]}}]}
    assert [part.reason.value for part in reading(ANA, mapping).unfit] == ["unmapped"]


def test_blank_cells_are_not_there() -> None:
    mapping = {"subject": {"email": "mail"}, "facts": [{"kind": "captured", "fields": {"origin": "from"}}]}
    (event,) = reading({"mail": "ana@example.com ", "from": "  "}, mapping).facts
    assert event.data.fact.model_dump()["origin"] is None


def test_without_facts_the_columns_own_names_count() -> None:
    row = {"kind": "captured", "email": "ana@example.com", "origin": "fair", "time": "2026-03-01", "size": 3}
    (event,) = reading(row, {}).facts
    assert event.time == datetime(2026, 3, 1, tzinfo=UTC)
    assert event.data.fact.model_dump()["attributes"] == {"size": 3}


def test_a_fact_without_a_time_happened_when_the_row_was_written() -> None:
    mapping = {"subject": {"email": "E-mail"}, "facts": [{"kind": "captured"}]}
    (event,) = reading(ANA, mapping, changed_at="2026-03-01T10:00:00+00:00").facts
    assert event.time == datetime(2026, 3, 1, 10, tzinfo=UTC)


def test_a_row_about_nobody_is_put_aside_with_its_place() -> None:
    (part,) = reading({"Id": "17"}, {"facts": [{"kind": "captured"}]}).unfit
    assert part.detail == "deals.csv:2: nobody is named"


def test_a_column_with_a_dot_in_its_name_is_found() -> None:
    mapping = {"subject": {"email": "contact.mail"}, "facts": [{"kind": "captured"}]}
    (event,) = reading({"contact.mail": "ana@example.com"}, mapping).facts
    assert event.data.subject.email == "ana@example.com"


def test_what_is_no_row_is_put_aside_with_the_reason() -> None:
    broken = request(b'"ana', (("content-type", "text/csv"), (PROBLEM, "the row is no CSV")))
    (part,) = read(FETCHED["sql"], broken, RowMapping()).unfit
    assert (part.detail, part.original) == ("deals.csv:2: the row is no CSV", b'"ana')


def test_what_breaks_stores_is_put_aside() -> None:
    (part,) = reading({"email": "ana@example.com", "note": "\x00"}, {}).unfit
    assert part.reason.value == "bad_characters"


def test_a_mapping_knows_the_columns_that_it_names() -> None:
    mapping = RowMapping.model_validate(DEALS)
    assert set(mapping.columns) == {"Id", "Created", "E-mail", "Amount"}


def test_nobody_is_let_in_at_a_source_that_is_fetched() -> None:
    assert not FETCHED["sql"].authenticate(request(b""), Secrets(), NOON).is_authentic
