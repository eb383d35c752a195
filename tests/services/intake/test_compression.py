"""Compression undone, and never more of it than may come out."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.compression import MOST_MEMBERS, BadEncoding, TooMuch, decompressed


@given(st.binary(max_size=2000))
def test_what_was_compressed_comes_out_again(body: bytes) -> None:
    for encoding, packed in (("gzip", gzip.compress(body)), ("deflate", zlib.compress(body)), (None, body)):
        assert decompressed(packed, encoding, 2000) == body


def test_members_are_put_together() -> None:
    assert decompressed(gzip.compress(b"one ") + gzip.compress(b"two"), "GZIP", 100) == b"one two"


@pytest.mark.parametrize("most", [0, 9])
def test_a_byte_too_many_is_too_much(most: int) -> None:
    with pytest.raises(TooMuch):
        decompressed(gzip.compress(b"x" * (most + 1)), "gzip", most)


def test_a_bomb_stops_at_the_limit() -> None:
    bomb = gzip.compress(gzip.compress(b"\0" * 100_000_000))
    assert len(decompressed(bomb, "gzip", 200_000)) < 200_000
    with pytest.raises(TooMuch):
        decompressed(gzip.compress(b"\0" * 10_000_000), "gzip", 200_000)


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (b"plain", "gzip"),
        (gzip.compress(b"cut off")[:-3], "gzip"),
        (b"x", "br"),
        (b"x", "gzip, gzip"),
        (gzip.compress(b"") * (MOST_MEMBERS + 1), "gzip"),
        (gzip.compress(b"a") + b"rubbish", "gzip"),
        (b"", "gzip"),
    ],
    ids=["not packed", "cut off", "another packing", "packed twice", "many members", "a tail", "nothing"],
)
def test_what_cannot_be_undone_says_so(body: bytes, encoding: str) -> None:
    with pytest.raises(BadEncoding):
        decompressed(body, encoding, 1000)
