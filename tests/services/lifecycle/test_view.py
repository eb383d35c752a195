"""What people may query."""

import json
from datetime import datetime
from typing import Any

from schemas.entries import Change, Concluded
from schemas.facts import Erased, Touched, Won
from schemas.handoffs import ClockStarted, HandoffOpened
from schemas.vocabulary import TouchChannel, WorkerName
from services.lifecycle.state import LifecycleState
from services.lifecycle.view import rows, said_rows
from tests.builders import instant
from tests.services.lifecycle.leads import (
    ACCEPTED,
    BAD_FIT,
    DEMO,
    SALES,
    Lead,
    accepted,
    captured,
    handed_over,
    hot,
    standing,
)


def shown(story: Lead, table: str) -> list[dict[str, Any]]:
    """Return the rows of a table as dictionaries."""
    return [dict(row.values) | {"key": row.key} for row in rows("L1", standing(story)) if row.table == table]


def test_a_lead_is_shown_where_it_stands() -> None:
    assert shown(accepted(), "leads") == [
        {
            "key": ("L1",),
            "stage": "sal",
            "stage_since": instant("2026-03-02 11:00"),
            "cycle": 1,
            "owner": "ana",
            "team": "sales",
            "stalled_since": None,
            "outcome": None,
        }
    ]


def test_a_lead_that_has_stalled_shows_since_when() -> None:
    story = captured().until("2026-05-02 00:00")
    assert shown(story, "leads")[0]["stalled_since"] == instant("2026-05-01 09:00")
    assert shown(story.say(Won(by=SALES)), "leads")[0]["stalled_since"] is None


def test_a_closed_lead_shows_its_outcome() -> None:
    assert shown(captured().say(Won(by=SALES)), "leads")[0]["outcome"] == "won"


def test_a_lead_nobody_has_heard_of_shows_nothing() -> None:
    (row,) = rows("L1", LifecycleState("L1"))
    assert dict(row.values)["stage"] is None


def test_a_hand_off_is_shown_with_its_answer_and_its_end() -> None:
    story = handed_over().until("2026-03-02 11:00").say(BAD_FIT)
    assert shown(story, "handoffs") == [
        {
            "key": ("L1-h1",),
            "lead_id": "L1",
            "number": 1,
            "cycle": 1,
            "team": "sales",
            "owner": None,
            "opened_at": instant("2026-03-02 10:00"),
            "accepted_at": None,
            "rejected_at": instant("2026-03-02 11:00"),
            "rejection_reason": "bad_fit",
            "closed_at": instant("2026-03-02 11:00"),
            "close_reason": "rejected",
        }
    ]
    assert shown(accepted(), "handoffs")[0]["accepted_at"] == instant("2026-03-02 11:00")


def test_clocks_are_shown_as_they_ended_and_as_they_run() -> None:
    ended, running = shown(accepted(), "sla_clocks")
    assert (ended["key"], ended["ended_as"], ended["elapsed_seconds"]) == (
        ("L1-h1", "acceptance", 1),
        "met",
        3600,
    )
    assert (ended["working_seconds"], ended["calendar"], ended["owner"]) == (3600, "office", None)
    assert (running["key"], running["ended_as"], running["elapsed_seconds"]) == (
        ("L1-h1", "first_touch", 1),
        None,
        None,
    )
    assert (running["due_at"], running["owner"], running["paused"]) == (
        instant("2026-03-02 13:00"),
        "ana",
        False,
    )


def test_a_clock_shows_its_warnings_its_breach_and_its_escalation() -> None:
    (row,) = shown(handed_over().until("2026-03-02 16:00"), "sla_clocks")
    assert (row["warned_rate"], row["breached_at"], row["escalated_step"]) == (
        "0.8",
        instant("2026-03-02 15:00"),
        1,
    )


def test_a_paused_clock_shows_that_it_is() -> None:
    pause = {"id": "wait", "begins": {"kind": "touched"}, "ends": [{"kind": "engaged"}]}
    story = handed_over({"handoff.pauses": [pause]}).say(Touched(channel=TouchChannel.EMAIL, by=SALES))
    (row,) = shown(story, "sla_clocks")
    assert (row["paused"], row["due_at"]) == (True, None)
    assert not shown(story.say(ACCEPTED), "sla_clocks")[0]["paused"]


def said(body: Any, at: datetime, change: Change = Change.SAID) -> Concluded:
    """Return a conclusion of this worker."""
    return Concluded("id", WorkerName.LIFECYCLE, "L1", at, 1, "test-1", body, change)


def test_the_brief_becomes_a_row_when_it_is_said_and_not_when_it_is_withdrawn() -> None:
    story = captured().say(DEMO, said=(hot(),))
    opened = next(one for one in story.all if isinstance(one, HandoffOpened))
    (row,) = said_rows(said(opened, opened.opened_at))
    assert (row.table, row.key) == ("handoffs", ("L1-h1",))
    assert json.loads(str(dict(row.values)["brief"]))["cell"] == "A1"
    assert said_rows(said(opened, opened.opened_at, Change.WITHDRAWN)) == ()
    started = next(one for one in story.all if isinstance(one, ClockStarted))
    assert said_rows(said(started, opened.opened_at)) == ()


def test_the_brief_of_a_lead_that_is_forgotten_is_blanked() -> None:
    found = [row for row in rows("L1", standing(handed_over().say(Erased()))) if row.table == "handoffs"]
    assert [dict(row.values)["brief"] for row in found] == [None]
