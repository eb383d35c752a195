"""What people can query of a lead's score: the columns of ``leads`` that scoring owns."""

from schemas.read_model import Row
from services.scoring.state import ScoringState, instant


def rows(lead_id: str, state: ScoringState) -> tuple[Row, ...]:
    """Return the lead's row, or none while no score has been said.

    ``fit`` and ``engagement`` are in hundredths of a point, as last said, at ``scored_at``; in between,
    engagement decays.
    """
    said = state.said
    if said is None:
        return ()
    values = (
        ("fit", said.fit),
        ("engagement", said.engagement),
        ("cell", said.cell),
        ("band", said.band),
        ("scored_at", instant(said.at)),
    )
    return (Row("leads", (lead_id,), values),)
