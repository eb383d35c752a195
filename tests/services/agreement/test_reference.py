"""``docs/agreement.md`` says what the models say, and what it teaches works."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from infra.agreement_file import located
from services.agreement import reference
from services.agreement.check import check
from services.agreement.loader import examine, example, parse

PAGE = reference.DOCUMENT.read_text(encoding="utf-8")
EDITS = re.findall(r"^```diff\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


class Silent(BaseModel):
    """A model that explains one of its fields."""

    loud: int
    """Loud."""
    quiet: int


def test_the_reference_is_fresh() -> None:
    assert reference.written(PAGE) == PAGE, "run python -m services.agreement.reference"


def test_every_field_of_every_part_is_in_the_reference() -> None:
    said = reference.reference()
    missing = [
        f"{path}.{name}"
        for model, path in reference.parts()
        for name, field in model.model_fields.items()
        if f"| `{field.alias or name}` |" not in said and name != "digest"
    ]
    assert missing == []


def test_a_part_is_explained_once_and_where_it_first_stands() -> None:
    paths = [path for _, path in reference.parts()]
    assert len(paths) == len(set(paths))
    assert paths[:3] == ["", "glossary[]", "personas[]"]


def test_a_field_without_a_sentence_is_refused() -> None:
    with pytest.raises(ValueError, match=r"Silent\.quiet has no sentence"):
        reference._part(Silent, {Silent: "silent"})


def test_a_page_without_its_place_is_refused() -> None:
    with pytest.raises(ValueError, match="put them back"):
        reference.written("# Nothing")


def test_the_page_is_written_where_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "agreement.md"
    page.write_text(PAGE.replace("| field |", "| stale |"), encoding="utf-8")
    monkeypatch.setattr(reference, "DOCUMENT", page)
    reference.main()
    assert page.read_text(encoding="utf-8") == PAGE


def sides(edit: str) -> tuple[str, str]:
    """Return what a diff takes out and what it puts in, context included."""
    old = "\n".join(line[1:] for line in edit.splitlines() if not line.startswith("+"))
    new = "\n".join(line[1:] for line in edit.splitlines() if not line.startswith("-"))
    return old, new


@pytest.mark.parametrize("edit", EDITS)
def test_a_change_that_the_page_teaches_works(edit: str) -> None:
    old, new = sides(edit)
    assert example().count(old) == 1
    if "demonstrated" not in new:  # half of adding a stage: tried below
        assert parse(example().replace(old, new), "changed") != parse(example(), "default")


def test_the_stage_that_the_page_adds_is_a_good_one() -> None:
    text = example()
    for old, new in (sides(edit) for edit in EDITS if "demonstrated" in edit):
        text = text.replace(old, new)
    agreement = parse(text, "changed")
    assert agreement.lifecycle.success_path[3] == "demonstrated"
    assert check(agreement) == ()


def test_the_problems_that_the_page_shows_are_the_ones_that_are_found() -> None:
    (shown,) = re.findall(r"^```text\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    first, second = (line.rstrip("…").rstrip() for line in shown.splitlines())
    slip = examine(example().replace("allowance: 4 business hours", "allowance: 4 hours", 1), "slip")
    assert str(slip.problems[0]).startswith(first)
    high = example().replace("grade_a_from: 70", "grade_a_from: 120")
    problems = located(check(parse(high, "high")), high)
    assert second in [str(problem) for problem in problems]
