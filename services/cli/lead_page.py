"""A lead's page as data: what is asked of the store for it, and its JSON."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import Enum

from infra.agreements import AgreementBook
from infra.fold import BEGINNING
from infra.memory import Ask
from infra.refold import events_of
from infra.store.database import Transaction
from infra.store.journal_memory import signed_agreements
from infra.store.memory import StoredMemory
from infra.store.reading.handoffs import ClockRow, HandoffRow, clocks_of, handoffs_of
from infra.store.reading.history import Happening, Said, count_facts, history_of
from infra.store.reading.leads import Lead, absorbed_by
from infra.store.reading.notices import AlertRow, alerts_like
from infra.store.reading.standing import clock_of, state_of, taken_of
from infra.time_source import system_time
from schemas.agreement import Agreement
from schemas.vocabulary import WorkerName
from services.cli.alerts import alert_json
from services.cli.leads import lead_json
from services.cli.terminal import instant_text
from services.lifecycle.proofs import SlaProof, clock_proofs
from services.lifecycle.witness import clock_runs
from services.pipeline import LIFECYCLE, SCORING
from services.scoring.explain import Contribution, Explanation, explain


@dataclass(frozen=True, slots=True)
class LeadPage:
    """What is shown of a lead; the last two are None unless they were asked for."""

    lead: Lead
    absorbed: list[str]
    fact_count: int
    handoffs: list[HandoffRow]
    clocks: list[ClockRow]
    alerts: list[AlertRow]
    score: Explanation | None
    """As of the log's time, by the agreement in force; None: nothing has been scored."""
    why: bool = False
    """Whether the score is to be accounted for."""
    proofs: tuple[SlaProof, ...] | None = None
    history: list[Happening] | None = None


def lead_page(
    connection: Transaction,
    agreement: Agreement,
    lead: Lead,
    *,
    why: bool = False,
    clocks: bool = False,
    history: bool = False,
) -> LeadPage:
    """Ask the store for a lead's page.

    Args:
        connection: In a transaction.
        agreement: In whose words the page is shown.
        lead: Whose.
        why: Whether to account for its score.
        clocks: Whether to prove every clock of its hand-offs, up to the log's time.
        history: Whether to tell its whole history.
    """
    lead_id = lead.lead_id
    return LeadPage(
        lead=lead,
        absorbed=absorbed_by(connection, lead_id),
        fact_count=count_facts(connection, lead_id),
        handoffs=handoffs_of(connection, [lead_id]),
        clocks=clocks_of(connection, [lead_id]),
        alerts=alerts_like(connection, lead_id=lead_id),
        score=_score(connection, lead),
        why=why,
        proofs=_proofs(connection, agreement, lead_id) if clocks else None,
        history=history_of(connection, lead_id) if history else None,
    )


def _score(connection: Transaction, lead: Lead) -> Explanation | None:
    """Explain the score once, for the card and for the account: what decays is another an hour later."""
    text = state_of(connection, WorkerName.SCORING, lead.lead_id)
    if text is None:
        return None
    at = clock_of(connection, WorkerName.SCORING) or lead.scored_at or system_time()
    in_force = AgreementBook(signed_agreements(connection)).newest
    return explain(SCORING.state.validate_json(text), in_force, at)


def _proofs(connection: Transaction, agreement: Agreement, lead_id: str) -> tuple[SlaProof, ...]:
    """Fold what the lifecycle has taken of the lead again, and prove every clock that runs in it."""
    taken = taken_of(connection, LIFECYCLE.name, lead_id)
    if taken is None:
        return ()
    book, now = AgreementBook(signed_agreements(connection)), taken.clock or BEGINNING
    ask = Ask(lead_id, taken.seq, taken.version)
    history = StoredMemory(connection).history(LIFECYCLE.upstream, ask)
    events = events_of(lead_id, history, book, taken.seq)
    return clock_proofs(clock_runs(lead_id, events, book.at_place, now), agreement, now)


def page_json(page: LeadPage) -> dict[str, object]:
    """Return a page as ``relevo lead ID --json`` prints it; points are hundredths of a point."""
    shown: dict[str, object] = lead_json(page.lead) | {
        "absorbed": page.absorbed,
        "fact_count": page.fact_count,
        "handoffs": [_json(asdict(one)) for one in page.handoffs],
        "clocks": [_json(asdict(one)) for one in page.clocks],
        "alerts": [alert_json(one) for one in page.alerts],
    }
    if page.score is not None:
        shown["score"] = _score_json(page.score)
        if page.why:
            shown["why"] = _why_json(page.score)
    if page.proofs is not None:
        shown["proofs"] = [_json(asdict(one)) for one in page.proofs]
    if page.history is not None:
        shown["history"] = [_happening_json(one) for one in page.history]
    return shown


def _score_json(score: Explanation) -> dict[str, object]:
    return {
        "at": instant_text(score.at),
        "fit": score.fit,
        "engagement": score.engagement,
        "cell": score.cell,
        "band": score.band,
    }


def _why_json(why: Explanation) -> dict[str, object]:
    def contributions(found: tuple[Contribution, ...]) -> object:
        return [_json({**asdict(one), "points": one.points}) for one in found]

    return {
        **_score_json(why),
        "fit_contributions": contributions(why.fit_contributions),
        "engagement_contributions": contributions(why.engagement_contributions),
    }


def _happening_json(one: Happening) -> object:
    what = "fact" if isinstance(one, Said) else "conclusion"
    return {"what": what, **{name: _json(value) for name, value in asdict(one).items() if name != "id"}}


def _json(value: object) -> object:
    """Return a value with instants as text and durations as seconds."""
    for kind, convert in _CONVERSIONS:
        if isinstance(value, kind):
            return convert(value)
    return value


_CONVERSIONS: tuple[tuple[type, Callable[..., object]], ...] = (
    (dict, lambda value: {_name(name, part): _json(part) for name, part in value.items()}),
    (list, lambda value: [_json(part) for part in value]),
    (tuple, lambda value: [_json(part) for part in value]),
    (datetime, instant_text),
    (timedelta, timedelta.total_seconds),
    (Enum, lambda value: value.value),
)


def _name(name: str, value: object) -> str:
    """Return the name of a field; on the wire a duration says its unit."""
    return f"{name}_seconds" if isinstance(value, timedelta) else name
