"""A lead's page on the screen: who it is, then a table for each thing there is to tell."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING

from infra.store.reading.history import Decided, Happening, Said
from schemas.agreement import Agreement
from services.cli import wording
from services.cli.alerts import draw_alerts
from services.cli.lead_page import LeadPage
from services.cli.leads import known_as
from services.cli.narrating import narrate
from services.cli.terminal import screen, table
from services.lifecycle.proofs import SlaProof
from services.scoring.explain import Contribution, Explanation

if TYPE_CHECKING:
    from rich.table import Table

Written = Callable[[datetime | None], str]


def draw_lead(page: LeadPage, agreement: Agreement) -> None:
    """Draw a page, in the agreement's words and zone."""
    written = wording.instants(agreement)
    screen().print(_identity(page, agreement, written))
    if page.handoffs:
        screen().print(_handoffs(page, written))
    if page.clocks and page.proofs is None:
        screen().print(_clocks(page, agreement, written))
    if page.alerts:
        draw_alerts(agreement, page.alerts)
    if page.why is not None:
        _draw_why(page.why, written)
    if page.proofs:
        _draw_proofs(page, page.proofs, written)
    if page.history is not None:
        screen().print(_history(page.history, agreement, written))


def _identity(page: LeadPage, agreement: Agreement, written: Written) -> "Table":
    from rich.table import Table

    lead = page.lead
    drawn = Table(title=f"{known_as(lead)}  {lead.lead_id}", box=None, show_header=False, pad_edge=False)
    drawn.title_justify, drawn.title_style = "left", "bold"
    drawn.add_column(style="dim")
    drawn.add_column(overflow="fold")
    for name, value in _facts_of(page, agreement, written):
        if value:
            drawn.add_row(name, value)
    return drawn


def _facts_of(page: LeadPage, agreement: Agreement, written: Written) -> Iterator[tuple[str, str]]:
    lead = page.lead
    notes = [word for word, holds in (("a test", lead.test), ("erased", lead.erased)) if holds]
    yield "note", ", ".join(notes)
    yield "reached at", ", ".join(part for part in (lead.email, lead.phone) if part)
    yield "known as", ", ".join(f"{system}:{key}" for system, key in lead.external_ids.items())
    yield "absorbed", ", ".join(page.absorbed)
    yield "stage", _stage(page, agreement, written)
    if lead.stalled_since:
        yield "stalled", f"since {written(lead.stalled_since)}"
    yield "owner", ", ".join(part for part in (lead.owner, lead.team) if part) or wording.NOTHING
    yield "score", _score(page)
    yield "came from", _source(page)
    captured = f"captured {written(lead.captured_at)}" if lead.captured_at else "never captured"
    yield "history", f"{captured}, first heard of {written(lead.first_at)}, {page.fact_count:,} facts"
    if lead.won_at:
        yield "won", f"{written(lead.won_at)}, {wording.money(lead.revenue_minor, agreement.currency)}"


def _stage(page: LeadPage, agreement: Agreement, written: Written) -> str:
    lead = page.lead
    cycle = f", cycle {lead.cycle}" if (lead.cycle or 1) > 1 else ""
    if lead.stage is None:
        return wording.NOTHING
    return f"{wording.stage_label(agreement, lead.stage)} since {written(lead.stage_since)}{cycle}"


def _score(page: LeadPage) -> str:
    lead = page.lead
    if lead.cell is None:
        return wording.NOTHING
    fit, engagement = wording.points(lead.fit), wording.points(lead.engagement)
    return f"{lead.cell} ({lead.band}): fit {fit}, engagement {engagement}"


def _source(page: LeadPage) -> str:
    lead = page.lead
    found = (
        lead.origin,
        lead.campaign and f"campaign {lead.campaign}",
        lead.segment and f"segment {lead.segment}",
    )
    return ", ".join(part for part in found if part and not part.endswith("unknown"))


def _handoffs(page: LeadPage, written: Written) -> "Table":
    drawn = table(
        "Hand-offs", "no.", "opened", "to", "accepted", "ended", "why now", whole=("opened", "to", "accepted")
    )
    for one in page.handoffs:
        ended = f"{written(one.closed_at)} {one.close_reason or ''}" if one.closed_at else "open"
        if one.rejection_reason:
            ended += f" ({one.rejection_reason})"
        drawn.add_row(
            str(one.number or ""),
            written(one.opened_at),
            one.owner or one.team or wording.NOTHING,
            written(one.accepted_at),
            ended,
            str((one.brief or {}).get("why_now", wording.NOTHING)),
        )
    return drawn


def _clocks(page: LeadPage, agreement: Agreement, written: Written) -> "Table":
    clocks = agreement.handoff.clocks if agreement.handoff else ()
    labels = {clock.id: wording.label(clock.label) for clock in clocks}
    drawn = table("Clocks", *_CLOCK, right=("working time",), whole=_CLOCK)
    for one in page.clocks:
        turn = f" #{one.turn}" if one.turn > 1 else ""
        ended = (
            f"{written(one.ended_at)} {one.ended_as}"
            if one.ended_at
            else _running(one.paused, one.breached_at)
        )
        drawn.add_row(
            labels.get(one.clock, one.clock) + turn,
            written(one.started_at),
            written(one.due_at),
            ended,
            wording.NOTHING if one.working_seconds is None else wording.working(one.working_seconds),
        )
    return drawn


_CLOCK = ("clock", "started", "due", "ended", "working time")


def _running(paused: bool, breached_at: datetime | None) -> str:
    if paused:
        return "paused"
    return "overdue" if breached_at else "running"


def _draw_why(why: Explanation, written: Written) -> None:
    for name, total, found in (
        ("Fit", why.fit, why.fit_contributions),
        ("Engagement", why.engagement, why.engagement_contributions),
    ):
        screen().print(
            _contributions(f"{name} {wording.points(total)} on {written(why.at)}", total, found, written)
        )
    screen().print(f"Cell {why.cell}, band {why.band}.")


def _contributions(title: str, total: int, found: tuple[Contribution, ...], written: Written) -> "Table":
    heads = ("raw", "after decay", "cut by caps", "points")
    drawn = table(title, "rule", "because of", "on", *heads, right=heads, whole=("rule", "on"))
    for one in found:
        because = f"{one.source} {one.event_id}" if one.source else f"{one.count} facts"
        drawn.add_row(
            one.rule,
            because,
            written(one.at),
            wording.points(one.raw),
            wording.points(one.decayed),
            wording.points(-one.cut) if one.cut else "",
            wording.points(one.points),
        )
    drawn.add_section()
    drawn.add_row("together", "", "", "", "", "", wording.points(total))
    return drawn


def _draw_proofs(page: LeadPage, proofs: Iterable[SlaProof], written: Written) -> None:
    """Draw the proofs, those of each hand-off under a head of its own."""
    opened = {one.handoff_id: written(one.opened_at) for one in page.handoffs}
    for handoff_id, found in groupby(proofs, key=lambda one: one.handoff_id):
        every = tuple(found)
        when = f", opened {opened[handoff_id]}" if handoff_id in opened else ""
        head = f"The clocks of hand-off {every[0].handoff_number}, cycle {every[0].cycle}{when}"
        screen().print(f"{head}\n", style="bold")
        for proof in every:
            screen().print(_proof(proof, written))


def _proof(proof: SlaProof, written: Written) -> "Table":
    turn = f" #{proof.turn}" if proof.turn > 1 else ""
    verdict = proof.end.value if proof.end else proof.verdict.value
    title = f"{wording.label(proof.label)}{turn}: due {written(proof.due_at)}, {verdict}"
    drawn = table(title, "from", "to", "the clock", "counts", "sum", right=("counts", "sum"))
    total = 0.0
    for stretch in proof.stretches:
        for one in stretch.segments:
            counts = one.duration.total_seconds() if one.kind == "open" else 0.0
            total += counts
            why = f"{one.kind.value}, holiday {one.holiday}" if one.holiday else one.kind.value
            drawn.add_row(
                written(one.began_at),
                written(one.ended_at),
                f"{why} ({stretch.calendar})",
                wording.working(counts) if counts else "",
                wording.working(total),
            )
    drawn.caption, drawn.caption_justify = _sum_of(proof), "left"
    return drawn


def _sum_of(proof: SlaProof) -> str:
    used, granted = (wording.working(each.total_seconds()) for each in (proof.used, proof.granted))
    others = ((proof.forgiven, "forgiven"), (proof.paused_for, "paused"))
    also = "".join(f", {wording.working(each.total_seconds())} {what}" for each, what in others if each)
    return f"{used} of {granted} used{also}; tz database {proof.tz_database_version}"


def _history(history: list[Happening], agreement: Agreement, written: Written) -> "Table":
    drawn = table("History", "when", "who", "what", whole=("when", "who"))
    for one in history:
        if isinstance(one, Decided) and not one.stands:
            continue
        who = one.source if isinstance(one, Said) else one.worker
        drawn.add_row(
            written(one.at), who, narrate(one, agreement), style=None if isinstance(one, Said) else "cyan"
        )
    corrected = sum(isinstance(one, Decided) and not one.stands for one in history)
    if corrected:
        drawn.caption = f"{corrected} conclusions were restated or withdrawn since; --json tells them too"
        drawn.caption_justify = "left"
    return drawn
