"""The operator's alerts: each is explained in the runbook, and speaks of metrics that there are."""

import re
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import yaml
from prometheus_client.metrics_core import Metric

from infra.embedded.front_desk import FrontDesk
from infra.kafka.cluster import Cluster
from infra.kafka.crew import Crew
from infra.kafka.measuring import Gauges, Measures
from infra.kafka.totals_shift import TotalsShift
from infra.store.database import Database
from infra.store.opening import open_store
from infra.store.reading.alarms import Alarms
from infra.totals import Board, Look
from schemas.vocabulary import WorkerName
from services.intake.edge.asked import Asked
from services.intake.edge.counting import Counts
from services.intake.edge.operators import Operators
from services.intake.edge.wire_limits import WireLimits
from services.intake.sources import ServerForm
from services.intake.vendor import MISSING
from tests.house.tree import ROOT

RULES = ROOT / "infra" / "prometheus" / "rules.yml"
RUNBOOK = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
METRIC = re.compile(r"\brelevo_\w+")
FOREIGN = {"up"}
"""What Prometheus itself says of whom it asks."""


def rules() -> list[dict[str, Any]]:
    """Return every rule."""
    document = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    return [rule for group in document["groups"] for rule in group["rules"]]


def series(metric: Metric) -> set[str]:
    """Return the names of the series that a metric is shown as."""
    match metric.type:
        case "counter":
            return {f"{metric.name}_total"}
        case "histogram":
            return {f"{metric.name}_{part}" for part in ("bucket", "count", "sum")}
        case _:
            return {metric.name}


def shown(folder: Path) -> set[str]:
    """Return the names of all series that a worker shows."""
    measures = Measures(WorkerName.LIFECYCLE)
    crew = Crew("lifecycle", lambda _: None, bool, bool)  # type: ignore[arg-type, return-value] # nobody is hired
    with open_store(f"sqlite:///{folder}/relevo.db") as database:
        gauges = Gauges(crew, database, WorkerName.LIFECYCLE)
        found = [*measures.registry.collect(), *gauges.collect()]
        found += gauges._of_store(Alarms(1, datetime(2026, 1, 1, tzinfo=UTC), 1))
        found += shown_by_totals(database)
    return set[str]().union(*map(series, found)) | shown_by_intake()


def shown_by_intake() -> set[str]:
    """Return the names of all series that the front door shows."""
    counts = Counts()
    counts.answered(200)
    counts.taken("crm")
    counts.refused((), MISSING)
    desk = FrontDesk(lambda _: None)  # type: ignore[arg-type, return-value] # nobody starts it
    operators = Operators(ServerForm(), desk, counts, WireLimits(1, 1.0, 1, ()))
    asked = Asked("GET", "/metrics", "/metrics", (), "127.0.0.1")
    return set(METRIC.findall(operators.answer(asked).body.decode()))


def shown_by_totals(database: Database) -> list[Metric]:
    """Return what the publisher of the numbers shows in its turn."""
    turn = SimpleNamespace(board=Board(), look=Look(datetime(2026, 1, 1, tzinfo=UTC), ()), look_seconds=1.0)
    shift = TotalsShift(Cluster("nowhere:1"), database, lambda _: None, "", lambda: None)
    shift._turn = turn  # type: ignore[assignment] # a turn of its own would speak to brokers
    return list(shift.collect())


def test_every_alert_has_its_entry_in_the_runbook_in_the_same_order() -> None:
    entries = re.findall(r"^### (Relevo\w+)$", RUNBOOK, re.MULTILINE)
    assert entries == [rule["alert"] for rule in rules()]


def test_every_alert_says_how_bad_it_is_and_what_is_wrong() -> None:
    assert {rule["labels"]["severity"] for rule in rules()} == {"critical", "warning"}
    assert [rule["alert"] for rule in rules() if not rule["annotations"]["summary"].endswith(".")] == []


def test_every_metric_of_a_rule_is_shown_by_workers(tmp_path: Path) -> None:
    named = {name for rule in rules() for name in METRIC.findall(rule["expr"])}
    assert named - shown(tmp_path) == set()
    without = {rule["expr"] for rule in rules() if not METRIC.search(rule["expr"])}
    assert {word for expr in without for word in re.findall(r"^\w+", expr)} <= FOREIGN


def test_every_metric_is_explained(tmp_path: Path) -> None:
    assert {name.removesuffix("_bucket") for name in shown(tmp_path)} - {
        "relevo_batch_seconds_count",
        "relevo_batch_seconds_sum",
    } == set(re.findall(r"^\| `(relevo_\w+)`", RUNBOOK, re.MULTILINE))
