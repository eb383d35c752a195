"""JSON read strictly as a whole, and tolerantly where one spoiled part must not spoil its neighbours."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.json_text import JsonRefused, flaw_in, read_object, read_tolerantly
from schemas.dead_letters import DeadReason

SOUND = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)
SPOILED = {
    b"NaN": DeadReason.NOT_FINITE,
    b"-Infinity": DeadReason.NOT_FINITE,
    b"1e999": DeadReason.TOO_BIG_A_NUMBER,
    b"123456789012345678901234567890": DeadReason.TOO_BIG_A_NUMBER,
    b'"\\u0000"': DeadReason.BAD_CHARACTERS,
    b'"\\ud800"': DeadReason.BAD_CHARACTERS,
    b'{"a": 1, "a": 2}': DeadReason.DUPLICATE_KEY,
    b'{"\\u0000": 1}': DeadReason.BAD_CHARACTERS,
}


@pytest.mark.parametrize(("text", "reason"), SPOILED.items())
def test_a_spoiled_part_is_found_where_it_stands_and_nowhere_else(text: bytes, reason: DeadReason) -> None:
    good, bad, other = read_tolerantly(b'[{"x": 1}, {"x": [{"y": %s}]}, {"x": 2}]' % text)
    assert (flaw_in(good), flaw_in(other)) == (None, None)
    flaw = flaw_in(bad)
    assert flaw is not None
    assert flaw.reason is reason


@pytest.mark.parametrize("text", SPOILED)
def test_the_strict_reading_refuses_what_the_tolerant_one_finds(text: bytes) -> None:
    with pytest.raises(JsonRefused) as refused:
        read_object(b'{"x": %s}' % text)
    assert refused.value.reason is SPOILED[text]


@given(SOUND)
def test_what_is_sound_is_read_alike_and_has_no_flaw(value: Any) -> None:
    text = json.dumps({"x": value}).encode()
    assert read_tolerantly(text) == read_object(text) == {"x": value}
    assert flaw_in(read_tolerantly(text)) is None


@given(st.binary(max_size=60))
def test_no_bytes_raise_anything_else(value: bytes) -> None:
    with suppress(JsonRefused):
        flaw = flaw_in(read_tolerantly(value))
        assert flaw is None or flaw.detail


@pytest.mark.parametrize("text", [b"[" * 40, b'{"a":' * 50_000, b"{", b"\xff", b""])
def test_what_cannot_be_read_at_all_is_refused(text: bytes) -> None:
    with pytest.raises(JsonRefused):
        read_tolerantly(text)
