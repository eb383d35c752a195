"""The command line is written down: every verb, every setting, every line of the doctor."""

import re

from infra.settings import SETTINGS
from services.cli.examining import CHECKS
from services.cli.main import VERBS
from services.cli.reference import DOCUMENT, document, verbs
from tests.house.tree import ROOT

OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def test_the_reference_says_what_the_verbs_say() -> None:
    written = DOCUMENT.read_text(encoding="utf-8")
    assert written == document(), "run python -m services.cli.reference"


def test_every_verb_of_the_help_is_in_the_reference() -> None:
    assert {path.split()[1] for path, _ in verbs()} == set(VERBS)


def test_every_example_calls_the_verb_that_it_is_of() -> None:
    wrong = [path for path, verb in verbs() if f"Example: {path}" not in " ".join(verb.help.split())]
    assert wrong == []


def test_every_verb_that_shows_data_can_show_it_as_json() -> None:
    without = {path for path, verb in verbs() if "json" not in {parameter.name for parameter in verb.params}}
    assert without == {
        "relevo demo",  # shows what metrics, stalled and lead show
        "relevo up",
        "relevo intake",
        "relevo prepare",
        "relevo worker",
        "relevo agreement diagram",  # is text for another tool already
        "relevo agreement init",
    }


def test_every_verb_but_those_about_files_takes_a_store() -> None:
    without = {path for path, verb in verbs() if "store" not in {parameter.name for parameter in verb.params}}
    assert {path for path in without if not path.startswith("relevo topics")} == {
        "relevo agreement check",
        "relevo agreement init",
        "relevo clock",
    }


def test_every_setting_is_documented_with_its_default() -> None:
    missing = [setting.variable for setting in SETTINGS if f"| `{setting.variable}` |" not in OPERATIONS]
    assert missing == []
    assert re.findall(r"^\| `(RELEVO_\w+)`", OPERATIONS, re.MULTILINE) == [one.variable for one in SETTINGS]
    assert [one.name for one in SETTINGS if one.default and f"`{one.default}`" not in OPERATIONS] == []


def test_every_line_of_the_doctor_is_documented_in_its_order() -> None:
    table = OPERATIONS.partition("## What the doctor says")[2]
    assert re.findall(r"^\| `([a-z ]+)` \|", table, re.MULTILINE) == ["versions", "store", *CHECKS, "sources"]
