"""What is written down is true: verbs explain themselves, READMEs name verbs that exist, ADRs are whole.

Nor does any tracked text name a path on somebody's machine. Only what can rot silently is checked here:
schemas, settings and topics have freshness tests of their own, beside the code that makes them.
"""

import os
import re
import subprocess
from pathlib import Path
from typing import get_args

from schemas.alerts import AlertKind, ResolveReason
from tests.house.tree import ROOT, tracked_texts

VERBS = {
    *("help", "setup", "demo", "test", "chaos", "stack-test"),
    *("check", "bench", "bench-peers", "docs", "clean"),
}
TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)
FENCED = re.compile(r"^```(?:console|sh|bash|shell)\n(.*?)^```", re.MULTILINE | re.DOTALL)
MAKE = re.compile(r"^(?:\$ )?make(?P<words>(?: +[\w=./\"-]+)+)", re.MULTILINE)
RUNS_ON = re.compile(r"\$ relevo (?:up|deliver|pull|intake(?! count| replay))\b")
# A file in the working folder, and not below another.
OWN_FILE = re.compile(r"(?<![\w./-])[\w-]+\.(?:yaml|csv|jsonl|db)\b")
# A home or a checkout on somebody's machine. A URL's path does not count: something stands before its slash.
MACHINE_PATH = re.compile(r"(?<![\w.:~/{}$-])(?:/(?:home|Users)/\w|/(?:root|work)/)|[A-Z]:\\Users\\")


def targets() -> set[str]:
    """Return the verbs that the Makefile has."""
    return set(TARGET.findall((ROOT / "Makefile").read_text(encoding="utf-8")))


def verbs_named_in(text: str) -> set[str]:
    """Return the make targets that the shell blocks of a text call."""
    calls = (call for block in FENCED.findall(text) for call in MAKE.finditer(block))
    words = (word for call in calls for word in call["words"].split())
    return {word for word in words if re.fullmatch(r"[a-z][a-z-]*", word)}


def has_the_five_parts(page: Path) -> bool:
    """Tell whether a decision record has status, context, decision, consequences and the code it binds."""
    text = page.read_text(encoding="utf-8")
    parts = ("**Status**", "## Context", "## Decision", "## Consequences", "## Code it binds")
    return all(part in text for part in parts)


def test_the_makefile_has_the_verbs() -> None:
    assert targets() == VERBS


def test_make_help_explains_every_verb() -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    shown = subprocess.run(["make", "help"], cwd=ROOT, env=env, check=True, capture_output=True, text=True)
    explained = {words[1] for line in shown.stdout.splitlines() if len(words := line.split()) > 2}
    assert explained == targets()


def test_a_make_command_is_found_in_a_shell_block() -> None:
    text = '```console\n$ make demo ARGS="--leads 20"\n$ relevo leads\n```\n```sh\nmake test\n```\nmake tea\n'
    assert verbs_named_in(text) == {"demo", "test"}


def test_the_readme_and_the_docs_call_verbs_that_exist() -> None:
    named = {str(path): verbs_named_in(text) for path, text in tracked_texts() if path.suffix == ".md"}
    assert {path: verbs - targets() for path, verbs in named.items() if verbs - targets()} == {}


def test_what_the_readme_has_one_write_leaves_the_checkout_clean() -> None:
    blocks = "".join(FENCED.findall((ROOT / "README.md").read_text(encoding="utf-8")))
    names = {*OWN_FILE.findall(blocks), "relevo.db", "what-if.db"}
    assert {"agreement.yaml", "mapping.yaml", "leads.csv", "facts.jsonl", "sources.yaml"} < names
    ignored = subprocess.run(
        ["git", "check-ignore", "--no-index", *names], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert names - set(ignored.stdout.split()) == set()


def test_what_runs_until_it_is_stopped_keeps_no_later_line_from_being_typed() -> None:
    blocked = [
        f"{path}: {line}"
        for path, text in tracked_texts()
        if path.suffix == ".md"
        for block in FENCED.findall(text)
        for line in [line for line in block.splitlines() if line.startswith("$ ")][:-1]
        if RUNS_ON.match(line) and "--once" not in line and not line.partition("#")[0].rstrip().endswith("&")
    ]
    assert blocked == []


def test_a_path_on_a_machine_is_recognised() -> None:
    # Written with another slash, so that this file passes the test below.
    paths = [path.replace("|", "/") for path in ("|home|ana", "see |root|x", '"|work|x"', "|Users|ana")]
    assert [path for path in paths if not MACHINE_PATH.search(path)] == []
    assert MACHINE_PATH.search("https://example.org|work|x".replace("|", "/")) is None


def test_no_tracked_text_names_a_path_of_a_machine() -> None:
    named = [
        f"{path}:{text.count(chr(10), 0, found.start()) + 1}"
        for path, text in tracked_texts()
        for found in MACHINE_PATH.finditer(text)
    ]
    assert named == []


def test_every_adr_has_its_own_number_and_the_five_parts() -> None:
    pages = sorted((ROOT / "docs" / "adr").glob("*.md"))
    numbers = [page.name[:4] for page in pages]
    assert numbers == sorted(set(numbers))
    assert [page.name for page in pages if not has_the_five_parts(page)] == []


def test_the_page_about_alerts_names_every_kind_and_every_way_to_end() -> None:
    page = (ROOT / "docs" / "alerts.md").read_text(encoding="utf-8")
    words = {*AlertKind, *get_args(ResolveReason)}
    assert {word for word in words if f"`{word}`" not in page} == set()
