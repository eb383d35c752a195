"""The line, declared once: every worker behind the sequencer, in order. Hosts run it, docs draw it.

A worker that does not relay stands at the end of the line: it reads what the last relaying one wrote.
"""

from pydantic import TypeAdapter

from infra.worker import Worker
from schemas.vocabulary import WorkerName
from services.alerts import rule as alerts
from services.alerts import settling as alert_settling
from services.alerts import view as alert_view
from services.alerts.state import AlertsState
from services.lifecycle import rule as lifecycle
from services.lifecycle import view as lifecycle_view
from services.lifecycle.state import LifecycleState
from services.metrics import cells as metric_cells
from services.metrics import rule as metrics
from services.metrics import view as metric_view
from services.metrics.summary import LeadSummary
from services.scoring import rule as scoring
from services.scoring import view as scoring_view
from services.scoring.state import ScoringState

SCORING = Worker(
    name=WorkerName.SCORING,
    relays=True,
    upstream=None,
    step=scoring.step,
    matters=scoring.matters,
    state=TypeAdapter(ScoringState),
    rows=scoring_view.rows,
)
LIFECYCLE = Worker(
    name=WorkerName.LIFECYCLE,
    relays=True,
    upstream=WorkerName.SCORING,
    step=lifecycle.step,
    matters=lifecycle.matters,
    state=TypeAdapter(LifecycleState),
    rows=lifecycle_view.rows,
    said_rows=lifecycle_view.said_rows,
)
METRICS = Worker(
    name=WorkerName.METRICS,
    relays=False,
    upstream=WorkerName.LIFECYCLE,
    step=metrics.step,
    matters=metrics.matters,
    state=TypeAdapter(LeadSummary),
    rows=metric_view.rows,
    counts=metric_cells.counts,
)
ALERTS = Worker(
    name=WorkerName.ALERTS,
    relays=False,
    upstream=WorkerName.LIFECYCLE,
    step=alerts.step,
    matters=alerts.matters,
    state=TypeAdapter(AlertsState),
    rows=alert_view.rows,
    said_rows=alert_view.said_rows,
    resumes=alert_settling.resumes,
    settle=alert_settling.settled,
)

WORKERS = (SCORING, LIFECYCLE, METRICS, ALERTS)
