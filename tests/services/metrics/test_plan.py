"""What metrics reads of an agreement is read once, and of the right one."""

from services.metrics import plan
from services.metrics.plan import plan_of
from services.metrics.summary import Holder
from tests.builders import agreement


def test_an_agreement_has_one_plan() -> None:
    small = agreement()
    assert plan_of(small) is plan_of(small)


def test_plans_are_told_apart_however_many_there_are() -> None:
    many = [agreement({"currency": f"A{letter}A"}) for letter in "ABCDEFGHIJKLMNOPQRSTUV"]
    assert [plan_of(one).currency for one in many] == [one.currency for one in many]
    assert len(plan._plans) <= 16


def test_an_owner_without_a_calendar_keeps_the_teams() -> None:
    calendars = {
        "office": {"time_zone": "Europe/Madrid", "week": {}},
        "lisbon": {"time_zone": "Europe/Lisbon", "week": {}},
    }
    owners = [{"id": "marta", "team": "sales"}, {"id": "rui", "team": "sales", "calendar": "lisbon"}]
    plan = plan_of(agreement({"calendars": calendars, "owners": owners}))
    found = [plan.calendar(Holder("sales", owner)) for owner in ("marta", "rui", "unknown")]
    assert [calendar.time_zone if calendar else None for calendar in found] == [
        "Europe/Madrid",
        "Europe/Lisbon",
        "Europe/Madrid",
    ]
    assert plan.calendar(Holder("partners", "unknown")) is None


def test_an_owner_who_has_a_lead_of_another_team_keeps_the_hours_of_his_own() -> None:
    calendars = {
        "office": {"time_zone": "Europe/Madrid", "week": {}},
        "lisbon": {"time_zone": "Europe/Lisbon", "week": {}},
    }
    teams = [
        {"id": "sales", "label": "Sales", "side": "sales", "calendar": "office"},
        {"id": "partners", "label": "Partners", "side": "sales", "calendar": "lisbon"},
    ]
    terms = {"calendars": calendars, "teams": teams, "owners": [{"id": "rui", "team": "partners"}]}
    found = plan_of(agreement(terms)).calendar(Holder("sales", "rui"))
    assert found is not None
    assert found.time_zone == "Europe/Lisbon"


def test_an_owners_team_is_known_without_being_named() -> None:
    plan = plan_of(agreement())
    assert plan.holder(None, "ana") == Holder("sales", "ana")
    assert plan.holder("marketing", "ana") == Holder("marketing", "ana")
    assert plan.holder(None, None) == Holder("unknown", "unknown")
