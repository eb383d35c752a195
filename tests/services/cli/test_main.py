"""The front door: options before and behind the verb, settings, and what is shown when things go wrong."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services.cli.conftest import Relevo, clean_environment

ROOT = Path(__file__).parents[3]


def test_without_a_verb_the_help_is_shown(relevo: Relevo) -> None:
    ran = relevo()
    assert ran.code == 2
    assert "Commands:" in ran.out + ran.err


def test_the_version_is_shown(relevo: Relevo) -> None:
    ran = relevo("--version")
    assert (ran.code, ran.out.split()[0]) == (0, "relevo")


def test_the_help_names_every_verb_in_order(relevo: Relevo) -> None:
    ran = relevo("--help")
    lines = ran.out.partition("Commands:\n")[2].splitlines()
    assert [line.split()[0] for line in lines[:3]] == ["demo", "import", "metrics"]
    assert ran.code == 0


def test_a_verb_that_does_not_exist_is_bad_usage(relevo: Relevo) -> None:
    ran = relevo("metric")
    assert ran.code == 2
    assert "No such command" in ran.err


def test_the_store_may_be_named_before_the_verb_behind_it_or_in_the_environment(
    relevo: Relevo, told_year: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{told_year}"
    assert relevo("--store", url, "stalled", "--json").code == 0
    assert relevo("stalled", "--json", "--store", url).code == 0
    assert relevo("--store", "sqlite:///nowhere.db", "stalled", "--store", url).code == 0
    assert relevo("stalled").code == 2
    monkeypatch.setenv("RELEVO_STORE", url)
    assert relevo("stalled").code == 0


def test_a_group_of_verbs_takes_the_store_before_it_too(relevo: Relevo, told_year: Path) -> None:
    assert relevo("--store", f"sqlite:///{told_year}", "dead", "list", "--json").code == 0


def test_a_misspelt_setting_is_refused(relevo: Relevo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELEVO_STOER", "sqlite:///x.db")
    ran = relevo("leads")
    assert (ran.code, ran.err) == (2, "relevo: RELEVO_STOER is no setting; did you mean RELEVO_STORE?\n")


def test_a_missing_store_is_one_sentence_and_is_not_made(relevo: Relevo, tmp_path: Path) -> None:
    ran = relevo("leads", "--json")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("relevo: there is no store at relevo.db; run relevo demo")
    assert ran.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_broken_store_is_one_sentence(relevo: Relevo, tmp_path: Path) -> None:
    (tmp_path / "relevo.db").write_bytes(b"not a database" * 1000)
    for arguments in (("leads",), ("say", "captured", "--email", "a@b.es"), ("up",), ("verify",)):
        ran = relevo(*arguments)
        assert (ran.code, ran.err.count("\n")) == (2, 1)
        assert "this file is no store" in ran.err


def test_an_agreement_that_is_not_there_is_one_sentence(year: Relevo) -> None:
    ran = year("leads", "--agreement", "nowhere.yaml")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "there is no file nowhere.yaml" in ran.err


def test_a_bug_is_one_sentence_and_shown_whole_to_who_asks(year: Relevo, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "relevo.db") as store:
        store.execute("UPDATE leads SET captured_at = 'some day'")
    store.close()
    ran = year("leads")
    assert ran.code == 1
    assert ran.err.startswith("relevo: this should not have happened (ValueError")
    assert "relevo --debug leads" in ran.err
    assert "Traceback" not in ran.err
    with pytest.raises(ValueError, match="some day"):
        year("--debug", "leads")


def test_data_goes_to_standard_output_and_words_to_standard_error(year: Relevo) -> None:
    ran = year("leads", "--json", "--limit", "1")
    assert len(ran.json) == 1
    assert ran.err == ""


@pytest.mark.slow
@pytest.mark.parametrize(
    "verb", [("topics", "--json"), ("metrics", "--json"), ("lead", "crm:S-0007", "--history", "--clocks")]
)
def test_a_reader_that_goes_away_ends_the_command_quietly(told_year: Path, verb: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "services.cli", "--store", f"sqlite:///{told_year}", *verb]
    with subprocess.Popen(
        command, cwd=ROOT, env=clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as started:
        assert started.stdout is not None
        assert started.stderr is not None
        started.stdout.close()
        assert started.stderr.read() == b""
        assert started.wait() == 0


def test_no_colour_is_written_where_nobody_looks(year: Relevo) -> None:
    assert "\x1b" not in year("metrics").out


def test_help_and_clock_start_without_the_store_and_the_models(in_a_process: Relevo) -> None:
    code = (
        "import sys; from services.cli.main import run; "
        "run({arguments}); "
        "print(sorted({{'sqlalchemy', 'alembic', 'phonenumbers', {more}}} & set(sys.modules)))"
    )
    for arguments, more in (
        (["--help"], "'pydantic', 'rich'"),
        (["clock", "--allowance", "4h", "--json"], "'x'"),
    ):
        done = subprocess.run(
            [sys.executable, "-c", code.format(arguments=arguments, more=more)],
            cwd=ROOT,
            env=clean_environment(),
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.splitlines()[-1] == "[]"
    assert in_a_process("--help").code == 0
