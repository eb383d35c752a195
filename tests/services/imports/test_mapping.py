"""A mapping is checked as a whole, and what is wrong is told with its line, path and remedy."""

from pathlib import Path
from typing import get_args

import pytest

from schemas.facts import LeadFact
from services.imports.mapping import NO_FIELDS, FactForm, load_mapping
from services.imports.source import SourceUnusable
from tests.services.imports.files import write

GOOD = (
    "source: crm",
    "subject: {email: Mail}",
    "facts:",
    "  - {kind: captured, at: Created}",
)


def refusal(path: Path, *lines: str) -> str:
    with pytest.raises(SourceUnusable) as refused:
        load_mapping(write(path / "m.yaml", *lines))
    return str(refused.value)


def test_a_small_mapping_needs_little_and_names_its_columns(tmp_path: Path) -> None:
    mapping, text = load_mapping(write(tmp_path / "m.yaml", *GOOD))
    assert sorted(mapping.columns()) == ["Created", "Mail"]
    assert text == "\n".join(GOOD) + "\n"


def test_columns_are_found_wherever_they_stand(tmp_path: Path) -> None:
    lines = (
        "source: crm",
        "ignore: {column: A, in: [x]}",
        "subject: {email: {column: B}, external_ids: {crm: C}}",
        "facts:",
        "  - kind: won",
        "    at: {column: D}",
        "    when: {column: E, in: ['yes']}",
        "    amount: {column: F, currency: EUR}",
        "    by: {side: {constant: sales}, owner: G}",
    )
    mapping, _ = load_mapping(write(tmp_path / "m.yaml", *lines))
    assert sorted(mapping.columns()) == list("ABCDEFG")


def test_the_columns_of_a_joined_text_are_columns_of_the_file(tmp_path: Path) -> None:
    lines = ("source: crm", "subject: {email: A, name: [B, C], company: {join: [D, E]}}", *GOOD[2:3])
    mapping, _ = load_mapping(write(tmp_path / "m.yaml", *lines, "  - {kind: captured, at: F}"))
    assert sorted(mapping.columns()) == list("ABCDEF")


def test_every_field_of_every_fact_can_be_mapped() -> None:
    fields = {name for model in get_args(LeadFact) for name in model.model_fields}
    assert fields - NO_FIELDS == set(FactForm.model_fields) - NO_FIELDS


@pytest.mark.parametrize(
    ("line", "by", "said"),
    [
        (3, "  - {kind: captred, at: Created}", "line 4: facts[0]: 'captred' is no kind of fact; did you"),
        (3, "  - {kind: hired, at: Created}", "'hired' is no kind of fact; choose from captured, enriched"),
        (3, "  - {kind: won, at: Created, origin: X}", "won has no field origin; choose from opportunity_id"),
        (3, "  - {kind: engaged, at: Created}", "engaged needs the field channel; name its column"),
        (3, "  - {kind: captured}", "line 4: facts[0].at: this is missing; add at: …"),
        (3, "  - {kind: captured, at: C, origin: {as: number}}", "origin: a value comes from one place;"),
        (3, "  - {kind: won, at: C, amount: {column: A, currency: euro}}", "currency: 'euro' does not look"),
        (3, "  - {kind: captured, at: C, orign: X}", "no field is called 'orign'; did you mean 'origin'?"),
        (1, "subject: {mail: Mail}", "subject.mail: no field is called 'mail'; did you mean"),
        (0, "source: crm\ndates: dd/mm/yyyy", "dates: 'dd/mm/yyyy' is no form of a date; write one"),
        (0, "source: crm\ndates: '%d/%m'", "'%d/%m' is no form of a date"),
        (0, "source: crm\ndates: '%Q'", "'%Q' is no form of a date"),
        (0, "source: crm\nzone: Europe/Madird", "is not a time zone; did you mean 'Europe/Madrid'?"),
        (0, "source: crm\nregion: UK", "region: no region is called 'UK'; write two letters of ISO 3166"),
        (0, "source: crm\ncurrency_sign: '-'", "currency_sign: '-' does not look"),
        (1, "subject: {email: {column: A, join: [B, C]}}", "give either column, join or constant"),
        (1, "subject: {name: {join: [A, B], as: number}}", "what is joined is a text; leave out as: number"),
        (1, "subject: {name: []}", "a value comes from one place"),
        (0, "source: crm\ndelimiter: ':'", "delimiter: ':' is not one of the values"),
        (0, "source: crm\nblank: [x, '']\nignore: {column: A, in: ['', x]}", "'x' is blank, so no clause"),
        (3, "  - {kind: won, at: C, when: {column: A, in: [y]}}\nblank: [y]", "'y' is blank, so no clause"),
        (0, "source: ''\ndecimal: x", "(1 more after this)"),
        (0, "source: crm\nsource: erp", "m.yaml, line 2: 'source' stands twice"),
        (2, "facts: [", "this is no YAML"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line_its_path_and_a_remedy(
    tmp_path: Path, line: int, by: str, said: str
) -> None:
    assert said in refusal(tmp_path, *GOOD[:line], by, *GOOD[line + 1 :])


def test_an_empty_mapping_is_answered_with_where_to_begin(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text("\n")
    with pytest.raises(SourceUnusable, match=r"is empty; begin with the example in docs/imports\.md"):
        load_mapping(tmp_path / "m.yaml")


def test_a_mapping_that_is_missing_or_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_mapping(tmp_path / "m.yaml")
    (tmp_path / "m.yaml").write_bytes(b"source: \xff\n")
    with pytest.raises(SourceUnusable, match=r"m\.yaml is no UTF-8 text; save it as UTF-8"):
        load_mapping(tmp_path / "m.yaml")
