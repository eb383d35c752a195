"""People: what is shown of them is what was told, and who is forgotten is forgotten everywhere."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.store.burying import bury
from infra.store.tables.hosts import identities
from infra.store.tables.read_model import dead_letters, facts, leads
from infra.store.tables.whole import whole
from infra.wire import RECORD, write_fact
from schemas.dead_letters import DeadLetter, DeadReason
from schemas.facts import Captured, Engaged, Enriched, Erased, Fact, Merged, Subject, Unmerged, Won
from schemas.vocabulary import EngagementChannel
from tests.effort import examples
from tests.infra.saying import ANA, BO, CRM, DOLLARS, VIEW, Sequencer, event_of

batches = pytest.mark.parametrize("batch", [1, 1000])


def shown(line: Sequencer, event_id: str) -> dict[str, Any]:
    """Return what is shown of the lead that a fact was placed on: what is not blank."""
    row = line.lead(line.home(event_id))
    told = {name: row[name] for name in ("name", "email", "phone", "company") if row[name] is not None}
    ids = json.loads(row["external_ids"] or "{}")
    return told | ({"external_ids": ids} if ids else {})


# --- showing


@batches
def test_what_was_told_last_is_shown_and_what_was_left_out_stays(tmp_path: Path, batch: int) -> None:
    line = Sequencer(tmp_path / "relevo.db", batch=batch)
    first = line.say(email="Ana@Example.com", name="Ana", company="Ribera", external_ids={"crm": "7"})
    line.say(**ANA, name="Ana Ruiz", external_ids={"erp": "9"})
    line.now += timedelta(minutes=1)
    line.say(VIEW, **ANA, name="not told by a page view")
    line.decide()
    assert shown(line, first) == {
        "name": "Ana Ruiz",
        "email": "ana@example.com",
        "company": "Ribera",
        "external_ids": {"crm": "7", "erp": "9"},
    }


@batches
def test_a_survivor_is_shown_with_what_only_the_absorbed_told(tmp_path: Path, batch: int) -> None:
    line = Sequencer(tmp_path / "relevo.db", batch=batch)
    browser = line.say(VIEW, anonymous_id="c")
    ana = line.say(**ANA, name="Ana", external_ids={"crm": "7"})
    joined = line.say(VIEW, **ANA, anonymous_id="c")
    line.decide()
    assert line.home(joined) == line.home(browser)
    assert shown(line, browser) == ANA | {"name": "Ana", "external_ids": {"crm": "7"}}
    assert shown(line, ana)["name"] == "Ana"


@batches
def test_of_two_who_both_told_something_the_survivors_own_is_shown(tmp_path: Path, batch: int) -> None:
    line = Sequencer(tmp_path / "relevo.db", batch=batch)
    first = line.say(**CRM, name="Ana", phone="600111222")
    line.say(**ANA, name="A. Ruiz", company="Ribera")
    line.say(Merged(other=Subject(**ANA)), **CRM)
    line.decide()
    assert shown(line, first) == CRM | ANA | {"name": "Ana", "phone": "600111222", "company": "Ribera"}


@batches
def test_after_an_unmerge_each_is_shown_with_its_own(tmp_path: Path, batch: int) -> None:
    line = Sequencer(tmp_path / "relevo.db", batch=batch)
    ana = line.say(**CRM, name="Ana")
    kept = line.say(phone="600111222", company="Ribera")
    line.say(Merged(other=Subject(phone="600111222")), **CRM)
    bo = line.say(**BO, name="Bo", company="Other", external_ids={"erp": "b"})
    line.say(Merged(other=Subject(**BO)), **CRM)
    line.say(Enriched(), **BO, name="Bo the second")
    line.say(Unmerged(other=Subject(**BO)), **CRM)
    line.decide()
    assert shown(line, ana) == CRM | {"name": "Ana", "phone": "600111222", "company": "Ribera"}
    assert shown(line, kept) == {"phone": "600111222", "company": "Ribera"}
    assert shown(line, bo) == BO | {"name": "Bo", "company": "Other", "external_ids": {"erp": "b"}}


@batches
def test_an_unmerge_deep_down_is_seen_all_the_way_up(tmp_path: Path, batch: int) -> None:
    line = Sequencer(tmp_path / "relevo.db", batch=batch)
    homes = [line.say(external_ids={"crm": one}, **told) for one, told in (("a", {}), ("b", {}), ("c", ANA))]
    line.say(Merged(other=Subject(external_ids={"crm": "c"})), external_ids={"crm": "b"})
    line.say(Merged(other=Subject(external_ids={"crm": "b"})), external_ids={"crm": "a"})
    line.decide()
    assert [shown(line, one)["email"] for one in homes] == ["ana@example.com"] * 3
    line.say(Unmerged(other=Subject(external_ids={"crm": "c"})), external_ids={"crm": "a"})
    line.decide()
    assert ["email" in shown(line, one) for one in homes] == [False, False, True]


# --- forgetting


def left_of(line: Sequencer, *marks: str) -> set[tuple[str, str]]:
    """Return in which columns of which tables any of these words stand."""
    with line.database.reading() as connection:
        tables = {
            name: [dict(row) for row in connection.execute(table.select()).mappings()]
            for name, table in whole().tables.items()
        }
    return {
        (table, column)
        for table, rows in tables.items()
        for row in rows
        for column, value in row.items()
        if any(
            mark in (value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value))
            for mark in marks
        )
    }


def test_who_is_forgotten_leaves_tombstones_and_the_stripped_facts(line: Sequencer) -> None:
    told = line.say(Captured(attributes={"country": "ES"}), **ANA, **CRM, name="Ana", anonymous_id="c")
    line.decide()
    assert left_of(line, "ana@example", "Ana")
    line.say(Erased(), id="e", **ANA)
    line.decide()
    assert left_of(line, "ana@example", "Ana", '"7"') == set()
    row = line.lead(line.home(told))
    assert (row["erased"], shown(line, told)) == (True, {})
    assert line.fact(told)["fact"] == '{"kind":"captured","attributes":{"country":"ES"}}'
    assert [one["original"] for one in line.rows(facts)] == [None, None, None]
    assert [one["erased"] for one in line.rows(identities)] == [True] * 3


@batches
def test_what_is_said_later_of_who_was_forgotten_is_kept_without_its_bytes(
    tmp_path: Path, batch: int
) -> None:
    line = Sequencer(tmp_path / "relevo.db", batch=batch)
    line.say(**ANA)
    line.say(Erased(), **ANA)
    line.say(id="later", **ANA, name="Ana")
    line.say(id="dollars", **ANA, name="Ana", fact=DOLLARS)
    line.say(Merged(other=Subject(**ANA)), id="other", **BO)
    line.send(write_fact(event_of(id="odd", **ANA, name="Ana")).replace(b'"1.0"', b'"0.3"'))
    line.send(write_fact(event_of(id="cut", **ANA, name="Ana"))[:-9])
    line.say(id="bo", **BO)
    line.decide()
    assert line.dead() == [
        (reason, id_)
        for reason, id_ in zip(["erased"] * 5, ["later", "dollars", "other", "odd", None], strict=True)
    ]
    assert [row["original"] for row in line.rows(dead_letters)] == [None] * 5
    assert left_of(line, "ana@example", "Ana") == set()
    assert line.fact("bo")["original"]


@batches
def test_dead_letters_about_who_is_forgotten_are_blanked_and_no_others(tmp_path: Path, batch: int) -> None:
    line = Sequencer(tmp_path / "relevo.db", batch=batch)
    line.say(**ANA, phone="910000000")
    line.say(DOLLARS, **ANA)
    line.say(DOLLARS, **BO, phone="910000000")
    line.send(write_fact(event_of(id="odd", **ANA)).replace(b'"1.0"', b'"0.3"'))
    line.send(write_fact(event_of(id="cut", **ANA))[:-9])
    line.send(b"7;Ana@Example.com;no JSON at all")
    line.send(b"8;bo@example.com;no JSON at all")
    line.say(Erased(), **ANA)
    line.decide()
    originals = [row["original"] for row in line.rows(dead_letters)]
    assert [one is None for one in originals] == [True, False, True, True, True, False]
    assert left_of(line, "ana@", "Ana@") == set()


def test_rows_of_files_are_forgotten_too(line: Sequencer) -> None:
    letter = DeadLetter(reason=DeadReason.ROW, detail="leads.csv:7: too short")
    with line.database.writing() as connection:
        bury(connection, [(letter, b"7,ana@example.com\n"), (letter, b"8,bo@example.com\n")], line.now)
    line.say(Erased(), **ANA)
    line.decide()
    assert [row["original"] for row in line.rows(dead_letters)] == [None, b"8,bo@example.com\n"]


@pytest.mark.parametrize("count", [499, 1001])
def test_any_number_of_dead_letters_is_looked_through(line: Sequencer, count: int) -> None:
    letters = [
        (DeadLetter(reason=DeadReason.ROW, detail="x"), f"{number},{who}@example.com".encode())
        for number in range(count)
        for who in ("ana" if number % 2 else "bo",)
    ]
    with line.database.writing() as connection:
        bury(connection, letters, line.now)
    line.say(Erased(), **ANA)
    line.decide()
    assert sum(row["original"] is None for row in line.rows(dead_letters)) == count // 2


@batches
def test_a_lead_is_forgotten_with_all_that_it_ever_absorbed(tmp_path: Path, batch: int) -> None:
    line = Sequencer(tmp_path / "relevo.db", batch=batch)
    for one in "abc":
        line.say(external_ids={"crm": one}, name=f"Ana {one}")
    line.say(Merged(other=Subject(external_ids={"crm": "c"})), external_ids={"crm": "b"})
    line.say(Merged(other=Subject(external_ids={"crm": "b"})), external_ids={"crm": "a"})
    line.say(Erased(), external_ids={"crm": "b"})
    line.decide()
    assert left_of(line, "Ana") == set()
    assert [row["erased"] for row in line.rows(identities)] == [True] * 3
    assert [row["erased"] for row in line.rows(leads)] == [True] * 3


@batches
def test_facts_that_were_placed_on_another_by_mistake_are_forgotten(tmp_path: Path, batch: int) -> None:
    line = Sequencer(tmp_path / "relevo.db", batch=batch)
    ana = line.say(**ANA, name="Ana")
    line.say(**BO, name="Bo")
    line.say(Merged(other=Subject(**BO)), **ANA)
    misplaced = line.say(Enriched(), **BO, company="Bo & Sons")
    line.say(Unmerged(other=Subject(**BO)), **ANA)
    line.say(Erased(), **BO)
    line.decide()
    assert line.home(misplaced) == line.home(ana)
    assert left_of(line, "bo@example", "Bo") == set()
    assert shown(line, ana) == ANA | {"name": "Ana"}
    assert line.fact(ana)["original"]


@batches
def test_so_are_those_on_a_lead_further_up(tmp_path: Path, batch: int) -> None:
    line = Sequencer(tmp_path / "relevo.db", batch=batch)
    top = line.say(**CRM, name="Top")
    line.say(**ANA, name="Ana")
    line.say(**BO, name="Bo")
    line.say(Merged(other=Subject(**BO)), **ANA)
    line.say(Merged(other=Subject(**ANA)), **CRM)
    line.say(Enriched(), **BO, company="Bo & Sons")
    line.say(Unmerged(other=Subject(**BO)), **CRM)
    line.say(Erased(), **BO)
    line.decide()
    assert left_of(line, "bo@example", "Bo") == set()
    assert shown(line, top) == CRM | ANA | {"name": "Top"}


def test_whoever_was_once_one_with_the_forgotten_goes_on(line: Sequencer) -> None:
    line.say(**ANA)
    line.say(**BO)
    line.say(Merged(other=Subject(**BO)), **ANA)
    line.say(Unmerged(other=Subject(**BO)), **ANA)
    line.say(Erased(), **BO)
    line.say(Erased(), id="ana too", **ANA)
    line.decide()
    assert line.dead() == []
    assert [row["erased"] for row in line.rows(leads)] == [True, True]


# --- what is always so

MARKS = {"email": "mark1", "phone": "600111222", "name": "mark2", "company": "mark3", "anonymous_id": "mark4"}
MARKED: dict[str, Any] = MARKS | {"email": "mark1@example.com", "external_ids": {"crm": "mark5"}}
WORDS = ("mark1", "600111222", "mark2", "mark3", "mark4", "mark5")
MAY_HOLD = {
    ("facts", "original"),
    ("dead_letters", "original"),
    ("leads", "email"),
    ("leads", "phone"),
    ("leads", "name"),
    ("leads", "company"),
    ("leads", "external_ids"),
}

marked = st.sets(st.sampled_from(sorted(MARKED)), min_size=1).map(
    lambda names: {name: MARKED[name] for name in names}
)
facts_said: st.SearchStrategy[Fact] = st.one_of(
    st.sampled_from([Captured(attributes={"email": "mark1@example.com"}), VIEW, DOLLARS, Won()]),
    st.sampled_from(
        [
            Captured(landing_page="https://example.com/?mail=mark1@example.com"),
            Engaged(channel=EngagementChannel.PAGE, action="view", name="/a?name=mark2"),
            Enriched(attributes={"name": "mark2", "country": "ES"}),
        ]
    ),
    st.builds(Merged, other=marked.map(lambda about: Subject(**about))),
    st.builds(Unmerged, other=marked.map(lambda about: Subject(**about))),
)
Saying = Callable[[Sequencer], object]
sayings: st.SearchStrategy[Saying] = st.one_of(
    st.builds(
        lambda fact, about: lambda line: line.say(fact, **about),
        facts_said,
        marked | st.sampled_from([BO, CRM]),
    ),
    st.builds(
        lambda about, odd: lambda line: line.send(write_fact(event_of(id="x", **about)).replace(*odd)),
        marked,
        st.sampled_from(
            [(b"{", b"["), (b'"1.0"', b'"2"'), (b"lead.captured", b"sold"), (b'"mark', b'"m\xffmark')]
        ),
    ),
)


@examples(4)
@given(st.lists(sayings, min_size=1, max_size=10))
def test_personal_data_stands_where_it_is_said_to_stand_and_nowhere_else(
    tmp_path_factory: pytest.TempPathFactory, history: list[Saying]
) -> None:
    line = Sequencer(tmp_path_factory.mktemp("people") / "relevo.db", batch=4)
    for say in history:
        say(line)
        line.now += timedelta(minutes=1)
    line.decide()
    said = b"".join(RECORD.dump_json(one) for one in line.said).decode()
    assert [word for word in WORDS if word in said] == []
    assert left_of(line, *WORDS) <= MAY_HOLD


about_somebody = st.sampled_from(["ana", "bo", "cid"]).flatmap(
    lambda who: st.sets(st.sampled_from(["email", "crm", "name"]), min_size=1).map(
        lambda told: {
            **({"email": f"{who}@example.com"} if "email" in told else {}),
            **({"external_ids": {"crm": f"<{who}>"}} if "crm" in told or told == {"name"} else {}),
            **({"name": f"Name of {who}"} if "name" in told else {}),
        }
    )
)
histories: st.SearchStrategy[list[Saying]] = st.lists(
    st.one_of(
        st.builds(lambda about: lambda line: line.say(**about), about_somebody),
        st.builds(lambda about: lambda line: line.say(DOLLARS, **about), about_somebody),
        st.builds(
            lambda about, other: lambda line: line.say(Merged(other=Subject(**other)), **about),
            about_somebody,
            about_somebody,
        ),
        st.builds(
            lambda about, other: lambda line: line.say(Unmerged(other=Subject(**other)), **about),
            about_somebody,
            about_somebody,
        ),
    ),
    max_size=12,
)


@examples(4)
@given(histories, st.integers(1, 5))
def test_nothing_is_left_of_who_is_forgotten_whatever_they_were_once_one_with(
    tmp_path_factory: pytest.TempPathFactory, history: list[Saying], batch: int
) -> None:
    line = Sequencer(tmp_path_factory.mktemp("forgotten") / "relevo.db", batch=batch)
    whole: dict[str, Any] = {"email": "ana@example.com", "name": "Name of ana"}
    whole["external_ids"] = {"crm": "<ana>"}
    line.say(**whole)
    for say in history:
        say(line)
        line.now += timedelta(minutes=1)
    line.say(Erased(), **whole)
    line.decide()
    assert left_of(line, "ana@example.com", "<ana>", "Name of ana") == set()
