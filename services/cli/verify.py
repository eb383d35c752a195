"""``relevo verify``: recompute everything from the facts, and compare it with what the store says."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from services.cli.failures import FoundWrong
from services.cli.options import Json, Store
from services.cli.terminal import counted, progress, screen, table, tell, write_json

if TYPE_CHECKING:
    from infra.store.reading.head_count import HeadCount
    from services.verify import Report

MOST_SHOWN = 20


def verify(*, store: Store = "", json: Json = False) -> None:
    """Recompute everything from the facts with a plain batch, and compare it with the store.

    Everything: whose each fact is, merges, conclusions, what workers keep, timers, alerts, hand-offs, clocks,
    and every number. What an erasure took cannot be placed again and is counted.

    Exit code 1 when they differ. Facts that wait to be decided are a difference: run relevo up, or any verb
    that writes, first.

    Example: relevo verify --store sqlite:///relevo.db
    """
    from infra.store.opening import open_store
    from infra.store.reading.head_count import head_count
    from infra.store.reading.standing import sizes
    from services.pipeline import WORKERS
    from services.verify import verify as recompute

    with open_store(store, create=False) as database:
        with database.reading() as connection:
            there, heads = sizes(connection), head_count(connection)
        with progress("Recomputing", there.fact_count + there.lead_count) as advance:
            report = recompute(database, WORKERS, advance)
    if json:
        write_json(_json(report, heads))
    else:
        _draw(report, heads)
    if not report.agrees:
        raise FoundWrong("" if json else _verdict(report))


def _verdict(report: "Report") -> str:
    if report.difference_count:
        return "the store does not say what its facts say; see above"
    return "not everything has been decided; see above"


def _json(report: "Report", heads: "HeadCount") -> dict[str, object]:
    return {
        "agrees": report.agrees,
        "lead_count": report.lead_count,
        "leads": asdict(heads),
        "fact_count": report.fact_count,
        "conclusion_count": report.conclusion_count,
        "cell_count": report.cell_count,
        "erased_fact_count": report.erased_fact_count,
        "waiting_count": report.waiting_count,
        "difference_count": report.difference_count,
        "differences": [
            {"what": one.what, "lead_id": one.lead_id, "expected": one.expected, "found": one.found}
            for one in report.differences
        ],
    }


def _draw(report: "Report", heads: "HeadCount") -> None:
    from services.cli.heads import everybody

    tell(
        f"Recomputed {counted(report.lead_count, 'lead')}, which are {everybody(heads)}, from "
        f"{counted(report.fact_count, 'fact')} about them: "
        f"{counted(report.conclusion_count, 'conclusion')} and {counted(report.cell_count, 'cell')} compared."
    )
    if report.erased_fact_count:
        tell(
            f"Facts that touch people who asked to be forgotten: {report.erased_fact_count:,}; "
            "whose they are is taken from the store."
        )
    if report.agrees:
        tell("The store says what its facts say.")
        return
    if report.waiting_count:
        wait = "waits" if report.waiting_count == 1 else "wait"
        tell(
            f"{counted(report.waiting_count, 'fact')} {wait} to be decided; run relevo up, or what was cut "
            "off, and verify again."
        )
    if not report.differences:
        return
    title = counted(report.difference_count, "difference")
    drawn = table(title, "what", "lead", "by the facts", "in the store")
    for one in report.differences[:MOST_SHOWN]:
        drawn.add_row(one.what, one.lead_id or "", one.expected[:300], one.found[:300])
    screen().print(drawn)
    if report.difference_count > MOST_SHOWN:
        tell(f"The first {MOST_SHOWN} are shown; --json lists up to 1,000.")
