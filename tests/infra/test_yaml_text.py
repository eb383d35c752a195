"""Tests of YAML as an agreement is written in: plain values, their lines, and what is refused."""

import json
from contextlib import suppress
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from infra.yaml_text import MOST_BYTES, MOST_DEPTH, Node, YamlRefused, read_yaml
from tests.effort import examples


def refusal(text: str) -> YamlRefused:
    with pytest.raises(YamlRefused) as caught:
        read_yaml(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"),
        ("NO", "NO"),
        ("yes", "yes"),
        ("14:00", "14:00"),
        ("2026-12-25", "2026-12-25"),
        ("0x1F", "0x1F"),
        (".inf", ".inf"),
        ("1_000", "1_000"),
        ("'12'", "12"),
        ('"true"', "true"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("12", 12),
        ("-007", -7),
        ("1.5", 1.5),
        (".5e2", 50.0),
        ("9" * 41, "9" * 41),
        ("", None),
    ],
)
def test_words_are_read_as_yaml_12_does(text: str, value: object) -> None:
    plain = read_yaml(f"a: {text}").plain()
    assert plain == {"a": value}
    assert isinstance(plain, dict)
    assert type(plain["a"]) is type(value)


def test_names_are_always_text() -> None:
    assert read_yaml("on: 1\n2026: 2\nnull: 3\n1.5: 4").plain() == {"on": 1, "2026": 2, "null": 3, "1.5": 4}


def test_every_value_knows_its_line() -> None:
    document = read_yaml("# remark\na:\n  - x\n  - {b: 1,\n     c: 2}\n")

    def line(*path: Any) -> int:
        node: Node | None = document
        for step in path:
            assert node is not None
            node = node.child(step)
        assert node is not None
        return node.line

    assert [line(), line("a", 0), line("a", 1, "b"), line("a", 1, "c")] == [2, 3, 4, 5]


def test_a_child_that_is_not_there_is_none() -> None:
    document = read_yaml("a: [1]")
    members = document.child("a")
    assert members is not None
    assert [document.child("b"), members.child(1), members.child(-1), members.child("0")] == [None] * 4
    assert read_yaml("word").child("a") is None


def test_an_anchor_stands_for_its_value_wherever_it_is_named() -> None:
    text = "a: &week [1, 2]\nb: *week\nc: {d: *week}\n"
    assert read_yaml(text).plain() == {"a": [1, 2], "b": [1, 2], "c": {"d": [1, 2]}}


def test_a_later_anchor_of_the_same_name_goes_before() -> None:
    assert read_yaml("[&a 1, *a, &a 2, *a]").plain() == [1, 1, 2, 2]


BOMB = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
)
CHAIN = "a0: &a0 [1]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 60))


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: 1\nb: 2\na: 3", 3, "'a' stands twice (first on line 1)"),
        ("a: {b: 1, 'b': 2}", 1, "'b' stands twice"),
        ("a: !!python/object/apply:os.system [ls]", 1, "is a tag"),
        ("a: !!str 1", 1, "is a tag"),
        ("!local a: 1", 1, "is a tag"),
        ("a: !local {b: 1}", 1, "is a tag"),
        ("a: *b", 1, "nothing before this is called &b"),
        ("a: &a [*a]", 1, "nothing before this is called &a"),
        ("a: &x 1\n*x : 2", 2, "a name is an alias"),
        ("? [a, b]\n: 1", 1, "a name is a list or a mapping"),
        ("? {a: b}\n: 1", 1, "a name is a list or a mapping"),
        ("a: 1\n---\nb: 2", 2, "a second document begins here"),
        ("~\n---\nb: 2", 2, "a second document begins here"),
        ("", 1, "the document is empty"),
        ("# only a remark\n", 1, "the document is empty"),
        ("a: [1\nb: 2", 2, "this is no YAML"),
        ("a: 'x", 1, "this is no YAML"),
        ("\ta: 1", 1, "this is no YAML"),
        ("a: b: c", 1, "this is no YAML"),
        ("[" * 10_000, 1, f"nested more than {MOST_DEPTH} deep"),
        ("{a: " * 10_000, 1, f"nested more than {MOST_DEPTH} deep"),
        ("- " * 10_000, 1, f"nested more than {MOST_DEPTH} deep"),
        (CHAIN, 39, f"nested more than {MOST_DEPTH} deep"),
        (BOMB, 5, "more than 100,000 values"),
    ],
)
def test_what_is_refused_is_told_with_its_line(text: str, line: int, message: str) -> None:
    found = refusal(text)
    assert message in found.message
    assert found.line == line
    assert found.remedy
    assert str(found).startswith(f"line {line}: {found.message}; ")


@pytest.mark.parametrize("text", ["a: \x00", "a: \x07", "a: \ud800", "\ufffe"])
def test_what_is_no_text_is_refused(text: str) -> None:
    assert "save it as UTF-8" in refusal(text).remedy


def test_a_text_beyond_a_megabyte_is_refused_unread() -> None:
    found = refusal("[" * (MOST_BYTES + 1))
    assert found.line is None
    assert found.message == "the document has 1,000,001 bytes; 1,000,000 is the most"
    assert str(found) == f"{found.message}; {found.remedy}"


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=20,
)


def printable(value: object) -> bool:
    """Tell whether YAML may hold a value: it has no place for most control characters."""
    return "\\u" not in json.dumps(value) and "\\u007f" not in json.dumps(value)


@examples(8)
@given(PLAIN.filter(printable))
def test_what_is_written_in_quotes_is_read_as_it_was(value: object) -> None:
    # JSON is YAML; numbers beyond 40 digits are left as text.
    text = json.dumps(value)
    assert read_yaml(text).plain() == json.loads(
        text, parse_int=lambda digits: int(digits) if len(digits) < 41 else digits
    )


@examples(8)
@given(st.dictionaries(st.text("abc", min_size=1), st.lists(st.text("xyz 1:-#'\"", max_size=6)), max_size=4))
def test_the_emitters_text_is_read_as_it_was(value: dict[str, list[str]]) -> None:
    assert read_yaml(yaml.safe_dump(value)).plain() == value


@given(st.text("ab:-[]{}&*!|>'\"#%@`,? \n\t~1.", max_size=60) | st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(YamlRefused):
        assert read_yaml(text).line >= 1
