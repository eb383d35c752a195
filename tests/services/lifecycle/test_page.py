"""The page about the lifecycle shows the table and the picture that are drawn from the code."""

from pathlib import Path

from services.agreement.loader import load
from services.lifecycle.diagram import mermaid, table

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "lifecycle.md").read_text(encoding="utf-8")


def test_the_page_shows_the_table_of_facts() -> None:
    assert table() in PAGE


def test_the_page_shows_the_picture_of_the_example() -> None:
    picture = mermaid(load(ROOT / "examples" / "b2b" / "agreement.yaml"))
    assert f"```mermaid\n{picture}```\n" in PAGE
