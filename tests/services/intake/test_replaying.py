"""Originals read again with a corrected mapping: shown first, on a copy; then said, once."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.store.originals import count_taken
from services.intake.replaying import apply, replay
from services.intake.settling import settle
from services.line import OpenLine, open_line
from services.trial import effect_of
from tests.services.cli.conftest import Ran, Relevo
from tests.services.intake.arriving import NOON, generic_source, keep

CREATED = {"kind": "captured", "when": {"path": "type", "in": ["created"]}}
RENAMED = {"kind": "captured", "when": {"path": "type", "in": ["created", "nuevo"]}}
BEFORE: dict[str, Any] = {"id": "id", "subject": {"email": "mail"}, "facts": [CREATED]}
AFTER: dict[str, Any] = BEFORE | {"facts": [RENAMED]}
SENT = [
    {"id": 1, "type": "created", "mail": "ana@example.com"},
    {"id": 2, "type": "nuevo", "mail": "bo@example.com"},
    {"id": 3, "type": "nuevo", "mail": "cleo@example.com"},
    {"id": 4, "type": "deleted", "mail": "dan@example.com"},
]
EVER = NOON - timedelta(days=365)


def taken(line: OpenLine, mapping: dict[str, Any] = BEFORE) -> None:
    keep(line.database, generic_source(**mapping), SENT)
    settle(line.database)
    line.decide()


@pytest.fixture
def store(tmp_path: Path, relevo: Relevo) -> str:
    """A store in which an agreement has been signed."""
    assert relevo("say", "captured", "--email", "other@example.com").code == 0
    return f"sqlite:///{tmp_path}/relevo.db"


def test_what_the_mapping_lacked_comes_out_new(store: str) -> None:
    with open_line(store) as line:
        taken(line)
        found = replay(line.database, generic_source(**AFTER), EVER)
        assert (found.original_count, len(found.new), found.same_count) == (4, 2, 1)
        assert (found.unfit, len(found.mended)) == ({"unmapped": 1}, 2)
        assert effect_of(line.database, lambda copy: copy.host.append(found.values)).new_count == 2
        with line.database.reading() as connection:
            assert count_taken(connection) == (1, 3)


def test_a_replay_is_applied_once(store: str) -> None:
    with open_line(store) as line:
        taken(line)
        source = generic_source(**AFTER)
        assert apply(line.database, replay(line.database, source, EVER), source) == 2
        line.decide()
        again = replay(line.database, source, EVER)
        assert (again.new, again.same_count + again.different_count) == ({}, 3)
        assert not again.mended
        assert apply(line.database, again, source) == 0


def test_what_was_said_otherwise_stays_and_is_counted(store: str) -> None:
    origin = {"fields": {"origin": {"constant": "web"}}}
    with open_line(store) as line:
        taken(line)
        found = replay(line.database, generic_source(**BEFORE | {"facts": [CREATED | origin]}), EVER)
        assert (found.new, found.same_count, found.different_count) == ({}, 0, 1)


def test_only_what_came_since_is_read(store: str) -> None:
    with open_line(store) as line:
        taken(line)
        assert replay(line.database, generic_source(**AFTER), NOON + timedelta(seconds=1)).original_count == 0


def test_a_won_lead_would_change_stage(store: str) -> None:
    won = {
        "kind": "won",
        "when": {"path": "type", "in": ["nuevo"]},
        "fields": {"by.side": {"constant": "sales"}},
    }
    with open_line(store) as line:
        taken(line, AFTER)
        found = replay(line.database, generic_source(**AFTER | {"facts": [RENAMED, won]}), EVER)
        effect = effect_of(line.database, lambda copy: copy.host.append(found.values))
        assert sum(effect.moved.values()) == 2


def replayed(relevo: Relevo, *more: str) -> Ran:
    return relevo("intake", "replay", "--source", "crm", *more)


def test_the_command_shows_and_then_says(
    store: str, relevo: Relevo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_KEY", "key")
    source = {"name": "crm", "kind": "generic", "secret_env": "CRM_KEY", "mapping": AFTER}
    (tmp_path / "sources.yaml").write_text(json.dumps({"sources": [source]}))
    with open_line(store) as line:
        taken(line)
    shown = replayed(relevo)
    assert "4 requests read again: 2 new facts (2 captured), 1 as they were said." in shown.out
    assert "There would be 2 new leads." in shown.out
    assert "Nothing has been changed" in shown.err
    assert "2 dead letters can be read now." in shown.out
    told = replayed(relevo, "--apply", "--json").json
    assert (told["new_count"], told["said_count"], told["effect"]["new_lead_count"]) == (2, 2, 2)
    assert len(relevo("leads", "--json").json) == 4
    (left,) = relevo("dead", "list", "--json").json
    assert left["reason"] == "unmapped"
    again = relevo("dead", "resubmit", str(left["id"]))
    assert (again.code, "then run relevo intake replay" in again.err) == (2, True)


def test_a_source_of_another_name_is_refused(relevo: Relevo, tmp_path: Path) -> None:
    (tmp_path / "sources.yaml").write_text(json.dumps({"sources": []}))
    ran = replayed(relevo)
    assert (ran.code, ran.err.count("\n")) == (2, 1)


def test_what_an_applied_replay_did_to_dead_letters_is_told(
    store: str, relevo: Relevo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_KEY", "key")
    all_of_them = {"path": "type", "in": ["created", "nuevo", "deleted"]}
    mapping = BEFORE | {"facts": [CREATED, {"kind": "enriched", "when": all_of_them}]}
    source = {"name": "crm", "kind": "generic", "secret_env": "CRM_KEY", "mapping": mapping}
    (tmp_path / "sources.yaml").write_text(json.dumps({"sources": [source]}))
    with open_line(store) as line:
        taken(line)
    assert "do it with --apply" in replayed(relevo).err
    assert "3 dead letters wait no longer." in replayed(relevo, "--apply").err
    assert relevo("dead", "list", "--json").json == []
