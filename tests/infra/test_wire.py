"""Bytes to facts: what is read, what is refused and why; and that nothing takes longer than it is long."""

import json
from datetime import UTC, datetime
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from infra.wire import MAX_BYTES, RECORD, read_fact, read_record, subjects_in, write_fact, write_record
from schemas.dead_letters import DeadLetter, DeadReason
from schemas.entries import Entry, FiredTimer, Signing, Tick
from schemas.facts import Captured, Engaged, Enriched, FactEvent, Merged, Subject
from schemas.scoring import ScoreChanged
from schemas.vocabulary import EngagementChannel, Flag, WorkerName
from tests.builders import entry, instant
from tests.infra.drawn import events
from tests.infra.saying import event_of

SOUND: dict[str, Any] = {
    "specversion": "1.0",
    "id": "e1",
    "source": "web",
    "type": "relevo.lead.enriched",
    "time": "2026-03-02T09:00:00Z",
    "data": {"subject": {"email": "ana@example.com"}, "fact": {"kind": "enriched", "attributes": {}}},
}
TEXT = json.dumps(SOUND)
TAKES_LONG = 2.0
"""Seconds. What is linear takes a tenth of them at the largest size; what was quadratic took ten."""


def read(value: bytes | str) -> FactEvent:
    event = read_fact(value.encode() if isinstance(value, str) else value)
    assert isinstance(event, FactEvent), event
    return event


def refused(value: bytes | str) -> DeadLetter:
    letter = read_fact(value.encode() if isinstance(value, str) else value)
    assert isinstance(letter, DeadLetter), letter
    return letter


def with_value(written: str) -> str:
    """Return the sound fact with an attribute ``x`` whose value is written like this."""
    return TEXT.replace('"attributes": {}', f'"attributes": {{"x": {written}}}')


@pytest.mark.parametrize("blank", ["", "  ", "\t"])
def test_a_blank_origin_or_campaign_is_none_and_no_reason_to_put_a_lead_aside(blank: str) -> None:
    fact = {"kind": "captured", "origin": blank, "campaign": blank}
    document = SOUND | {"type": "relevo.lead.captured", "data": SOUND["data"] | {"fact": fact}}
    assert read(json.dumps(document)).data.fact == Captured()


def value_read(written: str) -> object:
    fact = read(with_value(written)).data.fact
    assert isinstance(fact, Enriched)
    return fact.attributes["x"]


# --- what is read


def test_a_sound_fact_is_read() -> None:
    event = read(TEXT)
    assert (event.source, event.id, event.time) == ("web", "e1", instant("2026-03-02 09:00"))
    assert event.data.subject == Subject(email="ana@example.com")


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("true", True),
        ("1", 1),
        ("1.0", 1.0),
        ("9223372036854775807", 2**63 - 1),
        ("-9223372036854775807", -(2**63) + 1),
        ("1.7976931348623157e308", 1.7976931348623157e308),
        ("1e-99999", 0.0),
        ("null", None),
        ('"1"', "1"),
        ('"\\ud83d\\ude00 \\u00f1"', "😀 ñ"),
        ('"a \\\\u0000 b"', "a \\u0000 b"),
    ],
)
def test_a_value_is_read_as_what_it_is(written: str, value: object) -> None:
    assert value_read(written) == value
    assert type(value_read(written)) is type(value)


def test_an_instant_is_kept_in_utc() -> None:
    event = read(TEXT.replace("09:00:00Z", "09:00:00+02:00"))
    assert event.time == instant("2026-03-02 07:00")


def test_brackets_within_text_are_text() -> None:
    written = '[{"' * 341
    assert value_read(json.dumps(written)) == written
    fact = Captured(landing_page="[" * 40 + '\\"[{' + "{" * 40)
    assert read(write_fact(event_of(fact))).data.fact == fact


def test_what_is_nested_as_deep_as_may_be_is_looked_at() -> None:
    assert refused("[" * 32 + "]" * 32).reason is DeadReason.NOT_JSON
    assert refused(with_value("[" * 28 + "]" * 28)).reason is DeadReason.SCHEMA


@given(events())
def test_what_is_written_is_read_again(event: FactEvent) -> None:
    assert read(write_fact(event)) == event


# --- what is refused


@pytest.mark.parametrize(
    ("value", "reason", "detail"),
    [
        (b"", DeadReason.NOT_JSON, "line 1, column 1"),
        (b"\x00", DeadReason.NOT_JSON, "line 1, column 1"),
        (b"\xff\xfe{}", DeadReason.NOT_JSON, "byte 0 is not UTF-8"),
        ('{"señal": 1}'.encode("latin-1"), DeadReason.NOT_JSON, "byte 4 is not UTF-8"),
        (b"\xef\xbb\xbf{}", DeadReason.NOT_JSON, "line 1, column 1"),
        (b'{"id": "\xed\xa0\x80"}', DeadReason.NOT_JSON, "byte 8 is not UTF-8"),
        (TEXT[:-20].encode(), DeadReason.NOT_JSON, "column"),
        (TEXT.encode() + b" {}", DeadReason.NOT_JSON, "Extra data"),
        (b"null", DeadReason.NOT_JSON, "expected an object, got null"),
        (b"17", DeadReason.NOT_JSON, "expected an object, got a number"),
        (b"1.5", DeadReason.NOT_JSON, "expected an object, got a number"),
        (b"true", DeadReason.NOT_JSON, "expected an object, got true or false"),
        (b'"relevo.lead.won"', DeadReason.NOT_JSON, "expected an object, got text"),
        (b"[{}]", DeadReason.NOT_JSON, "expected an object, got a list"),
        (b'{"id": "a\tb"}', DeadReason.NOT_JSON, "Invalid control character"),
        (b'{"id": 1, "id": 2}', DeadReason.DUPLICATE_KEY, "key 'id' stands twice in one object"),
        (b'{"\\u0069d": 1, "id": 2}', DeadReason.DUPLICATE_KEY, "key 'id' stands twice"),
        (b'{"x": NaN}', DeadReason.NOT_FINITE, "NaN is no number that JSON knows"),
        (b'{"x": -Infinity}', DeadReason.NOT_FINITE, "-Infinity is no number"),
        (b'{"x": 1e999}', DeadReason.TOO_BIG_A_NUMBER, "'1e999' is larger"),
        (b'{"x": -1e999}', DeadReason.TOO_BIG_A_NUMBER, "'-1e999' is larger"),
        (b'{"x": 9223372036854775808}', DeadReason.TOO_BIG_A_NUMBER, "'9223372036854775808' is larger"),
        (b'{"x": -9223372036854775808}', DeadReason.TOO_BIG_A_NUMBER, "is larger"),
        (b'{"x": "\\u0000"}', DeadReason.BAD_CHARACTERS, "'x' holds a NUL or half a character"),
        (b'{"\\u0000": 1}', DeadReason.BAD_CHARACTERS, "'\\x00' holds a NUL"),
        (b'{"x": "\\ud800"}', DeadReason.BAD_CHARACTERS, "'x' holds a NUL or half a character"),
        ('{"x": "ñ\\udc00"}'.encode(), DeadReason.BAD_CHARACTERS, "'x' holds a NUL or half a character"),
        (b'{"x": "\\ude00\\ud83d"}', DeadReason.BAD_CHARACTERS, "'x' holds a NUL or half a character"),
        (b"[" * 33, DeadReason.TOO_DEEP, "nested 33 levels deep; at most 32"),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, DeadReason.TOO_DEEP, "nested 10000 levels"),
        (b'["\\"",' * 10_000, DeadReason.TOO_DEEP, "nested 10000 levels"),
        (b" " * (MAX_BYTES + 1), DeadReason.TOO_LARGE, "262145 bytes; at most 262144"),
        (b'"' + b"x" * 5_000_000 + b'"', DeadReason.TOO_LARGE, "5000002 bytes"),
        (b'{"' + b"k" * 1_000_000 + b'": 1}', DeadReason.TOO_LARGE, "1000007 bytes"),
    ],
)
def test_what_is_no_json_object_is_refused_with_its_reason(
    value: bytes, reason: DeadReason, detail: str
) -> None:
    letter = refused(value)
    assert letter.reason is reason
    assert detail in letter.detail


def test_a_sound_fact_may_be_as_large_as_the_limit() -> None:
    assert read(TEXT + " " * (MAX_BYTES - len(TEXT))).id == "e1"


LARGE = 200_000
HOSTILE = {
    "brackets in text": with_value('"' + "[" * LARGE + '"'),
    "closing brackets": "]" * LARGE,
    "an open string full of escapes": '{"' + "[" * 40 + '\\"' * (LARGE // 2),
    "many quotes": '"' * LARGE + "[" * 40,
    "a number of many digits": with_value("1" * LARGE),
    "a fraction of many digits": with_value("0." + "1" * LARGE),
    "a small number of many digits": with_value("0." + "0" * LARGE + "1"),
    "many keys, the last of them twice": "{" + ",".join(f'"k{n}":1' for n in range(20_000)) + ',"k19999":1}',
    "many fields": "{" + ",".join(f'"k{n}":1' for n in range(20_000)) + "}",
    "many attributes": with_value("1").replace('"x": 1', ",".join(f'"k{n}":[]' for n in range(5_000))),
    "many escapes": with_value('"' + "\\u00e9" * (LARGE // 6) + '"'),
    "one long key": '{"' + "k" * LARGE + '": 1}',
    "one long attribute": with_value("1").replace('"x"', '"' + "é" * (LARGE // 2) + '"'),
    "white space": " " * LARGE,
    "minus signs": with_value("-" * LARGE),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_nothing_takes_longer_than_it_is_long(text: str) -> None:
    began = process_time()
    event = read_fact(text.encode())
    assert process_time() - began < TAKES_LONG
    assert isinstance(event, DeadLetter) or event.id == "e1"


@given(st.binary(max_size=200))
def test_no_bytes_make_it_raise(value: bytes) -> None:
    assert refused(value).detail


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
places = st.sampled_from(
    [
        (),
        ("id",),
        ("source",),
        ("type",),
        ("time",),
        ("data",),
        ("data", "subject"),
        ("data", "subject", "email"),
        ("data", "subject", "external_ids"),
        ("data", "fact"),
        ("data", "fact", "kind"),
        ("data", "fact", "attributes"),
        ("data", "fact", "attributes", "x"),
        ("data", "test"),
        ("data", "import_id"),
        ("extra",),
    ]
)


@given(places, json_values)
def test_nothing_in_any_place_makes_it_raise(place: tuple[str, ...], value: object) -> None:
    document: Any = {"": json.loads(TEXT)}
    here, last = document, ""
    for step in place:
        here, last = here[last], step
    here[last] = value
    letter = read_fact(json.dumps(document[""]).encode("utf-8", errors="surrogatepass"))
    assert isinstance(letter, FactEvent) or letter.detail
    assert subjects_in(json.dumps(document[""]).encode())[1] in (True, False)


# --- whom the unreadable is about


@pytest.mark.parametrize(
    "value",
    [
        TEXT.replace("relevo.lead.enriched", "tool.lead.enriched").encode(),
        TEXT.replace('"attributes"', '"señal": NaN, "attributes"').encode("latin-1"),
        TEXT.replace('"attributes": {}', '"attributes": {}, "attributes": 1e999').encode(),
        TEXT.replace('{"email"', '{"phone": 600, "name": "\\ud800", "email"').encode(),
    ],
)
def test_a_fact_that_cannot_be_taken_still_tells_whom_it_is_about(value: bytes) -> None:
    assert isinstance(read_fact(value), DeadLetter)
    assert subjects_in(value) == ((Subject(email="ana@example.com"),), False)


def test_both_of_those_to_be_merged_are_told() -> None:
    event = event_of(Merged(other=Subject(phone="600")), email="ana@example.com", test=True)
    value = write_fact(event).replace(b'"specversion"', b'"version"')
    assert subjects_in(value) == ((Subject(email="ana@example.com"), Subject(phone="600")), True)


@pytest.mark.parametrize(
    "value",
    [
        TEXT[:-20].encode(),
        b"\xff;Ana;ana@example.com;600111222;;ana@example.com\n",
        b'{"lead": {"contact": "Ana <ana@example.com>"}}',
        b"[" * 100 + b'"ana@example.com"',
    ],
)
def test_what_tells_no_subject_is_about_whose_address_stands_in_it(value: bytes) -> None:
    assert subjects_in(value) == ((Subject(email="ana@example.com"),), False)


def test_no_more_addresses_are_looked_at_than_somebody_would_write() -> None:
    began = process_time()
    assert len(subjects_in(b" ".join(b"%d@example.com" % n for n in range(20_000)))[0]) == 100
    assert subjects_in(b"a" * LARGE + b"@" * LARGE)[0] == ()
    assert process_time() - began < TAKES_LONG


@pytest.mark.parametrize(
    "value", [b"", b"[", b"[" * 100, b"7", b"[]", b'{"data": []}', b'{"data": {"subject": 7}}']
)
def test_bytes_that_name_nobody_name_nobody(value: bytes) -> None:
    assert subjects_in(value) == ((), False)


@given(events())
def test_what_is_sound_is_about_its_subject(event: FactEvent) -> None:
    subjects, test = subjects_in(write_fact(event))
    other = (event.data.fact.other,) if hasattr(event.data.fact, "other") else ()
    assert subjects == (event.data.subject, *other)
    assert test == event.data.test


# --- what travels on


def test_a_record_of_the_journal_is_read_as_it_was_written() -> None:
    said = ScoreChanged(reason="fact", fit=100, engagement=200, cell="C3", band="cold")
    timer = FiredTimer(WorkerName.SCORING, "decay", instant("2026-03-02 09:00"))
    records = (
        entry(Engaged(channel=EngagementChannel.PAGE, action="view"), said=(said,), flags=(Flag.CLOCK_SKEW,)),
        entry(timer=timer, said=(said,), traits={"free_mail": True, "country": None}),
        Entry("L1", 3, instant("2026-03-02 09:00"), instant("2026-03-02 09:00"), 2, rewritten=True),
        Tick(datetime.fromisoformat("2026-03-02T09:00:00.123456+00:00")),
        Signing(4, instant("2026-03-02 09:00"), "test-1"),
    )
    assert tuple(RECORD.validate_json(RECORD.dump_json(record)) for record in records) == records
    assert tuple(read_record(write_record(record)) for record in records) == records
    assert [write_record(record) for record in records] == [RECORD.dump_json(record) for record in records]


def test_what_is_compared_by_the_million_has_the_zone_that_compares_fast() -> None:
    timer = FiredTimer(WorkerName.SCORING, "decay", instant("2026-03-02 09:00"))
    said = ScoreChanged(reason="fact", fit=100, engagement=200, cell="C3", band="cold")
    read = read_record(write_record(entry(timer=timer, said=(said,))))
    assert isinstance(read, Entry)
    assert read.timer
    instants = [read.at, read.stamp, read.timer.due_at, *(one.at for one in read.conclusions)]
    assert len(instants) == 4
    assert all(one.tzinfo is UTC for one in instants)


def test_an_entry_that_cannot_be_read_is_no_tick() -> None:
    written = write_record(entry(Engaged(channel=EngagementChannel.PAGE, action="view")))
    with pytest.raises(ValidationError, match="does not match any of the expected tags"):
        read_record(written.replace(b'"engaged"', b'"foretold"'))
