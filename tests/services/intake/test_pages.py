"""What the vendors' pages tell people to type works as it stands, on a gateway with the sources they show."""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.agreement.loader import default
from services.intake.registry import vendors
from tests.house.tree import ROOT
from tests.services.intake.conftest import SECRETS, Running

YAML = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)
CONSOLE = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
HERE = "localhost:8080"
SECRET = SECRETS["BILLS_SECRET"]
"""Of a form that every kind takes."""


@dataclass(frozen=True)
class Page:
    """A vendor's page: its sources, what is to be typed, and what is said to come back."""

    kind: str
    sources: tuple[dict[str, Any], ...]
    typed: str
    printed: str


def page_of(kind: str) -> Page:
    text = (ROOT / "docs" / "integrations" / f"{kind}.md").read_text(encoding="utf-8")
    sources = [source for block in YAML.findall(text) for source in yaml.safe_load(block)]
    lines = [line for block in CONSOLE.findall(text) if HERE in block for line in block.splitlines()]
    typed = [line.removeprefix("$ ") for line in lines if line.startswith(("$ ", " "))]
    printed = [line for line in lines if not line.startswith(("$ ", " "))]
    return Page(kind, tuple(sources), "\n".join(typed), "".join(printed))


def without_clashes(pages: list[Page]) -> list[list[Page]]:
    """Return the pages in as many groups as it takes for no two of a group to name a source alike."""
    groups: list[list[Page]] = []
    for page in pages:
        names = {source["name"] for source in page.sources}
        fitting = (one for one in groups if not names & {s["name"] for p in one for s in p.sources})
        group = next(fitting, None)
        if group is None:
            groups.append([page])
        else:
            group.append(page)
    return groups


GROUPS = without_clashes([page_of(kind) for kind in vendors()])


def secrets_of(group: list[Page]) -> dict[str, str]:
    """Return a secret for every variable that the pages' sources name, each its own."""
    written = yaml.safe_dump([source for page in group for source in page.sources])
    names = sorted(set(re.findall(r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b", written)))
    return {name: SECRET if name == "BILLING_SECRET" else f"secret-{name}" for name in names}


def stages_claimed_on(page: Page) -> set[str]:
    facts = [fact for source in page.sources for fact in source.get("mapping", {}).get("facts", ())]
    claimed = [fact["fields"]["stage"] for fact in facts if fact["kind"] == "stage_claimed"]
    return {
        stage for one in claimed for stage in (one.get("constant"), *one.get("values", {}).values()) if stage
    }


def test_the_pages_claim_stages_that_the_agreement_has() -> None:
    claimed = set[str]().union(*(stages_claimed_on(page_of(kind)) for kind in vendors()))
    assert claimed
    assert claimed <= {stage.id for stage in default().lifecycle.stages}


@pytest.mark.slow
@pytest.mark.parametrize("group", GROUPS, ids=lambda group: "-".join(page.kind for page in group))
def test_what_a_page_says_to_type_is_answered_as_it_says(group: list[Page], tmp_path: Path) -> None:
    secrets = secrets_of(group)
    document = {"sources": [source for page in group for source in page.sources]}
    (tmp_path / "sources.yaml").write_text(yaml.safe_dump(document))
    running = Running(tmp_path, settings=secrets)
    try:
        for page in group:
            typed = page.typed.replace(HERE, running.url)
            done = subprocess.run(
                ["bash", "-ec", typed],
                env=os.environ | secrets,
                capture_output=True,
                text=True,
                check=False,
            )
            assert (page.kind, done.stdout) == (page.kind, page.printed), done.stderr
    finally:
        running.stop()
    counted = running.counted()
    assert (counted["dead"], counted["facts"] >= len(group)) == (0, True), running.relevo(
        "dead", "list"
    ).stdout
