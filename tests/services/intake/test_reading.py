"""What all vendors have in common once a request is read, and what a vendor's bug comes to."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.arrivals import Original
from infra.embedded.front_writer import _unpack, packed
from infra.store.originals import KeptOriginal
from schemas.dead_letters import DeadReason
from services.intake.reading import Reader
from services.intake.registry import vendors
from services.intake.vendor import Reading
from tests.services.intake.arriving import NOON, generic_source

SOURCE = generic_source()
DOCUMENTS = {SOURCE.mapping_digest: SOURCE.mapping_document}


def original(body: bytes, **other: Any) -> Original:
    made = Original(NOON, "crm", "generic", SOURCE.mapping_digest, "POST", "/v1/hooks/crm", (), body, "key")
    return replace(made, **other)


def read(one: Original) -> Reading:
    return Reader(vendors(), DOCUMENTS).read(one)


def test_a_bug_in_a_vendors_file_becomes_a_dead_letter_with_the_bytes() -> None:
    def broken(*_: object) -> Reading:
        raise KeyError("what nobody had thought of")

    some = {"generic": replace(vendors()["generic"], facts=broken)}
    facts, (dead,) = Reader(some, DOCUMENTS).make([KeptOriginal(1, original(b"{}"))])
    assert (facts, dead.value, dead.letter.reason) == ([], b"{}", DeadReason.SCHEMA)
    assert dead.letter.detail == "generic could not be read: KeyError"


@pytest.mark.parametrize(
    ("one", "detail"),
    [
        (original(b"{}", kind="gone"), "no kind is called 'gone' in this version"),
        (original(b"{}", headers=(("content-encoding", "gzip"),)), "the body is not compressed as it says"),
    ],
)
def test_what_cannot_be_read_says_why(one: Original, detail: str) -> None:
    (part,) = read(one).unfit
    assert part.detail.startswith(detail)


@given(st.binary(max_size=200))
def test_no_body_stops_the_reader(body: bytes) -> None:
    for kind, vendor in vendors().items():
        document = {"d": f'{{"kind": "{kind}", "mapping": {{}}}}'}
        for target in ("/v1/hooks/crm", "/v1/batch"):
            reading = Reader({kind: vendor}, document).read(
                original(body, kind=kind, mapping="d", target=target)
            )
            assert all(part.detail for part in reading.unfit)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "type",
                    "event",
                    "traits",
                    "context",
                    "batch",
                    "userId",
                    "timestamp",
                    "data",
                    "id",
                    "properties",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_no_document_is_lost_in_reading(document: object) -> None:
    body = json.dumps(document).encode()
    for kind, vendor in vendors().items():
        documents = {"d": f'{{"kind": "{kind}", "mapping": {{}}}}'}
        one = original(body, kind=kind, mapping="d", target="/v1/track")
        reading = Reader({kind: vendor}, documents).read(one)
        assert not any(part.detail.endswith("Error") for part in reading.unfit), (kind, reading.unfit)


def test_what_goes_through_the_pipe_holds_every_field() -> None:
    one = original(
        b"\n\x00body\n",
        target="/v1/hooks/crm?a=%0A",
        headers=(("x-name", "schl\xfcssel"), ("x-empty", ""), ("x-name", "b")),
        verified="v1 signature, secret 2",
    )
    raw = packed(one)
    assert _unpack(raw[4:]) == one
    assert len(raw) == 4 + int.from_bytes(raw[:4])
