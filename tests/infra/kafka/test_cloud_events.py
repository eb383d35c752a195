"""CloudEvents on Kafka: both modes come to the same event, and what is neither is nothing that is read."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.kafka.cloud_events import event_of
from infra.wire import read_fact, write_fact
from schemas.dead_letters import DeadLetter, DeadReason
from schemas.facts import Captured, FactEvent
from tests.histories import START, event, subject

STRUCTURED = event(Captured(), subject(1), event_id="e1", time=START)
"""A fact in structured mode."""

Headers = list[tuple[str, bytes | None]]


def binary(of: FactEvent) -> tuple[bytes, Headers]:
    """Return an event as a producer in binary mode sends it."""
    document = json.loads(write_fact(of))
    data = json.dumps(document.pop("data")).encode()
    headers: Headers = [(f"ce_{name}", str(value).encode()) for name, value in document.items()]
    return data, [*headers, ("content-type", b"application/json")]


def test_a_structured_event_is_taken_as_it_is() -> None:
    value = write_fact(STRUCTURED)
    assert event_of(value, [("content-type", b"application/cloudevents+json")]) == value


def test_a_binary_event_comes_to_the_same_fact() -> None:
    assert read_fact(event_of(*binary(STRUCTURED))) == STRUCTURED


def test_attributes_that_relevo_does_not_know_are_left_out() -> None:
    value, headers = binary(STRUCTURED)
    assert read_fact(event_of(value, [*headers, ("ce_traceparent", b"00-1-2-3")])) == STRUCTURED


def test_names_of_headers_may_be_written_large() -> None:
    value, headers = binary(STRUCTURED)
    assert read_fact(event_of(value, [(name.upper(), text) for name, text in headers])) == STRUCTURED


def test_an_attribute_that_is_missing_is_named() -> None:
    value, headers = binary(STRUCTURED)
    read = read_fact(event_of(value, [one for one in headers if one[0] != "ce_id"]))
    assert isinstance(read, DeadLetter)
    assert "id" in read.detail


def test_a_record_without_a_value_becomes_a_dead_letter() -> None:
    read = read_fact(event_of(None, []))
    assert isinstance(read, DeadLetter)
    assert read.reason is DeadReason.NOT_JSON


@pytest.mark.parametrize(
    "value",
    [b'{"a": 1}, "id": "other"', b"{} {}", b"", b"\xff", b'{"a": NaN}', b"[1", b'{"a":1,"a":2}', b"7"],
)
def test_a_value_cannot_say_more_than_data(value: bytes) -> None:
    _, headers = binary(STRUCTURED)
    assert isinstance(read_fact(event_of(value, headers)), DeadLetter)


def test_a_header_that_is_not_utf8_becomes_a_dead_letter() -> None:
    value, headers = binary(STRUCTURED)
    assert isinstance(read_fact(event_of(value, [*headers, ("ce_source", b"\xff\xfe")])), DeadLetter)


@given(value=st.binary(max_size=60), headers=st.lists(st.tuples(st.text(max_size=8), st.binary(max_size=8))))
def test_whatever_a_record_holds_it_is_read_or_put_aside(
    value: bytes, headers: list[tuple[str, bytes]]
) -> None:
    _, known = binary(STRUCTURED)
    read = read_fact(event_of(value, [*headers, *known]))
    assert isinstance(read, DeadLetter) or read.id == STRUCTURED.id
