"""What people may query of metrics' view of a lead: its columns of the read model's ``leads``."""

from schemas.read_model import Row
from schemas.vocabulary import LeadId
from services.metrics.summary import LeadSummary


def rows(lead_id: LeadId, state: LeadSummary) -> tuple[Row, ...]:
    """Return the lead's row: where it came from, when it was captured and won, and what it brought."""
    values = (
        ("origin", state.pair.origin),
        ("campaign", state.pair.campaign),
        ("segment", state.segment),
        ("captured_at", state.captured_at),
        ("won_at", state.won_at),
        ("revenue_minor", sum(win.amount_minor for win in state.wins) if state.won_at else None),
    )
    return (Row("leads", (lead_id,), values),)
