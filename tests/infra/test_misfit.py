"""What people read when a fact does not fit: their own path, what was expected, nobody's personal data."""

import json
import re
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from infra.wire import read_fact
from schemas.dead_letters import REMEDIES, DeadLetter, DeadReason
from schemas.facts import LeadFact


def refused(fact: Any = None, **changes: Any) -> DeadLetter:
    """Return what becomes of a sound fact with these changes; a dotted name stands for a place in it."""
    document: dict[str, Any] = {
        "id": "e1",
        "source": "web",
        "type": "relevo.lead.won",
        "time": "2026-03-02T09:00:00Z",
        "data": {"subject": {"email": "ana@example.com"}, "fact": fact or {"kind": "won"}},
    }
    for place, value in changes.items():
        *parents, last = place.split("__")
        here = document
        for step in parents:
            here = here[step]
        if value is MISSING:
            del here[last]
        else:
            here[last] = value
    letter = read_fact(json.dumps(document).encode())
    assert isinstance(letter, DeadLetter)
    assert letter.remedy == REMEDIES[letter.reason]
    return letter


MISSING = object()
WRONG: tuple[Any, ...] = (None, True, 7, -1e300, "", "x", "x" * 5000, [], [7], {}, {"": 7}, {"x": {}})
WON = {"kind": "won", "amount": {"amount_minor": 100, "currency": "EUR"}}
CAPTURED = {"type": "relevo.lead.captured"}


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"id": MISSING}, "id: this is missing"),
        ({"id": ""}, "id: expected text that is not blank; got ''"),
        ({"source": ""}, "source: expected text that is not blank; got ''"),
        ({"source": 7}, "source: expected text; got 7"),
        ({"type": MISSING}, "type: this is missing"),
        ({"type": ["relevo.lead.won"]}, "type: expected text; got a list"),
        ({"specversion": "0.3"}, "specversion: expected '1.0'; got '0.3'"),
        ({"data": MISSING}, "data: this is missing"),
        ({"data": None}, "data: expected an object; got null"),
        ({"data": "ana@example.com"}, "data: expected an object; got text of 15 characters"),
        ({"extra": 1}, "extra: no field has this name"),
        ({"data__subject": []}, "data.subject: expected an object; got a list"),
        ({"data__subject__mail": "ana@example.com"}, "data.subject.mail: no field has this name"),
        (
            {"data__subject__email": "x" * 321},
            "data.subject.email: expected text of at most 320 characters; got text of 321 characters",
        ),
        (
            {"data__subject__external_ids": {"crm": 7}},
            "data.subject.external_ids.crm: expected text; got 7",
        ),
        ({"data__fact": MISSING}, "data.fact: this is missing"),
        ({"data__fact": []}, "data.fact: expected an object; got a list"),
        ({"data__fact__kind": MISSING}, "data.fact.kind: this is missing"),
        ({"data__fact__kind": {"won": 1}}, "data.fact.kind: expected the name of a kind; got an object"),
        ({"data__fact__amount": 100}, "data.fact.amount: expected an object; got 100"),
        ({"data__fact__amount": {"amount_minor": 1}}, "data.fact.amount.currency: this is missing"),
        (
            {"data__fact__amount": {"amount_minor": 1, "currency": "euro"}},
            "data.fact.amount.currency: expected three capital letters, like EUR; got 'euro'",
        ),
        (
            {"data__fact__amount": {"amount_minor": 0.5, "currency": "EUR"}},
            "data.fact.amount.amount_minor: expected a whole number; got 0.5",
        ),
        ({"data__fact__won": 1}, "data.fact.won: no field has this name"),
        (
            {"data__fact__by": {"side": "me"}},
            "data.fact.by.side: expected 'marketing', 'sales' or 'system'; got 'me'",
        ),
        (
            {"type": "relevo.lead.lost"},
            "type is 'relevo.lead.lost'; data.fact says 'relevo.lead.won'; make them agree",
        ),
    ],
)
def test_the_detail_names_the_place_as_the_tool_wrote_it(changes: dict[str, Any], detail: str) -> None:
    letter = refused(dict(WON), **changes)
    assert letter.reason is DeadReason.SCHEMA
    assert letter.detail.startswith(detail)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ([1], "a list"),
        ({"bool": 1}, "an object"),
        ("x" * 1025, "text of 1025 characters"),
    ],
)
def test_what_may_be_several_things_is_told_once(value: object, found: str) -> None:
    letter = refused({"kind": "captured", "attributes": {"job title": value}}, **CAPTURED)
    place, _, said = letter.detail.partition(": ")
    assert place == "data.fact.attributes.'job title'"
    assert said == f"expected text of at most 1024 characters, a number, true, false or null; got {found}"


@pytest.mark.parametrize("model", get_args(LeadFact))
def test_nobody_reads_the_words_of_a_library(model: type[BaseModel]) -> None:
    kind = model.model_fields["kind"].default
    for name in model.model_fields.keys() - {"kind"}:
        for value in WRONG:
            document = {
                "id": "e1",
                "source": "web",
                "type": f"relevo.lead.{kind}",
                "time": "2026-03-02T09:00:00Z",
                "data": {"subject": {"email": "ana@example.com"}, "fact": {"kind": kind, name: value}},
            }
            letter = read_fact(json.dumps(document).encode())
            detail = letter.detail if isinstance(letter, DeadLetter) else ""
            assert not re.search(r"should|valid|unable|Value error|Input|\bString\b", detail), detail


def test_a_name_that_may_not_be_one_is_named() -> None:
    letter = refused({"kind": "captured", "attributes": {"": 1, "k" * 500: 1}}, **CAPTURED)
    assert letter.detail.startswith("data.fact.attributes.'': expected text that is not blank")
    assert letter.detail.endswith("(and 1 more)")


def test_a_long_name_is_cut_short() -> None:
    letter = refused({"kind": "captured", "attributes": {"é" * 1000: 1}}, **CAPTURED)
    assert letter.detail.startswith("data.fact.attributes.'\\xe9\\xe9")
    assert len(letter.detail) < 500


@pytest.mark.parametrize(
    ("time", "said"),
    [
        (
            "2026-03-02T09:00:00",
            "an instant has an offset, like 2026-03-02T09:00:00+01:00; got '2026-03-02T09",
        ),
        ("2026-03-02T09:00:00+99:00", "expected an instant with its offset"),
        ("2026-03-02T25:00:00Z", "expected an instant with its offset"),
        ("2026-02-30T09:00:00Z", "expected an instant with its offset"),
        ("0001-01-01T00:00:00+01:00", "the instant lies outside the years 1 to 9999 in UTC"),
        ("9999-12-31T23:59:59-01:00", "the instant lies outside the years 1 to 9999 in UTC"),
        ("10000-01-01T00:00:00Z", "expected an instant with its offset"),
        ("yesterday", "an instant has a date, a time and an offset"),
        ("2026-03-02", "an instant has a date, a time and an offset"),
        ("20260302", "an instant has a date, a time and an offset"),
        (1772442000, "an instant has a date, a time and an offset"),
        (1772442000.5, "an instant has a date, a time and an offset"),
        (True, "an instant has a date, a time and an offset"),
        ({}, "expected an instant with its offset, like 2026-08-03T09:00:00+02:00; got an object"),
    ],
)
def test_a_time_that_is_no_instant_has_a_reason_of_its_own(time: object, said: str) -> None:
    letter = refused(time=time)
    assert letter.reason is DeadReason.BAD_INSTANT
    assert letter.detail.startswith(f"time: {said}")
    sent = "an object" if time == {} else json.dumps(time).replace('"', "'")
    assert letter.detail.endswith(f"; got {sent}")


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"type": "won"}, "type: the catalogue has no 'won'"),
        ({"type": "relevo.lead.sold"}, "type: the catalogue has no 'relevo.lead.sold'"),
        ({"type": "", "data": {}}, "type: the catalogue has no ''"),
        ({"type": "x" * 500}, "type: the catalogue has no 'xxxxx"),
        ({"data__fact": {"kind": "sold"}}, "data.fact.kind: the catalogue has no 'sold'"),
        ({"type": "relevo.lead.sold", "data__fact": {"kind": "sold"}}, "type: the catalogue has no"),
    ],
)
def test_only_a_type_or_kind_that_there_is_not_is_unknown(changes: dict[str, Any], detail: str) -> None:
    letter = refused(**changes)
    assert letter.reason is DeadReason.UNKNOWN_TYPE
    assert letter.detail.startswith(detail)


def test_a_letter_names_the_event_as_far_as_it_has_a_name() -> None:
    named = refused(id="e" * 200, source="s" * 256, extra=1)
    assert (named.event_id, named.source) == ("e" * 128, "s" * 128)
    unnamed = refused(id=7, source="")
    assert (unnamed.event_id, unnamed.source) == (None, None)


@pytest.mark.parametrize(
    "changes",
    [
        {"data__subject__name": "MARK" * 100},
        {"data__subject__phone": "MARK" * 20},
        {"data__subject__anonymous_id": "MARK" * 40},
        {"data__subject__nickname": "MARK"},
        {"data__subject__external_ids": {"crm": "MARK" * 40}},
        {"data__subject": "MARK"},
        {"data__fact__email": "MARK"},
        {"data__fact__opportunity_id": "MARK" * 40},
        {"data__fact__kind": ["MARK"]},
        {"data__subject__email": ["MARK"]},
        {"data__test": "MARK"},
        {"data": "MARK"},
    ],
)
def test_no_personal_data_is_repeated(changes: dict[str, Any]) -> None:
    assert "MARK" not in refused(**changes).model_dump_json()
