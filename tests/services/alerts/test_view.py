"""The rows that people query: one an alert, from its first notice to its last."""

from schemas.alerts import Alert, AlertKind, NoticeOpened, NoticeRepeated, NoticeResolved, Severity
from schemas.entries import Concluded, Conclusion
from schemas.read_model import Value
from schemas.vocabulary import WorkerName
from services.alerts.state import AlertsState, Finding, OpenAlert
from services.alerts.view import rows, said_rows
from tests.builders import instant
from tests.services.alerts.said import BREACH, breached

ALERT = Alert(
    alert_id=BREACH,
    kind=AlertKind.SLA_BREACH,
    about="L1-h1/acceptance/1",
    severity=Severity.CRITICAL,
    opened_at=instant("2026-03-02 13:00"),
    summary="acceptance of L1-h1 breached",
    lead_id="L1",
    owner="ana",
    team="sales",
    recipients=("chat", "mail"),
    due_at=instant("2026-03-02 13:00"),
)
SHOWN = {
    "lead_id": "L1",
    "kind": "sla_breach",
    "about": "L1-h1/acceptance/1",
    "severity": "critical",
    "opened_at": instant("2026-03-02 13:00"),
    "summary": "acceptance of L1-h1 breached",
    "owner": "ana",
    "team": "sales",
    "recipients": '["chat", "mail"]',
    "due_at": instant("2026-03-02 13:00"),
}


def shown(body: Conclusion, at: str) -> dict[str, Value]:
    """Return the columns that a notice said at an instant writes."""
    (row,) = said_rows(Concluded("c1", WorkerName.ALERTS, "L1", instant(at), 1, "test-1", body))
    assert (row.table, row.key) == ("alerts", (BREACH,))
    return dict(row.values)


def test_an_opening_writes_the_whole_row_and_clears_an_earlier_end() -> None:
    assert shown(NoticeOpened(alert=ALERT), "2026-03-02 13:00") == SHOWN | {
        "said_count": 1,
        "last_said_at": instant("2026-03-02 13:00"),
        "resolved_at": None,
        "resolved_reason": None,
    }


def test_a_repeat_counts() -> None:
    row = shown(NoticeRepeated(alert=ALERT, count=3), "2026-03-02 21:00")
    assert (row["said_count"], row["last_said_at"]) == (3, instant("2026-03-02 21:00"))


def test_an_end_says_when_and_why_and_leaves_the_count_as_it_is() -> None:
    end = NoticeResolved(alert=ALERT, resolved_at=instant("2026-03-02 15:00"), reason="answered")
    assert shown(end, "2026-03-02 15:00") == SHOWN | {
        "resolved_at": instant("2026-03-02 15:00"),
        "resolved_reason": "answered",
    }


def test_what_is_no_notice_writes_nothing() -> None:
    concluded = Concluded(
        "c1", WorkerName.LIFECYCLE, "L1", instant("2026-03-02 13:00"), 1, "test-1", breached()
    )
    assert said_rows(concluded) == ()


def test_while_an_alert_is_open_its_row_says_what_it_is_now() -> None:
    at = instant("2026-03-02 13:00")
    found = Finding(
        AlertKind.SLA_BREACH, "L1-h1/acceptance/1", "acceptance of L1-h1 breached", at, "bo", "sales"
    )
    one = OpenAlert(found, at, Severity.CRITICAL, ("chat",), ("chat",), 1, at, None, None)
    (row,) = rows("L1", AlertsState((one,)))
    assert (row.table, row.key) == ("alerts", (BREACH,))
    assert dict(row.values) == SHOWN | {
        "owner": "bo",
        "recipients": '["chat"]',
        "summary": "acceptance of L1-h1 breached at 2026-03-02 13:00Z; owner bo",
    }
    assert rows("L1", AlertsState()) == ()
