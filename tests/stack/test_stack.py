"""The stack as a user brings it up: healthy, fed, killed at, scaled, watched; and the store says it is right.

In the order in which they stand, on one stack: it takes a minute to come up.
"""

import json

import httpx
import pytest

from infra.wire import write_fact
from schemas.facts import Captured, Subject
from tests.histories import event
from tests.stack.compose import WORKERS, Stack
from tests.waiting import wait_for

pytestmark = pytest.mark.stack

YEAR = ("demo", "--leads", "150", "--seed", "7", "--until", "2026-03-01")
SCALED = 3
PARTITIONS = 4


def is_well(stack: Stack) -> bool:
    states = stack.states()
    return all(state == "healthy" for name, state in states.items() if not name.startswith("prepare"))


def test_everything_is_healthy_and_what_prepares_it_has_ended(stack: Stack) -> None:
    states = stack.states()
    assert {name for name, state in states.items() if state == "healthy"} == {
        f"{name}-1" for name in ("kafka", "postgres", "prometheus", "alertmanager", "intake", *WORKERS)
    }
    assert states["prepare-1"] == "exited"


def test_the_rules_and_the_routes_are_valid(stack: Stack) -> None:
    checked = stack.compose(
        "exec", "-T", "prometheus", "promtool", "check", "config", "/etc/prometheus/prometheus.yml"
    )
    assert "SUCCESS" in checked.stdout
    routes = stack.compose(
        "exec", "-T", "alertmanager", "amtool", "check-config", "/etc/alertmanager/alertmanager.yml"
    )
    assert "SUCCESS" in routes.stdout


def test_a_year_comes_out_right_while_every_container_is_killed_once(stack: Stack) -> None:
    feeding = stack.begin(*YEAR)
    for service in (*WORKERS, "intake", "kafka", "postgres"):
        stack.kill(service)
    feeding.wait()
    wait_for("every container to be healthy", lambda: is_well(stack), 180)
    told = stack.relevo(*YEAR)
    assert "The funnel" in told.stdout
    report = stack.verified()
    assert report["agrees"], report["differences"][:5]
    assert report["lead_count"] > 100
    assert report["fact_count"] > 1000


def test_three_containers_of_a_worker_share_its_partitions(stack: Stack) -> None:
    stack.up("--no-recreate", "--scale", f"scoring={SCALED}")
    assert sum(name.startswith("scoring") for name in stack.states()) == SCALED
    lag = 'relevo_lag_records{worker="scoring"}'
    shared = f"count by (instance) ({lag}) and on () (count({lag}) == {PARTITIONS})"
    wait_for("each to have its share", lambda: stack.query(shared).count("=>") == SCALED, 90)
    said = stack.relevo("say", "captured", "origin=web", "--email", "ana@example.com", "--json")
    assert json.loads(said.stdout)["admitted"]
    assert stack.verified()["agrees"]


def test_what_the_front_door_takes_is_decided(stack: Stack) -> None:
    made = json.loads(stack.relevo("sources", "key", "create", "partner", "--json").stdout)
    email = "bo@example.com"
    told = event(Captured(origin="fair"), Subject(email=email), source="partner", event_id="p-1")
    headers = {"Authorization": f"Bearer {made['key']}", "Content-Type": "application/cloudevents+json"}
    with httpx.Client(base_url=stack.front_door, timeout=30, headers=headers) as client:
        assert client.post("/v1/facts", content=write_fact(told)).status_code == 202
    assert json.loads(stack.relevo("intake", "count", "--json").stdout)["facts"] == 1
    wait_for("it to be decided", lambda: email in stack.relevo("leads", "--json").stdout, 120)


def test_prometheus_sees_every_worker(stack: Stack) -> None:
    everyone = f'count(up{{job="relevo"}} == 1) == {len(WORKERS) + SCALED - 1}'
    wait_for("everyone to be seen", lambda: "=>" in stack.query(everyone), 60)
    assert "=>" not in stack.query('ALERTS{alertname="RelevoPartitionUnattended", alertstate="firing"}')
