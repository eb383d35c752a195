"""A year is believable, the same for the same seed, and fits the agreement that it is told under."""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.wire import read_fact
from schemas.dead_letters import DeadLetter
from schemas.facts import Captured, FactEvent, ImportClosed, ImportOpened, Won
from services.agreement.loader import DEFAULT, example, parse
from services.demo.story import story_lead_external_id
from services.demo.year import Item, arrivals, demo_year
from services.line import open_line
from services.line_host import control_event
from tests.effort import examples
from tests.services.demo.years import AGREEMENT, UNTIL, facts, written, year


def digest(items: Iterator[Item]) -> str:
    return sha256(b"\n".join(map(written, items))).hexdigest()


@examples(3)
@given(st.integers(0, 2**32))
def test_the_same_seed_and_end_are_the_same_bytes(seed: int) -> None:
    first, again = (demo_year(AGREEMENT, seed=seed, until=UNTIL, lead_count=20) for _ in range(2))
    assert digest(first) == digest(again)


def test_another_seed_or_end_is_another_year() -> None:
    ends = [(1, UNTIL), (2, UNTIL), (1, UNTIL + timedelta(days=30))]
    years = {digest(demo_year(AGREEMENT, seed=seed, until=end, lead_count=20)) for seed, end in ends}
    assert len(years) == 3


@examples(3)
@given(
    st.integers(0, 40),
    st.integers(-50_000, 50_000).map(lambda hours: UNTIL + timedelta(hours=hours)),
)
def test_what_arrives_arrives_in_order_and_in_the_year(lead_count: int, until: datetime) -> None:
    told = list(arrivals(AGREEMENT, seed=1, until=until, lead_count=lead_count))
    times = [at for at, _ in told]
    assert times == sorted(times)
    assert all(until - timedelta(days=367) < at <= until for at in times)


def test_every_fact_can_be_written_and_read_and_no_garbled_bytes_can() -> None:
    for _, item in year(lead_count=300):
        read = read_fact(written(item))
        assert isinstance(read, DeadLetter) if isinstance(item, bytes) else read == item


def test_an_id_says_one_thing_however_often_it_is_said() -> None:
    said = defaultdict(set)
    for event in facts(lead_count=300):
        said[event.source, event.id].add(written(event))
    assert {len(contents) for contents in said.values()} == {1}
    assert len(said) < sum(1 for _ in facts(lead_count=300))


def test_facts_carry_the_import_that_they_are_told_in() -> None:
    items = list(demo_year(AGREEMENT, seed=1, until=UNTIL, lead_count=20, import_id="demo"))
    assert {item.data.import_id for item in items if isinstance(item, FactEvent)} == {"demo"}


def test_the_funnel_narrows_as_such_funnels_do() -> None:
    people = defaultdict(set)
    for event in facts():
        people[event.data.fact.kind].add(event.id.split("-")[1])
    captured, handed_over = len(people["captured"]), len(people["assigned"])
    assert 950 < captured <= 1001
    assert 0.22 < handed_over / captured < 0.36
    assert 0.5 < len(people["accepted"]) / handed_over < 0.75
    assert 0.025 < len(people["won"]) / captured < 0.08
    assert all(event.data.fact.amount for event in facts() if isinstance(event.data.fact, Won))


def test_leads_come_in_seasons_on_working_days_and_from_many_places() -> None:
    captured = [event for event in facts() if isinstance(event.data.fact, Captured) and event.time]
    by_month = Counter(event.time.month for event in captured if event.time)
    by_weekday = Counter(event.time.weekday() for event in captured if event.time)
    assert by_month[8] < by_month[10] / 2
    assert by_weekday[6] < by_weekday[1] / 2
    origins = {event.data.fact.origin for event in captured if isinstance(event.data.fact, Captured)}
    assert len(origins) >= 7


def test_everything_that_goes_wrong_between_tools_goes_wrong() -> None:
    told = [(at, item) for at, item in year() if isinstance(item, FactEvent) and item.time]
    delays = [at - item.time for at, item in told if item.time]
    assert any(delay > timedelta(days=2) for delay in delays)
    assert any(timedelta(days=-1) < delay < timedelta(minutes=-10) for delay in delays)
    assert any(item.data.test for _, item in told)
    assert {item.data.fact.kind for _, item in told} >= {"merged", "erased", "consent_changed", "recycled"}
    assert any(isinstance(item, bytes) for _, item in year())


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """A store in which a small year was decided, at its end."""
    file = tmp_path_factory.mktemp("demo") / "relevo.db"
    year_of_facts = demo_year(AGREEMENT, seed=7, until=UNTIL, lead_count=160, import_id="demo")
    with open_line(f"sqlite:///{file}", durability="normal", now=lambda: UNTIL) as line:
        line.sign(example(DEFAULT), "the default")
        line.say([control_event(ImportOpened(import_id="demo"), "opened")])
        line.host.append([written(item) for item in year_of_facts])
        line.say([control_event(ImportClosed(import_id="demo"), "closed")])
        line.decide()
    connection = sqlite3.connect(file)
    yield connection
    connection.close()


def ask(store: sqlite3.Connection, question: str, *values: str) -> int:
    return int(store.execute(question, values).fetchone()[0])


def test_sales_answers_hand_offs_that_are_open(store: sqlite3.Connection) -> None:
    answered = ask(store, "select count(*) from facts where kind in ('accepted', 'rejected', 'touched')")
    refused = ask(store, "select count(*) from timeline where kind = 'move_refused'")
    assert answered > 90
    assert refused < answered * 0.05


def test_hand_offs_open_when_the_story_says_so(store: sqlite3.Connection) -> None:
    opened = ask(store, "select count(*) from handoffs")
    assigned = ask(store, "select count(*) from facts where kind = 'assigned'")
    assert abs(opened - assigned) <= opened * 0.1


def test_at_the_end_something_is_open_overdue_and_stalled(store: sqlite3.Connection) -> None:
    unanswered = "select count(*) from handoffs where closed_at is null and accepted_at is null"
    assert ask(store, unanswered) > 0
    assert (
        ask(store, "select count(*) from sla_clocks where ended_at is null and breached_at is not null") > 0
    )
    assert ask(store, "select count(*) from leads where stalled_since is not null") > 0
    assert ask(store, "select count(*) from dead_letters") > 0


def test_the_story_is_decided_as_it_was_written(store: sqlite3.Connection) -> None:
    named = f'%"{story_lead_external_id(7)}"%'
    (lead_id, stage, cycle) = store.execute(
        "select lead_id, stage, cycle from leads where external_ids like ?", (named,)
    ).fetchone()
    assert (stage, cycle) == ("customer", 3)
    kinds = {kind for (kind,) in store.execute("select kind from timeline where lead_id = ?", (lead_id,))}
    assert kinds >= {"sla_warned", "sla_breached", "handoff_accepted", "handoff_rejected", "cycle_opened"}
    assert "move_refused" not in kinds
    stages = [
        stage
        for (stage,) in store.execute(
            "select json_extract(body, '$.to_stage') from timeline"
            " where lead_id = ? and kind = 'stage_changed' order by at, id",
            (lead_id,),
        )
    ]
    assert stages == [
        *("lead", "mql", "sal", "recycled"),
        *("mql", "recycled"),
        *("mql", "sal", "sales_qualified", "customer"),
    ]


@pytest.mark.parametrize("name", ["university", "ngo"])
def test_a_year_can_be_told_under_other_agreements(name: str) -> None:
    other = parse(example(name), name)
    items = list(demo_year(other, seed=1, until=UNTIL, lead_count=50))
    assert len(items) > 300
