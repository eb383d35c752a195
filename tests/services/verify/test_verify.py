"""The store against its facts: what nobody touched agrees, and what somebody did touch is named."""

import pytest

from tests.services.verify.told import Tampered

HANDOFF = "(SELECT handoff_id FROM handoffs WHERE lead_id = :ana)"

A_NUMBER_MORE = """
    INSERT INTO metrics
    (partition, measure, cohort_on, "on", detail, origin, campaign, segment, team, owner, bucket, value)
    VALUES (0, 'won', '2020-01-01', '2020-01-01', '', '', '', '', '', '', 0, 1)
"""

TIMERS = {
    "a timer of metrics": (
        "INSERT INTO timers VALUES ('metrics', 0, :ana, 'count', '2027-01-01T00:00:00')",
        "timer count of metrics in partition 0",
    ),
    "a reminder of nothing": (
        "INSERT INTO timers VALUES ('alerts', 0, :bo, 'repeat', '2027-01-01T00:00:00')",
        "timer repeat of alerts in partition 0",
    ),
    "a timer more": (
        "INSERT INTO timers VALUES ('scoring', 0, :bo, 'decay', '2027-01-01T00:00:00')",
        "timer decay of scoring in partition 0",
    ),
    "a timer in a partition that is another's": (
        "INSERT INTO timers VALUES ('lifecycle', 1, :bo, 'stale', '2026-04-01T18:00:00')",
        "timer stale of lifecycle in partition 1",
    ),
    "a timer of a worker that nobody knows": (
        "INSERT INTO timers VALUES ('nobody', 0, :bo, 'stale', '2027-01-01T00:00:00')",
        "timer stale of nobody in partition 0",
    ),
    "no timer of the lifecycle": (
        "DELETE FROM timers WHERE worker = 'lifecycle' AND lead_id = :bo",
        "timer stale of lifecycle in partition 0",
    ),
    "no reminder": (
        "DELETE FROM timers WHERE worker = 'alerts' AND lead_id = :ana",
        "timer repeat of alerts in partition 0",
    ),
    "a reminder put off": (
        "UPDATE timers SET due_at = '2027-01-01T00:00:00' WHERE worker = 'alerts' AND lead_id = :ana",
        "timer repeat of alerts in partition 0",
    ),
}

ROWS = {
    "a hand-off more": (
        "INSERT INTO handoffs (handoff_id, lead_id, number) VALUES ('h9', :ana, 9)",
        "row h9 of handoffs",
    ),
    "a clock more": (
        f"INSERT INTO sla_clocks (handoff_id, clock, turn, lead_id) SELECT {HANDOFF}, 'next', 1, :ana",
        "row L83d950e58908c4a0-h1 next 1 of sla_clocks",
    ),
    "no hand-off": (
        "DELETE FROM handoffs WHERE lead_id = :ana",
        "row L83d950e58908c4a0-h1 of handoffs",
    ),
    "another hand-off's brief": (
        "UPDATE handoffs SET brief = '{}' WHERE lead_id = :ana",
        "handoffs.brief of L83d950e58908c4a0-h1",
    ),
    "a deadline moved": (
        "UPDATE sla_clocks SET due_at = '2027-01-01T00:00:00' WHERE lead_id = :ana",
        "sla_clocks.due_at of L83d950e58908c4a0-h1 acceptance 1",
    ),
    "an alert more": (
        "INSERT INTO alerts (alert_id, lead_id, kind) VALUES ('a9', :bo, 'stalled')",
        "row a9 of alerts",
    ),
    "no alert": (
        "DELETE FROM alerts WHERE lead_id = :fay",
        "row L19ce3157454cb85c/stalled/1/lead of alerts",
    ),
    "an alert resolved": (
        "UPDATE alerts SET resolved_at = '2026-03-04T00:00:00' WHERE lead_id = :fay",
        "alerts.resolved_at of L19ce3157454cb85c/stalled/1/lead",
    ),
    "a stage": ("UPDATE leads SET stage = 'customer' WHERE lead_id = :ana", "leads.stage of {ana}"),
    "a stage of a lead that is another's part": (
        "UPDATE leads SET stage = 'lead' WHERE lead_id = :cy",
        "leads.stage of {cy}",
    ),
    "a hand-off of a lead that is another's part": (
        "UPDATE handoffs SET lead_id = :cy WHERE lead_id = :ana",
        "row L83d950e58908c4a0-h1 of handoffs",
    ),
    "no row of a lead": ("DELETE FROM leads WHERE lead_id = :ana", "leads.stage of {ana}"),
    "a test that is one no more": ("UPDATE leads SET test = 0 WHERE lead_id = :tess", "leads.test of {tess}"),
    "a merge that is not shown": (
        "UPDATE leads SET merged_into = NULL WHERE lead_id = :cy",
        "leads.merged_into of {cy}",
    ),
    "a number": (
        "UPDATE metrics SET value = value + 1 WHERE measure = 'captured' AND origin = 'ads'",
        "cell ('captured'",
    ),
    "a number more": (
        A_NUMBER_MORE,
        "cell ('won'",
    ),
    "a hand-off of nobody": (
        "INSERT INTO handoffs (handoff_id, lead_id) VALUES ('h9', 'L0')",
        "handoffs of a lead that no fact is about",
    ),
    "a timer of nobody": (
        "INSERT INTO timers VALUES ('scoring', 0, 'L0', 'decay', '2027-01-01T00:00:00')",
        "timers of a lead that no fact is about",
    ),
}

KEPT = (
    ("scoring", '"cell":"A1"', '"cell":"C3"', "said"),
    ("lifecycle", '"cycle":1', '"cycle":2', "cycle"),
    ("metrics", '"ads"', '"web"', "pair"),
    ("alerts", '"said_count":1', '"said_count":7', "open"),
    ("sequencer", '"version":3', '"version":4', "version"),
)


def expect_named(store: Tampered, statement: str, what: str) -> None:
    """Expect a verification to name what a statement does to the store."""
    for name in ("ana", "cy", "tess"):
        what = what.replace(f"{{{name}}}", store.lead(name))
    found = store.run(statement).differences()
    assert any(one.startswith(what) for one in found), f"expected {what}; found {found}"


def test_a_store_that_nobody_touched_agrees(store: Tampered) -> None:
    report = store.verified()
    assert (report.agrees, report.differences) == (True, [])
    assert (report.lead_count, report.fact_count, report.conclusion_count) == (8, 14, 26)
    assert report.erased_fact_count == 2


@pytest.mark.parametrize(("statement", "what"), TIMERS.values(), ids=TIMERS)
def test_a_timer_that_should_not_be_or_is_not_is_named(store: Tampered, statement: str, what: str) -> None:
    expect_named(store, statement, what)


@pytest.mark.parametrize(("statement", "what"), ROWS.values(), ids=ROWS)
def test_a_row_that_says_what_no_fact_says_is_named(store: Tampered, statement: str, what: str) -> None:
    expect_named(store, statement, what)


@pytest.mark.parametrize(("worker", "old", "new", "field"), KEPT)
def test_a_worker_that_keeps_something_else_is_named(
    store: Tampered, worker: str, old: str, new: str, field: str
) -> None:
    found = store.keep(worker, "ana", old, new).differences()
    assert found[f"{field} in the state of {worker}"] == store.lead("ana")


@pytest.mark.parametrize("worker", [worker for worker, *_ in KEPT])
def test_a_worker_that_has_never_heard_of_a_lead_is_named(store: Tampered, worker: str) -> None:
    store.run("DELETE FROM states WHERE worker = :worker AND lead_id = :ana", worker=worker)
    found = store.differences()
    assert [whose for what, whose in found.items() if f"state of {worker}" in what] == [store.lead("ana")]


def test_a_state_in_a_partition_that_is_anothers_is_named(store: Tampered) -> None:
    store.run("INSERT INTO positions VALUES ('scoring', 1, 0, 0, NULL, 0, NULL)")
    assert "partition of the state of scoring" in store.differences()


def test_a_conclusion_that_nobody_remembers_is_named(store: Tampered) -> None:
    store.run("DELETE FROM timeline WHERE lead_id = :ana AND kind = 'sla_breached'")
    assert "sla_breached of lifecycle at 2026-03-02 13:00:00+00:00" in store.differences()


def test_a_conclusion_that_no_fact_comes_to_is_named(store: Tampered) -> None:
    store.run("UPDATE timeline SET conclusion_id = 'x' WHERE lead_id = :ana AND kind = 'sla_breached'")
    assert "sla_breached of lifecycle" in store.differences()


def test_a_difference_says_whose_it_is_what_is_expected_and_what_is_there(store: Tampered) -> None:
    store.run("UPDATE leads SET stage = 'customer' WHERE lead_id = :ana")
    (one,) = store.verified().differences
    assert (one.lead_id, one.expected, one.found) == (store.lead("ana"), "mql", "customer")


def test_what_is_behind_the_last_fact_waits_and_is_no_difference(store: Tampered) -> None:
    store.run("INSERT INTO records (received_at, value) VALUES ('2026-03-05T00:00:00', :value)", value=b"{}")
    report = store.verified()
    assert (report.agrees, report.waiting_count, report.differences) == (False, 1, [])
