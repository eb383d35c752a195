"""``relevo deliver`` and ``relevo deliveries``, over a small year and a receiver on this machine."""

import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.services.cli.conftest import Relevo, clean_environment
from tests.services.outbound.conftest import SECRET
from tests.services.outbound.receiving import OK, Answer, Came, Receiver, receiver

ROOT = Path(__file__).parents[3]


@pytest.fixture
def received(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    with receiver() as made:
        hook = {
            "name": "hook",
            "kind": "webhook",
            "url": made.url,
            "secret_env": "HOOK_SECRET",
            "kinds": ["stage_changed", "sla_breached"],
            "from": "beginning",
            "most_age": None,
        }
        (tmp_path / "destinations.yaml").write_text(json.dumps({"destinations": [hook]}))
        monkeypatch.setenv("HOOK_SECRET", SECRET)
        yield made


def test_a_year_is_delivered_once_and_shown(year: Relevo, received: Receiver) -> None:
    ran = year("deliver", "--once", "--json")
    (counts,) = ran.json
    assert counts == {"destination": "hook", "sent": len(received.came), "dead": 0}
    assert counts["sent"] > 50
    assert year("deliver", "--once").out == "hook: 0 sent, 0 given up\n"
    (last,) = year("deliveries", "list", "--status", "sent", "--limit", "1", "--json").json
    assert (last["destination"], last["answer"]) == ("hook", "200")
    shown = year("deliveries", "list", "--limit", "5").out
    assert "stage_changed" in shown
    assert "Deliveries (times in Europe/Madrid)" in shown
    none = year("deliveries", "list", "--status", "dead")
    assert (none.out, none.err) == ("", "Nothing of the kind was delivered or waits.\n")


def test_a_message_is_sent_again_when_it_is_asked_for(year: Relevo, received: Receiver) -> None:
    year("deliver", "--once")
    count = len(received.came)
    (last,) = year("deliveries", "list", "--destination", "hook", "--limit", "1", "--json").json
    assert "is sent to hook again" in year("deliveries", "resend", "hook", str(last["number"])).err
    assert year("deliver", "--once").out == "hook: 1 sent, 0 given up\n"
    assert received.ids.count(received.ids[-1]) == 2
    assert len(received.came) == count + 1
    again = year("deliveries", "resend", "hook", str(last["number"]), "--json")
    assert again.json["status"] == "waiting"
    assert "has no message 0" in year("deliveries", "resend", "hook", "0").err


def test_a_destination_that_is_gone_is_shown_and_resumed(year: Relevo, received: Receiver) -> None:
    received.script(Answer(410))
    year("deliver", "--once")
    assert "hook is disabled (410)" in year("deliveries", "list").err
    (found,) = (one for one in year("doctor", "--json").json if one["check"] == "deliveries")
    assert (found["verdict"], found["detail"]) == ("warn", "disabled: hook")
    assert "is delivered to again" in year("deliveries", "resume", "hook").err
    assert year("deliveries", "resume", "hook", "--json").json["disabled"] is False
    assert "look at its name" in year("deliveries", "resume", "hooks").err
    assert year("deliver", "--once").code == 0
    assert len(received.came) > 50


def test_what_cannot_be_done_is_refused(year: Relevo, received: Receiver, tmp_path: Path) -> None:
    assert "write waiting, sent, dead or nowhere" in year("deliveries", "list", "--status", "lost").err
    (tmp_path / "destinations.yaml").write_text('{"destinations": []}')
    assert "names no destination" in year("deliver").err
    (tmp_path / "destinations.yaml").write_text('{"destinations": [{"name": "x", "kind": "webhook"}]}')
    ran = year("deliver")
    assert (ran.code, "no valid destinations file" in ran.err, received.came) == (2, True, [])


@pytest.mark.slow
def test_killed_at_any_moment_nothing_is_missing_and_at_most_one_came_twice(
    year: Relevo, received: Receiver, tmp_path: Path
) -> None:
    for _ in range(3):
        _end_lease(tmp_path)
        running = subprocess.Popen(
            [sys.executable, "-m", "services.cli", "deliver"],
            cwd=tmp_path,
            env={**clean_environment(), "PYTHONPATH": str(ROOT)},
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        enough = len(received.came) + 10

        def kill(_: Came, running: subprocess.Popen[bytes] = running, enough: int = enough) -> Answer:
            if len(received.came) >= enough:
                running.send_signal(signal.SIGKILL)
            return OK

        received.choose = kill
        running.communicate(timeout=120)
    received.choose = lambda _: OK
    assert "another process" in year("deliver", "--once").err
    _end_lease(tmp_path)
    assert year("deliver", "--once").code == 0
    waiting = year("deliveries", "list", "--status", "waiting", "--json").json
    numbers = [one["number"] for one in year("deliveries", "list", "--limit", "10000", "--json").json]
    assert waiting == []
    assert len(set(received.ids)) == len(numbers)
    assert len(received.came) <= len(numbers) + 3


def _end_lease(folder: Path) -> None:
    """Let the lease of a process that was killed be over, as it is after half a minute."""
    with closing(sqlite3.connect(folder / "relevo.db", isolation_level=None)) as connection:
        connection.execute("UPDATE destinations SET held_until = '2026-01-01T00:00:00'")
