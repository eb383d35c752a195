"""A lead's page on the screen: who it is, then a table for each thing there is to tell.

Each table says the zone of its times once, over it. Things are called by the agreement's labels, and a
clock's time by its kind. Why it has its score is drawn by ``score_drawing``, proofs by ``proof_drawing``.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING

from infra.store.reading.handoffs import ClockRow
from infra.store.reading.history import Happening, Said
from infra.time_source import system_time
from schemas.agreement import Agreement
from services.cli import spans, wording
from services.cli.alerts import draw_alerts
from services.cli.due import how_it_runs
from services.cli.lead_page import LeadPage
from services.cli.leads import known_as
from services.cli.narrating import narrate
from services.cli.proof_drawing import Piece, proof_table
from services.cli.score_drawing import draw_why
from services.cli.terminal import NOTHING, counted, screen, table
from services.cli.wall import Wall
from services.lifecycle.proofs import SlaProof

if TYPE_CHECKING:
    from rich.table import Table


def draw_lead(page: LeadPage, agreement: Agreement) -> None:
    """Draw a page, in the agreement's words and zone."""
    wall = wording.instants(agreement)
    screen().print(_identity(page, agreement, wall), "")
    if page.handoffs:
        screen().print(_handoffs(page, agreement, wall))
    if page.clocks and page.proofs is None:
        screen().print(_clocks(page.clocks, agreement, wall))
    if page.alerts:
        draw_alerts(agreement, page.alerts, title="Open alerts")
    if page.why:
        draw_why(page.score, agreement, wall)
    if page.proofs:
        _draw_proofs(page, page.proofs, wall)
    if page.history is not None:
        screen().print(_history(page.history, agreement, wall))


def _identity(page: LeadPage, agreement: Agreement, wall: Wall) -> "Table":
    from rich.table import Table

    lead = page.lead
    title = wall.over(f"{known_as(lead)}  {lead.lead_id}")
    drawn = Table(title=title, box=None, show_header=False, pad_edge=False)
    drawn.title_justify, drawn.title_style = "left", "bold"
    drawn.add_column(style="dim")
    drawn.add_column(overflow="fold")
    for name, value in _facts_of(page, agreement, wall):
        if value:
            drawn.add_row(name, value)
    return drawn


def _facts_of(page: LeadPage, agreement: Agreement, wall: Wall) -> Iterator[tuple[str, str]]:
    lead = page.lead
    notes = [word for word, holds in (("a test", lead.test), ("erased", lead.erased)) if holds]
    yield "note", ", ".join(notes)
    yield "reached at", ", ".join(part for part in (lead.email, lead.phone) if part)
    yield "known as", ", ".join(f"{system}:{key}" for system, key in lead.external_ids.items())
    yield "absorbed", ", ".join(page.absorbed)
    yield "stage", _stage(page, agreement, wall)
    if lead.stalled_since:
        yield "stalled", f"since {wall(lead.stalled_since)}"
    yield "owner", _owner(page, agreement)
    yield "score", _score(page, wall)
    yield "came from", _source(page)
    captured = f"captured {wall(lead.captured_at)}" if lead.captured_at else "never captured"
    facts = counted(page.fact_count, "fact")
    yield "history", f"first heard of {wall(lead.first_at)}, {captured}, {facts}"
    if lead.won_at:
        yield "won", f"{wall(lead.won_at)}, {wording.money(lead.revenue_minor, agreement.currency)}"


def _owner(page: LeadPage, agreement: Agreement) -> str:
    team = agreement.team(page.lead.team)
    parts = (page.lead.owner, team.label if team else page.lead.team)
    return ", ".join(part for part in parts if part) or "nobody"


def _stage(page: LeadPage, agreement: Agreement, wall: Wall) -> str:
    lead = page.lead
    cycle = f", cycle {lead.cycle}" if (lead.cycle or 1) > 1 else ""
    if lead.stage is None:
        return NOTHING
    return f"{wording.stage_label(agreement, lead.stage)} since {wall(lead.stage_since)}{cycle}"


def _score(page: LeadPage, wall: Wall) -> str:
    score = page.score
    if score is None:
        return NOTHING
    fit, engagement = wording.points(score.fit), wording.points(score.engagement)
    return f"{score.cell} ({score.band}): fit {fit}, engagement {engagement}, as of {wall(score.at)}"


def _source(page: LeadPage) -> str:
    lead = page.lead
    found = (
        lead.origin,
        lead.campaign and f"campaign {lead.campaign}",
        lead.segment and f"segment {lead.segment}",
    )
    return ", ".join(part for part in found if part and not part.endswith("unknown"))


def _handoffs(page: LeadPage, agreement: Agreement, wall: Wall) -> "Table":
    heads = ("no.", "opened", "to", "accepted", "ended", "why now")
    drawn = table(wall.over("Hand-offs"), *heads, whole=("opened", "to", "accepted"))
    for one in page.handoffs:
        reason = wording.reason_label(agreement, one.rejection_reason)
        ended = f"{wall(one.closed_at)} {one.close_reason or ''}" if one.closed_at else "open"
        drawn.add_row(
            str(one.number or ""),
            wall(one.opened_at),
            wording.whose(agreement, one.owner, one.team),
            wall(one.accepted_at),
            f"{ended} ({reason})" if reason else ended,
            str((one.brief or {}).get("why_now", NOTHING)),
        )
    return drawn


def _clocks(clocks: Iterable[ClockRow], agreement: Agreement, wall: Wall) -> "Table":
    drawn = table(wall.over("Clocks"), *_CLOCK, right=("took",), whole=_CLOCK)
    now = system_time()
    for one in clocks:
        seconds, kind = one.working_seconds, spans.kind_of(agreement, one.clock)
        drawn.add_row(
            one.handoff_id.rpartition("-h")[2],
            wording.clock_label(agreement, one.clock, one.turn),
            wall(one.started_at),
            wall(one.due_at),
            wall(one.ended_at),
            one.ended_as or how_it_runs(one, now),
            NOTHING if seconds is None else spans.taken(seconds, kind),
        )
    return drawn


_CLOCK = ("no.", "clock", "started", "due", "ended", "outcome", "took")


def _draw_proofs(page: LeadPage, proofs: Iterable[SlaProof], wall: Wall) -> None:
    """Draw the proofs, those of each hand-off under a head of its own."""
    opened = {one.handoff_id: wall(one.opened_at) for one in page.handoffs}
    for handoff_id, found in groupby(proofs, key=lambda one: one.handoff_id):
        every = tuple(found)
        when = f", opened {opened[handoff_id]} in {wall.zone_name}" if handoff_id in opened else ""
        head = f"The clocks of hand-off {every[0].handoff_number}, cycle {every[0].cycle}{when}"
        screen().print(f"{head}\n", style="bold")
        for proof in every:
            screen().print(_proof(proof))


def _proof(proof: SlaProof) -> "Table":
    pieces = [
        Piece(segment, Wall(stretch.time_zone), stretch.counts, stretch.calendar)
        for stretch in proof.stretches
        for segment in stretch.segments
    ]
    turn = f" #{proof.turn}" if proof.turn > 1 else ""
    verdict = proof.end.value if proof.end else proof.verdict.value
    due = f"due {_deadline(proof, proof.due_at)}" if proof.due_at else "no deadline"
    drawn = proof_table(f"{wording.label(proof.label)}{turn}: {due}, {verdict}", pieces)
    drawn.caption, drawn.caption_justify = _sum_of(proof), "left"
    return drawn


def _deadline(proof: SlaProof, due_at: datetime) -> str:
    """Write a deadline on the wall of the office that counts last; with its offset, where there are two."""
    wall = Wall(proof.stretches[-1].time_zone)
    one_office = {stretch.time_zone for stretch in proof.stretches} == {wall.zone_name}
    return wall(due_at) if one_office else wall.exact(due_at)


def _sum_of(proof: SlaProof) -> str:
    kind = proof.stretches[-1].counts
    used, granted = proof.used.total_seconds(), proof.granted.total_seconds()
    others = ((proof.forgiven, "forgiven"), (proof.paused_for, "paused"))
    also = "".join(f", {spans.exactly(each.total_seconds(), kind)} {what}" for each, what in others if each)
    return (
        f"{spans.exactly(used, kind)} of {spans.granted(granted, kind)} used{also}; "
        f"tz database {proof.tz_database_version}"
    )


def _history(history: list[Happening], agreement: Agreement, wall: Wall) -> "Table":
    drawn = table(wall.over("History"), "when", "who", "what", whole=("when", "who"))
    standing = [one for one in history if isinstance(one, Said) or one.stands]
    shown = [one for one in standing if not _is_within_a_band(one)]
    for one in shown:
        who = one.source if isinstance(one, Said) else one.worker
        drawn.add_row(
            wall(one.at), who, narrate(one, agreement), style=None if isinstance(one, Said) else "cyan"
        )
    left_out = _left_out(len(standing) - len(shown), len(history) - len(standing))
    if left_out:
        drawn.caption = f"Left out: {left_out}; --json tells them too."
    return drawn


def _is_within_a_band(one: Happening) -> bool:
    """Say whether it is a score that came to nothing: nearly every fact changes one a little."""
    return one.kind == "score_changed" and one.body.get("band") == one.body.get("previous_band")


def _left_out(scores: int, corrected: int) -> str:
    found = []
    if scores:
        found.append(f"{counted(scores, 'change')} of score within a band")
    if corrected:
        found.append(f"{counted(corrected, 'conclusion')} restated or withdrawn since")
    return ", ".join(found)
