"""Tests of loading: files and texts in, agreements or all that is wrong out, and nothing else ever."""

from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from infra.agreement_file import AgreementInvalid
from services.agreement.loader import default, examine, example, load, parse, read
from tests.effort import examples
from tests.services.agreement.documents import CLEAN, spoiled, text_of


def test_a_file_with_nothing_wrong_is_an_agreement(tmp_path: Path) -> None:
    file = tmp_path / "agreement.yaml"
    file.write_text(text_of(CLEAN), encoding="utf-8")
    assert load(file).version == "test-1"


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    file = tmp_path / "agreement.yaml"
    file.write_text(text_of(CLEAN), encoding="utf-8-sig")
    assert load(file).digest == parse(text_of(CLEAN), "text").digest


def test_a_file_that_is_no_text_is_told_with_the_line(tmp_path: Path) -> None:
    file = tmp_path / "agreement.yaml"
    file.write_bytes(b"version: a\ntitle: caf\xe9\n")
    with pytest.raises(AgreementInvalid, match=r"line 2.*save it as UTF-8"):
        read(file)


def test_a_file_without_end_is_read_no_further_than_the_limit(tmp_path: Path) -> None:
    file = tmp_path / "agreement.yaml"
    file.write_bytes(b"#" * 3_000_000)
    assert len(read(file)) == 1_000_001
    with pytest.raises(AgreementInvalid, match="is the most"):
        load(file)


def test_errors_across_sections_refuse_the_document_with_their_lines() -> None:
    text = text_of(spoiled({"teams.1.manager": "martha"}))
    line = 1 + next(index for index, row in enumerate(text.splitlines()) if "martha" in row)
    with pytest.raises(AgreementInvalid) as caught:
        parse(text, "mine.yaml")
    (problem,) = caught.value.problems
    assert (problem.path, problem.line, problem.value) == ("teams[1].manager", line, "martha")
    assert f"teams[1].manager (line {line}): no owner is called 'martha'; did you mean 'marta'?" in str(
        caught.value
    )


def test_warnings_refuse_nothing() -> None:
    text = text_of(spoiled({"teams.1.manager": None}))
    examined = examine(text, "mine.yaml")
    assert [problem.severity for problem in examined.problems] == ["warning"]
    assert examined.errors == ()
    assert parse(text, "mine.yaml") == examined.agreement


def test_examining_tells_everything_in_the_order_of_the_lines() -> None:
    text = text_of(
        spoiled({"currency": "EUO", "calendars.office.week": {}, "handoff.clocks.0.warn_at": [0.9, 0.1]})
    )
    examined = examine(text, "mine.yaml", today=date(2030, 1, 1))
    lines = [problem.line or 0 for problem in examined.problems]
    assert lines == sorted(lines)
    assert [problem.path for problem in examined.problems] == [
        "currency",
        "handoff.clocks[0].warn_at",
        "calendars.office.week",
        "calendars.office.holidays",
    ]


def test_a_document_that_is_not_well_formed_has_problems_and_no_agreement() -> None:
    examined = examine("version: 1", "mine.yaml")
    assert examined.agreement is None
    assert "put it in quotes: '1'" in examined.problems[0].remedy


def test_the_default_is_the_first_example() -> None:
    assert default() == parse(example("b2b"), "b2b")
    with pytest.raises(FileNotFoundError):
        example("zoo")


LINES = text_of(CLEAN).splitlines()
VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=8),
        st.sampled_from(["hot", "lead", "won"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(sorted({*CLEAN, "id", "kind", "when", "on"})), inner, max_size=4),
    ),
    max_leaves=8,
)


@given(st.text(max_size=200) | VALUES.map(lambda value: yaml.safe_dump(value, allow_unicode=True)))
def test_any_text_is_an_agreement_or_invalid(text: str) -> None:
    examined = examine(text, "any")
    assert (examined.agreement is None) == bool(examined.errors)
    assert all(problem.message and problem.remedy for problem in examined.problems)


@examples(8)
@given(
    st.sampled_from(range(len(LINES))),
    st.sampled_from(range(len(LINES))),
    st.text("- :{}[]&*!|>'\"#x1\n", max_size=6),
)
def test_any_slip_of_the_pen_is_an_agreement_or_invalid(first: int, second: int, slip: str) -> None:
    lines = [*LINES]
    lines[first] = lines[second][: len(lines[first])] + slip
    examined = examine("\n".join(lines), "slip")
    assert examined.agreement is not None or examined.errors


def places(document: object, path: tuple[str, ...] = ()) -> list[str]:
    """Return the dotted path of every clause."""
    inner = (
        document.items()
        if isinstance(document, dict)
        else enumerate(document)
        if isinstance(document, list)
        else ()
    )
    deeper = [place for name, value in inner for place in places(value, (*path, str(name)))]
    return [".".join(path), *deeper] if path else deeper


@examples(8)
@given(st.sampled_from(places(CLEAN)), VALUES)
def test_any_value_anywhere_is_an_agreement_or_invalid(path: str, value: object) -> None:
    examined = examine(text_of(spoiled({path: value})), "spoiled")
    assert examined.agreement is not None or examined.errors
    assert all(problem.line for problem in examined.problems)
