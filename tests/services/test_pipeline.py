"""What is true of the whole line, whatever is said: properties over histories."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from hypothesis import assume, given
from hypothesis import strategies as st
from sqlalchemy import select

from infra.agreements import AgreementBook
from infra.embedded.line import Line
from infra.store.auditing import Audit
from infra.store.codec import CELL_COLUMNS
from infra.store.database import Database
from infra.store.journal_memory import signed_agreements
from infra.store.tables.hosts import states
from infra.store.tables.read_model import leads, restatements, sla_clocks
from schemas.facts import Captured, ImportClosed, ImportOpened, Merged, Unmerged
from schemas.metrics import Measure
from schemas.vocabulary import WorkerName
from services.metrics.cells import NO_STAGE
from services.pipeline import SCORING, WORKERS
from services.scoring.explain import explain
from services.verify import verify
from tests.effort import examples
from tests.histories import START, Plan, Said, document, event, heartbeat, signing, subject
from tests.stores import Picture, append, end_of, in_time, new_store, open_line, picture, undisturbed, unlike
from tests.strategies import Told, facts_apart, histories

FEW = examples(4)
WINDOW = timedelta(minutes=50)
"""Within what the agreement lets answers be backdated."""
DAY = timedelta(days=1)


def pictured(said: list[Said], now: datetime | None = None, batch: int = 1000) -> Picture:
    """Return what the line comes to over a history."""
    with TemporaryDirectory() as folder, new_store(Path(folder) / "relevo.db") as database:
        append(database, said)
        open_line(database, now or end_of(said), batch).drain()
        return picture(database)


def decide(line: Line) -> None:
    """Decide everything in the log; time does not come."""
    while line.turn():
        pass


def without(found: Picture, *parts: str) -> Picture:
    return {part: value for part, value in found.items() if part not in parts}


def by_email(found: Picture) -> Picture:
    """Return what is true now with leads named by their e-mail address, whichever fact was heard first.

    A brief is left out: it says what was known when it was written, and is not written anew.
    """
    text = json.dumps(
        {
            "leads": found["leads"],
            "handoffs": [{**row, "brief": None} for row in found["handoffs"]],
            "sla_clocks": found["sla_clocks"],
            "timers": found["timers"],
            "cells": {str(key): value for key, value in found["cells"].items()},
        },
        default=str,
    )
    for row in found["leads"]:
        text = text.replace(row["lead_id"], row["email"])
    named = json.loads(text)
    return {part: sorted(map(str, rows)) if isinstance(rows, list) else rows for part, rows in named.items()}


@FEW
@given(histories(Plan(facts=14, repeats=False)), st.data())
def test_a_fact_said_twice_changes_nothing(said: Told, data: st.DataObject) -> None:
    place = data.draw(st.integers(1, len(said)))
    # An un-merge said too soon is a dead letter, and may be admitted when it is said again.
    sayable = [one for one in said[:place] if one.event.data.fact.kind != "unmerged"]
    assume(sayable)
    again = data.draw(st.sampled_from(sayable))
    repeated = [*said[:place], replace(again, received_at=said[place - 1].received_at), *said[place:]]
    assert unlike(without(pictured(said), "dead"), without(pictured(repeated), "dead")) == {}


@FEW
@given(histories(Plan(facts=14)), st.data())
def test_a_line_that_is_closed_and_opened_anywhere_is_the_line_that_went_on(
    said: Told, data: st.DataObject
) -> None:
    place = data.draw(st.integers(1, len(said)))
    with TemporaryDirectory() as folder:
        whole = undisturbed(Path(folder) / "whole.db", said)
        cut = new_store(Path(folder) / "cut.db")
        with whole, cut:
            for part in (said[:place], said[place:]):
                append(cut, part)
                decide(open_line(cut, end_of(said)))
            open_line(cut, end_of(said)).tick()
            assert unlike(picture(whole), picture(cut)) == {}


@FEW
@given(histories(Plan(facts=20)), st.integers(1, 6))
def test_where_batches_end_changes_nothing(said: Told, batch: int) -> None:
    assert unlike(pictured(said), pictured(said, batch=batch)) == {}


@FEW
@given(histories(Plan(facts=30)), st.integers(1, 8))
def test_a_line_that_remembers_nothing_between_two_batches_comes_to_the_same(said: Told, batch: int) -> None:
    with TemporaryDirectory() as folder, new_store(Path(folder) / "relevo.db") as forgetful:
        append(forgetful, said)
        while open_line(forgetful, end_of(said), batch).turn():
            pass
        open_line(forgetful, end_of(said), batch).tick()
        assert unlike(pictured(said), picture(forgetful)) == {}


@FEW
@given(histories(Plan(facts=14, clock_jumps=False)))
def test_a_replay_fires_what_live_fired(said: Told) -> None:
    with TemporaryDirectory() as folder, in_time(Path(folder) / "live.db", said) as live:
        assert unlike(picture(live), pictured(said)) == {}


@FEW
@given(facts_apart(WINDOW), st.integers(0, 2**32))
def test_late_facts_come_to_the_same_in_any_order(said: Told, seed: int) -> None:
    arrived = [replace(one, received_at=START + WINDOW) for one in said[1:]]
    shuffled = list(arrived)
    Random(seed).shuffle(shuffled)
    now = START + 3 * DAY
    expect_same(pictured([said[0], *arrived], now), pictured([said[0], *shuffled], now))


@FEW
@given(facts_apart(30 * DAY), st.integers(0, 2**32))
def test_an_import_comes_to_the_same_in_any_order(said: Told, seed: int) -> None:
    shuffled = list(said[1:])
    Random(seed).shuffle(shuffled)
    now = START + 60 * DAY
    expect_same(pictured([said[0], *imported(said[1:])], now), pictured([said[0], *imported(shuffled)], now))


def imported(said: Iterable[Said]) -> list[Said]:
    """Return facts as an import that was opened, told and closed when they all had happened."""
    at = START + 31 * DAY
    opened = event(ImportOpened(import_id="old"), event_id="open", source="relevo")
    closed = event(ImportClosed(import_id="old"), event_id="close", source="relevo")
    inside = [
        one.event.model_copy(update={"data": one.event.data.model_copy(update={"import_id": "old"})})
        for one in said
    ]
    return [Said(at, each) for each in (opened, *inside, closed)]


def expect_same(one: Picture, other: Picture) -> None:
    assert unlike(by_email(one), by_email(other)) == {}


def test_what_a_merge_takes_from_a_number_an_un_merge_gives_back_as_restatements(tmp_path: Path) -> None:
    said = [
        signing(START, document(), "signed"),
        *(Said(START, event(Captured(), subject(lead), event_id=f"e{lead}")) for lead in (1, 2)),
        heartbeat(START),
        Said(START, event(Merged(other=subject(2)), subject(1), event_id="merged")),
        heartbeat(START),
        Said(START, event(Unmerged(other=subject(2)), subject(1), event_id="unmerged")),
        heartbeat(START),
    ]
    with in_time(tmp_path / "relevo.db", said) as database, database.reading() as connection:
        numbers = select(restatements).where(restatements.c.measure == Measure.CAPTURED)
        told = [(row.old, row.new) for row in connection.execute(numbers.order_by(restatements.c.id))]
    assert told == [(2, 1), (1, 2)]


@FEW
@given(said=histories(Plan(facts=20)))
def test_what_a_line_comes_to_adds_up(said: Told) -> None:
    with TemporaryDirectory() as folder, undisturbed(Path(folder) / "relevo.db", said) as database:
        assert verify(database, WORKERS).differences == []
        expect_stages_to_add_up_to_leads(database)
        expect_scores_to_be_their_contributions(database)
        expect_clocks_to_be_met_or_breached(database)


def expect_stages_to_add_up_to_leads(database: Database) -> None:
    with database.reading() as connection:
        cells = Audit(connection).cells()
        kept = set(
            connection.execute(
                select(states.c.lead_id).where(
                    states.c.worker == WorkerName.METRICS, states.c.frontier.is_not(None)
                )
            ).scalars()
        )
        stages = Counter(
            row.stage or NO_STAGE for row in connection.execute(select(leads)) if row.lead_id in kept
        )
    measure, detail = CELL_COLUMNS.index("measure"), CELL_COLUMNS.index("detail")
    standing: Counter[str] = Counter()
    for key, value in cells.items():
        if key[measure] == Measure.STANDING:
            standing[str(key[detail])] += value
    assert standing == stages


def expect_scores_to_be_their_contributions(database: Database) -> None:
    with database.reading() as connection:
        book = AgreementBook(signed_agreements(connection))
        rows = connection.execute(
            select(states.c.state, leads.c.fit, leads.c.engagement, leads.c.scored_at)
            .join(leads, leads.c.lead_id == states.c.lead_id)
            .where(states.c.worker == WorkerName.SCORING, leads.c.scored_at.is_not(None))
        )
        for row in rows:
            why = explain(SCORING.state.validate_json(row.state), book.newest, row.scored_at)
            assert sum(one.points for one in why.fit_contributions) == why.fit
            assert sum(one.points for one in why.engagement_contributions) == why.engagement
            if len(book.digests()) == 1:
                assert (why.fit, why.engagement) == (row.fit, row.engagement)


def expect_clocks_to_be_met_or_breached(database: Database) -> None:
    """Expect no clock to have been answered in time and to have run out, too."""
    with database.reading() as connection:
        for row in connection.execute(select(sla_clocks)):
            assert not (row.ended_as == "met" and row.breached_at)
            if row.ended_as == "met" and row.due_at:
                assert row.ended_at <= row.due_at
