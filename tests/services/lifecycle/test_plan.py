"""Agreements, looked up."""

from services.lifecycle.plan import plan_for
from tests.builders import agreement


def test_a_plan_is_made_once_for_an_agreement() -> None:
    terms = agreement()
    assert plan_for(terms) is plan_for(terms)


def test_agreements_without_a_digest_are_told_apart_by_identity() -> None:
    one, other = agreement(), agreement({"handoff": None})
    assert plan_for(one).handoff is not None
    assert plan_for(other).handoff is None
    assert plan_for(one).handoff is not None


def test_agreements_with_the_same_digest_share_a_plan() -> None:
    one, other = agreement({"digest": "d1"}), agreement({"digest": "d1"})
    assert plan_for(one) is plan_for(other)


def test_plans_of_long_gone_agreements_are_dropped() -> None:
    first = plan_for(agreement({"digest": "first"}))
    for number in range(100):
        plan_for(agreement({"digest": f"n{number}"}))
    assert plan_for(agreement({"digest": "first"})) is not first
