"""Both sides of a sign: what one expression would find, without trying every place at which it may begin."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.around import around

AT, LOCAL, DOMAIN = re.compile("@"), re.compile(r"([^\s@,]{1,64})"), re.compile(r"([\w.-]{1,9}+)")
ADDRESS = re.compile(r"([^\s@,]{1,64}+)@([\w.-]{1,9}+)")
EQUALS, NAME, VALUE = re.compile("[:=]"), re.compile(r"([\w-]{1,40})"), re.compile(r"\s?([^\s,]+)")
MEMBER = re.compile(r"([\w-]{1,40}+)[:=]\s?([^\s,]+)")

texts = st.text("ab1-.@:=, é", max_size=80) | st.from_regex(r"[a-z]{0,90}@[a-z]{0,20}", fullmatch=True)


@given(texts)
def test_it_finds_what_one_expression_would(text: str) -> None:
    assert list(around(text, AT, LOCAL, DOMAIN)) == ADDRESS.findall(text)
    assert list(around(text, EQUALS, NAME, VALUE)) == MEMBER.findall(text)


@pytest.mark.parametrize("unit", ["a", "@", "=", "a@", "a=", "a b", "é"])
def test_a_megabyte_of_anything_is_read_in_one_pass(unit: str) -> None:
    """Anything but one pass would not come to an end here."""
    text = unit * (1_000_000 // len(unit)) + " ana@example.com"
    assert ("ana", "example.c") in around(text, AT, LOCAL, DOMAIN)
    assert len(list(around(text, EQUALS, NAME, VALUE))) == (unit == "a=")
