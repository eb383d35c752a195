"""Leads: lists, the stalled ones, and one lead by whatever name it is known."""

from sqlalchemy import Connection, insert

from infra.store.reading.leads import (
    LeadFilter,
    absorbed_by,
    count_leads,
    lead_by_id,
    leads_by_bare_id,
    leads_by_keys,
    leads_like,
    stalled,
    survivor_of,
)
from infra.store.tables.hosts import identities, merges
from tests.infra.store.reading.rows import minutes, put_lead


def ids(connection: Connection, wanted: LeadFilter | None = None, limit: int = 100) -> list[str]:
    return [lead.lead_id for lead in leads_like(connection, wanted or LeadFilter(), limit=limit)]


def test_the_latest_captured_lead_stands_first_and_one_never_captured_last(store: Connection) -> None:
    put_lead(store, "old", captured_at=minutes(1))
    put_lead(store, "never", captured_at=None)
    put_lead(store, "new", captured_at=minutes(2))
    assert ids(store) == ["new", "old", "never"]
    assert ids(store, limit=1) == ["new"]


def test_tests_absorbed_and_erased_leads_stand_in_no_list(store: Connection) -> None:
    put_lead(store, "plain", test=False, erased=False, stalled_since=minutes(1))
    put_lead(store, "test", test=True, stalled_since=minutes(1))
    put_lead(store, "absorbed", merged_into="plain", stalled_since=minutes(1))
    put_lead(store, "erased", erased=True, stalled_since=minutes(1))
    assert ids(store) == ["plain"]
    assert count_leads(store, LeadFilter()) == 1
    assert [lead.lead_id for lead in stalled(store)] == ["plain"]


def test_a_filter_keeps_the_leads_that_agree_with_all_of_it(store: Connection) -> None:
    put_lead(store, "a", stage="mql", owner="ana", captured_at=minutes(1))
    put_lead(store, "b", stage="mql", owner="luis", captured_at=minutes(2), stalled_since=minutes(9))
    put_lead(store, "c", stage="sql", owner="ana", captured_at=minutes(3))
    assert ids(store, LeadFilter(stage="mql")) == ["b", "a"]
    assert ids(store, LeadFilter(stage="mql", owner="ana")) == ["a"]
    assert ids(store, LeadFilter(captured_from=minutes(2), captured_before=minutes(3))) == ["b"]
    assert ids(store, LeadFilter(stalled=True)) == ["b"]
    assert ids(store, LeadFilter(stalled=False)) == ["c", "a"]
    assert count_leads(store, LeadFilter(owner="ana")) == 2


def test_the_longest_stalled_lead_stands_first(store: Connection) -> None:
    put_lead(store, "later", stalled_since=minutes(5))
    put_lead(store, "earlier", stalled_since=minutes(3))
    put_lead(store, "moving")
    assert [lead.lead_id for lead in stalled(store)] == ["earlier", "later"]


def test_a_lead_is_read_as_it_was_written(store: Connection) -> None:
    put_lead(store, "a", external_ids='{"crm": "7"}', email="a@b.es", fit=3050, stage_since=minutes(2))
    lead = lead_by_id(store, "a")
    assert lead is not None
    assert (lead.external_ids, lead.email, lead.fit) == ({"crm": "7"}, "a@b.es", 3050)
    assert (lead.stage_since, lead.test, lead.erased) == (minutes(2), False, False)
    assert lead_by_id(store, "b") is None


def test_a_merged_lead_leads_to_the_one_that_it_is_now(store: Connection) -> None:
    put_lead(store, "a", merged_into="b")
    put_lead(store, "b", merged_into="c")
    put_lead(store, "c")
    lead = lead_by_id(store, "a")
    assert lead is not None
    assert survivor_of(store, lead).lead_id == "c"


def test_absorbed_leads_are_found_through_one_another_and_not_after_an_unmerge(store: Connection) -> None:
    rows = [("a", "b", None), ("b", "c", None), ("d", "c", 9)]
    for absorbed, survivor, to_seq in rows:
        store.execute(
            insert(merges),
            {"absorbed": absorbed, "survivor": survivor, "from_seq": 1, "to_seq": to_seq},
        )
    assert absorbed_by(store, "c") == ["b", "a"]


def test_leads_are_found_by_the_hashes_of_their_identifiers_in_the_order_asked(store: Connection) -> None:
    rows = [{"key": b"1", "lead_id": "a", "erased": False}, {"key": b"2", "lead_id": "b", "erased": False}]
    store.execute(insert(identities), rows)
    assert leads_by_keys(store, [b"2", b"9", b"1"]) == ["b", "a"]


def test_a_bare_id_is_found_whole_and_only_among_ids(store: Connection) -> None:
    put_lead(store, "a", external_ids='{"crm": "17"}')
    put_lead(store, "b", external_ids='{"crm": "117", "17": "5"}')
    put_lead(store, "c", external_ids='{"ads": "17"}')
    put_lead(store, "d", external_ids='{"crm": "A_7"}')
    assert leads_by_bare_id(store, "17") == ["a", "c"]
    assert leads_by_bare_id(store, "A_7") == ["d"]
    assert leads_by_bare_id(store, "a_7") == []
    assert leads_by_bare_id(store, "%") == []
