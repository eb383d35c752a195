"""``relevo doctor``: what is well, what is not, and what to do about it."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from infra.embedded.lock import line_lock
from infra.store.address import read_address
from schemas.facts import ImportOpened
from services.cli.examining import CHECKS
from services.line import open_line
from services.line_host import control_event
from tests.services.cli.conftest import Relevo


def findings(relevo: Relevo) -> dict[str, Any]:
    return {one["check"]: one for one in relevo("doctor", "--json").json}


def test_a_store_in_order_is_well(relevo: Relevo) -> None:
    relevo("say", "captured", "--email", "a@b.es")
    ran = relevo("doctor", "--json")
    assert [one["check"] for one in ran.json] == ["versions", "store", *CHECKS, "sources"]
    assert {one["verdict"] for one in ran.json} == {"ok"}
    assert ran.code == 0
    assert relevo("doctor").out.startswith("ok    versions")


def test_what_waits_for_a_person_is_a_warning_with_the_remedy(year: Relevo) -> None:
    found = findings(year)
    assert found["dead letters"]["verdict"] == "warn"
    assert found["dead letters"]["remedy"] == "run relevo dead"
    assert "→ run relevo dead" in year("doctor").out
    assert year("doctor").code == 0


def test_a_store_that_is_not_there_fails_and_nothing_more_is_looked_at(relevo: Relevo) -> None:
    ran = relevo("doctor", "--json")
    assert ran.code == 1
    found = [(one["check"], one["verdict"]) for one in ran.json]
    assert found == [("versions", "ok"), ("store", "fail"), ("sources", "ok")]
    assert "run relevo demo" in ran.json[1]["remedy"]


def test_a_store_that_is_none_fails(relevo: Relevo, tmp_path: Path) -> None:
    (tmp_path / "relevo.db").write_bytes(b"x" * 9000)
    ran = relevo("doctor")
    assert (ran.code, "this file is no store" in ran.out) == (1, True)


def test_facts_that_wait_are_pointed_out(relevo: Relevo) -> None:
    relevo("say", "captured", "--email", "a@b.es")
    with open_line("sqlite:///relevo.db") as line:
        line.host.append([b"{"])
    found = findings(relevo)
    assert (found["log"]["verdict"], found["log"]["detail"]) == ("warn", "1 fact waits to be decided")
    assert "relevo up" in found["log"]["remedy"]


@pytest.mark.parametrize(
    ("import_id", "command"),
    [
        ("demo-2000-7-2026-11-22T21:20Z", "relevo demo --leads 2000 --seed 7"),
        ("olist-0123456789abcdef", "relevo import olist DIR"),
        ("deals.csv-0123456789abcdef", "relevo import csv deals.csv --mapping FILE"),
        ("facts.jsonl-0123456789abcdef", "relevo import jsonl facts.jsonl"),
        ("stdin-0123456789abcdef", "relevo import jsonl -, with the same input,"),
        ("deals.csv-0123456789abcdef-dead-17", "relevo dead resubmit 17"),
    ],
)
def test_an_import_that_was_cut_off_is_told_with_the_command_that_goes_on(
    relevo: Relevo, import_id: str, command: str
) -> None:
    relevo("say", "captured", "--email", "a@b.es")
    with open_line("sqlite:///relevo.db") as line:
        line.say([control_event(ImportOpened(import_id=import_id), "opened")])
        line.decide()
    found = findings(relevo)["imports"]
    assert found["detail"] == f"{import_id} has not been closed"
    assert found["remedy"] == f"run {command} again: it goes on where it was"


def test_a_timer_that_is_long_due_is_pointed_out(relevo: Relevo, tmp_path: Path) -> None:
    relevo("say", "captured", "--email", "a@b.es")
    with sqlite3.connect(tmp_path / "relevo.db") as store:
        store.execute("UPDATE timers SET due_at = '2026-01-01T00:00:00'")
    store.close()
    found = findings(relevo)["timers"]
    assert (found["verdict"], found["remedy"]) == ("warn", "run relevo up")


def test_who_runs_the_line_is_named(relevo: Relevo, tmp_path: Path) -> None:
    relevo("say", "captured", "--email", "a@b.es")
    with line_lock(read_address(f"sqlite:///{tmp_path}/relevo.db")):
        assert findings(relevo)["line"]["detail"].startswith("run by relevo, process ")
    assert findings(relevo)["line"]["detail"].startswith("nobody runs the line")


def test_another_versions_store_fails_with_the_remedy(relevo: Relevo, tmp_path: Path) -> None:
    relevo("say", "captured", "--email", "a@b.es")
    with sqlite3.connect(tmp_path / "relevo.db") as store:
        store.execute("UPDATE alembic_version SET version_num = '9999'")
    store.close()
    for arguments in (("doctor",), ("doctor", "--migrate")):
        ran = relevo(*arguments)
        assert (ran.code, "update Relevo" in ran.out) == (1, True)


def test_migrating_under_a_running_line_is_refused(relevo: Relevo, tmp_path: Path) -> None:
    relevo("say", "captured", "--email", "a@b.es")
    with line_lock(read_address(f"sqlite:///{tmp_path}/relevo.db")):
        ran = relevo("doctor", "--migrate")
    assert (ran.code, "stop it, then migrate" in ran.out) == (1, True)
    assert relevo("doctor", "--migrate").code == 0


SOURCES = """
sources:
  - {name: crm, kind: hubspot, secret_env: [CRM_SECRET], options: {allow_v1_v2: %s}}
  - {name: forms, kind: typeform, secret_env: [FORMS_SECRET]}
"""


@pytest.mark.parametrize(
    ("allowed", "told"),
    [
        ("true", "crm (hubspot) believes v1 and v2 signatures, which cannot be stale; forms (typeform)"),
        ("false", "crm (hubspot); forms (typeform)"),
    ],
)
def test_who_believes_more_than_need_be_is_shown(
    relevo: Relevo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, allowed: str, told: str
) -> None:
    (tmp_path / "sources.yaml").write_text(SOURCES % allowed)
    monkeypatch.setenv("CRM_SECRET", "a" * 16)
    monkeypatch.setenv("FORMS_SECRET", "b" * 16)
    relevo("say", "captured", "--email", "a@b.es")
    found = findings(relevo)["sources"]
    assert (found["verdict"], found["detail"]) == ("ok", f"sources.yaml has 2 sources: {told}")


def test_a_secret_that_can_be_guessed_is_a_warning(
    relevo: Relevo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sources.yaml").write_text(SOURCES % "false")
    monkeypatch.setenv("CRM_SECRET", "a" * 16)
    monkeypatch.setenv("FORMS_SECRET", "b" * 15)
    relevo("say", "captured", "--email", "a@b.es")
    found = findings(relevo)["sources"]
    assert (found["verdict"], "openssl rand" in found["remedy"]) == ("warn", True)
    assert "forms has a secret of less than 16 bytes" in found["detail"]
    assert "crm has a secret" not in found["detail"]
    assert "bbb" not in str(found)


@pytest.mark.parametrize(
    ("server", "told"),
    [
        (
            "trusted_proxies: ['0.0.0.0/0']",
            "server.trusted_proxies has 0.0.0.0/0: whoever asks may say where",
        ),
        (
            "trusted_proxies: [10.0.0.0/8, '::/0']",
            "server.trusted_proxies has ::/0: whoever asks may say where",
        ),
        ("operators: ['::/0']", "server.operators has ::/0: whoever asks may read /metrics"),
    ],
)
def test_networks_that_are_everybody_are_a_warning(
    relevo: Relevo, tmp_path: Path, server: str, told: str
) -> None:
    (tmp_path / "sources.yaml").write_text(f"sources: []\nserver: {{{server}}}\n")
    relevo("say", "captured", "--email", "a@b.es")
    found = findings(relevo)["sources"]
    assert (found["verdict"], told in found["detail"]) == ("warn", True)
    assert relevo("doctor").code == 0  # a warning is no failure


def test_a_source_without_its_secret_fails(relevo: Relevo, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(SOURCES % "true")
    relevo("say", "captured", "--email", "a@b.es")
    ran = relevo("doctor", "--config", "mine.yaml", "--json")
    assert (ran.code, ran.json[-1]["verdict"]) == (1, "fail")
    assert "CRM_SECRET" in ran.json[-1]["detail"]


def test_a_sources_file_that_cannot_be_opened_is_told_as_elsewhere(relevo: Relevo, tmp_path: Path) -> None:
    (tmp_path / "sources.yaml").mkdir()
    found = findings(relevo)["sources"]
    assert (found["verdict"], found["detail"]) == ("fail", "sources.yaml is a folder; name the file in it")
