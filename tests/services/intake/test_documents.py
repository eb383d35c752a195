"""The documents about the front door: their examples are valid, and every kind has a page and a line."""

import re
from pathlib import Path
from textwrap import indent

import pytest

from services.intake.registry import kinds
from services.intake.sources import Document, ServerForm, SourceForm, load_sources
from tests.house.tree import ROOT

PAGES = [ROOT / "docs" / "intake.md", *sorted((ROOT / "docs" / "integrations").glob("*.md"))]
YAML = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)


def examples() -> list[tuple[str, str]]:
    """Return every YAML block of the pages, as a whole document."""
    found = [
        (page.name, block)
        for page in PAGES
        for block in YAML.findall(page.read_text())
        if not block.startswith("destinations:")  # those are the outbound side's
    ]
    return [
        (name, block if block.startswith("sources:") else f"sources:\n{indent(block, '  ')}")
        for name, block in found
    ]


@pytest.mark.parametrize(("page", "text"), examples())
def test_every_example_is_valid(tmp_path: Path, page: str, text: str) -> None:
    file = tmp_path / "sources.yaml"
    file.write_text(text)
    environment = dict.fromkeys(re.findall(r"\b[A-Z][A-Z0-9_]+\b", text), "secret")
    assert load_sources(file, kinds(), environment).by_name, page


def test_every_kind_has_a_page_and_a_line() -> None:
    overview = (ROOT / "docs" / "integrations" / "README.md").read_text()
    assert [kind for kind in kinds() if f"| `{kind}` |" not in overview] == []
    assert [kind for kind in kinds() if not (ROOT / "docs" / "integrations" / f"{kind}.md").is_file()] == []


def test_every_field_of_the_document_is_described() -> None:
    page = (ROOT / "docs" / "intake.md").read_text()
    fields = [*Document.model_fields, *SourceForm.model_fields, *ServerForm.model_fields]
    assert [name for name in fields if f"`{name}`" not in page and f"`{name}:" not in page] == []
