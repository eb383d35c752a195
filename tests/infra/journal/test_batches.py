"""Histories: imports told at their close, and one outcome wherever the batches end."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.store.tables.hosts import agreements, identities, imports, merges, seen, states
from infra.store.tables.read_model import dead_letters, facts, leads
from schemas.entries import Entry
from schemas.facts import (
    Captured,
    Enriched,
    Erased,
    Heartbeat,
    ImportClosed,
    ImportOpened,
    Merged,
    Subject,
    Unmerged,
    Won,
)
from tests.effort import examples
from tests.infra.saying import ANA, BO, CRM, DOLLARS, SOUND, VIEW, Sequencer


def test_an_import_is_told_at_its_close_and_each_lead_once(line: Sequencer) -> None:
    live = line.say(**BO)
    with line.importing("i"):
        line.say(import_id="i", time="2026-01-01 09:00", **ANA)
        line.say(import_id="i", time="2026-01-02 09:00", **ANA)
        ana = line.say(import_id="i", time="2026-01-03 09:00", **BO)
    line.decide()
    told = [(one.lead_id, one.version, one.rewritten) for one in line.said if isinstance(one, Entry)]
    assert told[0] == (line.home(live), 1, False)
    assert sorted(told[1:]) == sorted([(line.home("e4"), 1, True), (line.home(ana), 2, True)])
    assert {one.seq for one in line.told(line.home(ana))[1:]} == {line.journal.seq}
    (row,) = line.rows(imports)
    assert (row["opened_seq"], row["closed_seq"]) == (3, 7)


@pytest.mark.parametrize("import_id", ["never", "closed"])
def test_facts_of_an_import_that_is_not_open_are_put_aside(line: Sequencer, import_id: str) -> None:
    with line.importing("closed"):
        line.say(import_id="closed", **ANA)
    line.say(id="x", import_id=import_id, **ANA)
    line.decide()
    assert line.dead() == [("unknown_import", "x")]


def test_an_import_is_opened_once_and_closed_once(line: Sequencer) -> None:
    line.say(ImportOpened(import_id="i"))
    line.say(ImportOpened(import_id="i"))
    line.say(ImportClosed(import_id="i"))
    line.say(ImportClosed(import_id="i"), id="again")
    line.say(ImportOpened(import_id="i"), id="anew")
    line.decide()
    assert line.dead() == [("unknown_import", "again"), ("unknown_import", "anew")]
    assert [row["detail"] for row in line.rows(dead_letters)] == [
        "import i is closed already",
        "import i is closed; open another",
    ]
    assert [(row["opened_seq"], row["closed_seq"]) for row in line.rows(imports)] == [(2, 4)]


def test_each_entry_says_whether_another_of_its_lead_comes_with_it(line: Sequencer) -> None:
    for about in (ANA, BO, ANA, BO, BO):
        line.say(**about)
    line.decide()
    assert [one.more for one in line.said if isinstance(one, Entry)] == [True, True, False, True, False]


def test_an_empty_import_ends_at_once(line: Sequencer) -> None:
    with line.importing("i"):
        pass
    line.decide()
    assert line.said == []
    assert line.journal.cursor is None


@pytest.mark.parametrize("leads_a_chunk", [1, 2, 3, 7, 100])
def test_a_close_that_is_killed_between_chunks_goes_on(tmp_path: Path, leads_a_chunk: int) -> None:
    line = Sequencer(tmp_path / "relevo.db", leads_a_chunk=leads_a_chunk)
    with line.importing("i"):
        for number in range(7):
            line.say(import_id="i", external_ids={"crm": str(number)})
            line.say(import_id="i", external_ids={"erp": str(number)})
        line.say(import_id="i", external_ids={"crm": "0", "erp": "0"})
        line.say(import_id="i", external_ids={"crm": "1", "erp": "1"})
        line.say(Merged(other=Subject(external_ids={"crm": "1"})), import_id="i", external_ids={"crm": "0"})
    closing = [line.decide_batch()]
    while line.journal.cursor is not None:
        line.restart()
        closing.append(line.go_on())
    told = [one for decision in closing for one in decision.outgoing if isinstance(one, Entry)]
    survivors = {row["lead_id"] for row in line.rows(leads) if row["merged_into"] is None}
    assert sorted(one.lead_id for one in told) == sorted(survivors)
    assert len(survivors) == 11
    assert {one.version for one in told} == {1}
    assert all(len(decision.outgoing) <= leads_a_chunk for decision in closing)


@pytest.mark.parametrize("batch", [1, 1000])
def test_what_is_taken_apart_and_put_together_again_stays_together(tmp_path: Path, batch: int) -> None:
    line = Sequencer(tmp_path / "relevo.db", batch=batch)
    line.say(**ANA)
    line.say(**BO)
    for fact in (Merged, Unmerged, Merged):
        line.say(fact(other=Subject(**BO)), **ANA)
    line.decide()
    assert [(row["from_seq"], row["to_seq"]) for row in line.rows(merges)] == [(4, 5), (6, None)]


@pytest.mark.parametrize("batch", [1, 1000])
def test_who_was_taken_apart_is_shown_as_told_whoever_they_are_one_with_next(
    tmp_path: Path, batch: int
) -> None:
    line = Sequencer(tmp_path / "relevo.db", batch=batch)
    eva = {"email": "eva@example.com"}
    _, *homes = [line.say(**one) for one in (ANA, BO, eva)]
    line.say(Merged(other=Subject(**BO)), **eva)
    line.say(Unmerged(other=Subject(**BO)), **eva)
    for one in (BO, eva):
        line.say(Merged(other=Subject(**ANA)), **one)
    line.decide()
    shown = {row["lead_id"]: row["email"] for row in line.rows(leads)}
    assert [shown[line.home(one)] for one in homes] == [BO["email"], eva["email"]]


# --- what is always so

subjects = st.sampled_from(
    [
        ANA,
        ANA | {"name": "Ana", "company": "Ribera"},
        BO | {"phone": "600111222"},
        CRM,
        ANA | CRM,
        BO | {"external_ids": {"crm": "7", "erp": "9"}},
        {"anonymous_id": "c"},
        ANA | {"anonymous_id": "c"},
        {"phone": "600111222"},
        {"email": "bad"},
    ]
)
others = subjects.map(lambda about: Subject(**about))
sayings: st.SearchStrategy[Callable[[Sequencer], object]] = st.one_of(
    st.builds(
        lambda fact, about, test, deferred: (
            lambda line: line.say(fact, test=test, import_id="i" if deferred else None, **about)
        ),
        st.sampled_from(
            [Captured(origin="ads"), VIEW, Won(), DOLLARS, Enriched(attributes={"country": "ES"})]
        )
        | st.builds(Merged, other=others)
        | st.builds(Unmerged, other=others)
        | st.just(Erased()),
        subjects,
        st.sampled_from([False, False, False, True]),
        st.sampled_from([False, False, True]),
    ),
    st.sampled_from([b"garbage", SOUND, SOUND[:-9]]).map(lambda value: lambda line: line.send(value)),
    st.sampled_from([ImportOpened(import_id="i"), ImportClosed(import_id="i"), Heartbeat()]).map(
        lambda fact: lambda line: line.say(fact)
    ),
    st.just(lambda line: line.sign({"version": "test-2"})),
)


def picture(line: Sequencer) -> dict[str, Any]:
    """Return all that a sequencer comes to."""
    tables = (agreements, dead_letters, facts, imports, leads, merges, states)
    kept = {table.name: sorted((dict(row) for row in line.rows(table)), key=str) for table in tables}
    for letter in kept["dead_letters"]:
        del letter["key"]  # under the store's own secret
    names = {row["key"] for row in line.rows(seen)}
    homes = sorted((row["lead_id"], row["erased"]) for row in line.rows(identities))
    # What was decided together is where a batch ends; all that follows from the entries is the same.
    said = [replace(one, more=False) if isinstance(one, Entry) else one for one in line.said]
    return kept | {"seen": names, "identities": homes, "said": said}


@examples(4)
@given(st.lists(sayings, max_size=14), st.integers(1, 5))
def test_where_batches_end_makes_no_difference(
    tmp_path_factory: pytest.TempPathFactory, history: list[Callable[[Sequencer], object]], batch: int
) -> None:
    folder = tmp_path_factory.mktemp("batches")
    pictures = []
    for size in (batch, 1000):
        line = Sequencer(folder / f"{size}.db", batch=size, leads_a_chunk=2)
        for say in history:
            say(line)
            line.now += timedelta(minutes=1)
        line.decide()
        assert line.numbers() == list(range(1, line.journal.seq + 1))
        pictures.append(picture(line))
        line.database.close()
    assert pictures[0] == pictures[1]
