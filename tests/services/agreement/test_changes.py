"""Tests of what differs between two agreements."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from schemas.agreement import Agreement
from services.agreement.changes import Change, changes
from services.agreement.loader import parse
from tests.effort import examples
from tests.services.agreement.documents import CLEAN, GONE, spoiled, text_of

OLD = Agreement.model_validate(CLEAN)


def after(clauses: dict[str, Any]) -> tuple[Change, ...]:
    return changes(OLD, Agreement.model_validate(spoiled(clauses)))


def test_a_document_differs_in_nothing_from_itself() -> None:
    written = parse(text_of(CLEAN), "one")
    remarked = parse("# a remark\n" + text_of(CLEAN), "two")
    assert written.digest != remarked.digest
    assert changes(written, remarked) == ()


def test_an_allowance_differs_as_people_say_it() -> None:
    (change,) = after({"handoff.clocks.0.allowance": "2 business hours"})
    assert change == Change("handoff.clocks[acceptance].allowance", "4 business hours", "2 business hours")
    assert str(change) == "handoff.clocks[acceptance].allowance: 4 business hours → 2 business hours"


def test_an_allowance_of_another_kind_is_one_change() -> None:
    (change,) = after({"handoff.clocks.0.allowance": "3 calendar days"})
    assert (change.old, change.new) == ("4 business hours", "3 calendar days")


def test_an_allowance_that_is_taken_away_is_one_change() -> None:
    (change,) = after({"lifecycle.stages.0.stale_after": None})
    assert str(change) == "lifecycle.stages[lead].stale_after: - 60 elapsed days"


def test_members_are_told_apart_by_id_wherever_they_stand() -> None:
    clocks = CLEAN["handoff"]["clocks"]
    found = after({"handoff.clocks": [{**clocks[1], "warn_at": [0.5]}, clocks[0]]})
    assert [change.path for change in found] == [
        "handoff.clocks[first_touch].warn_at",
        "handoff.clocks (order)",
    ]
    assert found[1].new == ["first_touch", "acceptance"]


def test_a_member_that_is_new_or_gone_is_one_change() -> None:
    found = after({"owners": [*CLEAN["owners"][1:], {"id": "zoe", "team": "sales"}]})
    assert [str(change) for change in found] == [
        "owners[marta]: - {'id': 'marta', 'team': 'sales'}",
        "owners[zoe]: + {'id': 'zoe', 'team': 'sales'}",
    ]


def test_a_holiday_that_is_added_is_one_line() -> None:
    (change,) = after({"calendars.office.holidays.2": "2026-12-25"})
    assert str(change) == "calendars.office.holidays: + 2026-12-25"


def test_an_office_that_is_added_is_one_change() -> None:
    (change,) = after({"calendars.home": CLEAN["calendars"]["office"]})
    assert (change.path, change.old) == ("calendars.home", None)


def test_the_order_of_the_path_is_told() -> None:
    (change,) = after({"lifecycle.success_path": ["lead", "sal", "mql", "sql", "customer"]})
    assert change.path == "lifecycle.success_path (order)"
    assert change.new == ["lead", "sal", "mql", "sql", "customer"]


def test_conditions_are_compared_by_the_names_that_people_write() -> None:
    (change,) = after(
        {"segments.0.when": {"attribute": "employees", "is": 250}, "segments.0.label": {"en": "Large"}}
    )[:1]
    assert change == Change("segments[large].when.is", None, 250)


def test_a_section_that_is_taken_out_is_one_change() -> None:
    (change,) = after({"handoff": GONE})
    assert (change.path, change.new) == ("handoff", None)
    assert len(str(change)) < 100


def test_members_without_ids_are_compared_as_they_stand() -> None:
    found = after({"handoff.clocks.0.stops": [{"kind": "rejected"}, {"kind": "touched"}]})
    path = "handoff.clocks[acceptance].stops"
    assert found == (Change(path, {"kind": "accepted"}, None), Change(path, None, {"kind": "touched"}))


VARIANTS = st.fixed_dictionaries(
    {},
    optional={
        "title": st.sampled_from(["a", "b"]),
        "handoff.clocks.0.warn_at": st.lists(st.sampled_from([0.2, 0.5]), max_size=2, unique=True),
        "calendars.office.holidays": st.lists(st.dates(), max_size=3).map(
            lambda days: [day.isoformat() for day in days]
        ),
        "owners": st.lists(st.sampled_from(CLEAN["owners"]), max_size=4),
        "handoff": st.none(),
    },
)


@examples(8)
@given(VARIANTS, VARIANTS)
def test_there_is_a_change_exactly_where_agreements_differ(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    old, new = (
        Agreement.model_validate(
            spoiled({"handoff.clocks.0.warn_at": []} | each if "handoff" not in each else {"handoff": None})
        )
        for each in (one, other)
    )
    forward, back = changes(old, new), changes(new, old)
    assert (forward == ()) == (old == new)
    assert len(forward) == len(back)
    assert {change.path for change in forward} == {change.path for change in back}
