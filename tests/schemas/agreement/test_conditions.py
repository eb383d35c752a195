"""Tests of the two forms in which the agreement says when: conditions of attributes, patterns of facts."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.agreement.conditions import Condition, FactPattern
from schemas.facts import Captured, Engaged, LeadFact, Touched, Won
from schemas.vocabulary import EngagementChannel, TouchChannel


def condition(**form: Any) -> Condition:
    return Condition.model_validate({name.rstrip("_"): value for name, value in form.items()})


@pytest.mark.parametrize(
    ("form", "value", "holds"),
    [
        ({"is": "ES"}, "es", True),
        ({"is": "ES"}, "PT", False),
        ({"is": "ES"}, None, False),
        ({"is": 1}, 1, True),
        ({"is": 1}, 1.0, True),
        ({"is": 1}, True, False),
        ({"is": True}, 1, False),
        ({"is": False}, False, True),
        ({"is": "1"}, 1, False),
        ({"in": ["ES", "PT"]}, "pt", True),
        ({"in": ["ES", "PT"]}, "FR", False),
        ({"in": []}, "ES", False),
        ({"at_least": 50}, 50, True),
        ({"at_least": 50}, 49.9, False),
        ({"below": 50}, 49.9, True),
        ({"below": 50}, 50, False),
        ({"at_least": 10, "below": 50}, 10, True),
        ({"at_least": 10, "below": 50}, 50, False),
        ({"at_least": 0}, "50", False),
        ({"at_least": 0}, True, False),
        ({"at_least": 0}, None, False),
        ({"known": True}, "", True),
        ({"known": True}, None, False),
        ({"known": False}, None, True),
        ({"known": False}, 0, False),
        ({"known": True, "below": 5}, 4, True),
        ({"known": True, "is": "x"}, "y", False),
    ],
)
def test_an_attribute_is_tested_as_people_mean_it(form: dict[str, Any], value: Any, holds: bool) -> None:
    assert condition(attribute="x", **form).holds({"x": value}) is holds


def test_an_attribute_that_nobody_has_said_is_unknown() -> None:
    assert condition(attribute="x", known=False).holds({"y": 1})
    assert not condition(attribute="x", is_=1).holds({})


X, Y = {"attribute": "x", "is": 1}, {"attribute": "y", "is": 1}


@pytest.mark.parametrize("x", [0, 1])
@pytest.mark.parametrize("y", [0, 1])
def test_combinations_are_those_of_logic(x: int, y: int) -> None:
    attributes = {"x": x, "y": y}
    assert condition(all=[X, Y]).holds(attributes) == bool(x and y)
    assert condition(any=[X, Y]).holds(attributes) == bool(x or y)
    assert condition(not_=X).holds(attributes) == (not x)


def test_all_of_nothing_holds_and_any_of_nothing_does_not() -> None:
    assert condition(all=[]).holds({})
    assert not condition(any=[]).holds({})


def test_a_condition_names_every_attribute_that_it_looks_at() -> None:
    nested = condition(all=[X, {"any": [Y, {"not": {"attribute": "z", "known": True}}]}])
    assert nested.attributes_read() == {"x", "y", "z"}


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({}, "exactly one of attribute, all, any, not"),
        ({"attribute": "x", "all": []}, "exactly one of attribute, all, any, not"),
        ({"all": [], "any": []}, "exactly one of attribute, all, any, not"),
        ({"attribute": "x"}, "one or more of is, in, at_least, below, known"),
        ({"all": [], "is": 1}, "one or more of is, in, at_least, below, known"),
        ({"attribute": "x", "at_least": float("nan")}, "finite number"),
    ],
)
def test_a_condition_has_one_form(form: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Condition.model_validate(form)


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.floats(-3, 3), st.sampled_from(["a", "A", "b"])
)


@given(SCALARS, SCALARS.filter(lambda value: value is not None))
def test_being_one_of_one_value_is_being_it(value: Any, wanted: Any) -> None:
    attributes = {"x": value}
    assert condition(attribute="x", in_=[wanted]).holds(attributes) == condition(
        attribute="x", is_=wanted
    ).holds(attributes)


@given(SCALARS, st.floats(-3, 3))
def test_at_least_and_below_part_the_numbers(value: Any, bound: float) -> None:
    sides = [condition(attribute="x", **{side: bound}).holds({"x": value}) for side in ("at_least", "below")]
    assert sum(sides) == (isinstance(value, int | float) and not isinstance(value, bool))


PAGE = Engaged(channel=EngagementChannel.PAGE, action="view", name="/pricing/teams", campaign="spring")
CALL = Touched(channel=TouchChannel.CALL, outcome="connected")


@pytest.mark.parametrize(
    ("pattern", "fact", "matches"),
    [
        ({"kind": "won"}, Won(), True),
        ({"kind": "won"}, PAGE, False),
        ({"kind": "engaged"}, PAGE, True),
        ({"kind": "engaged", "channel": "page"}, PAGE, True),
        ({"kind": "engaged", "channel": "form"}, PAGE, False),
        ({"kind": "engaged", "action": "view"}, PAGE, True),
        ({"kind": "engaged", "action": "click"}, PAGE, False),
        ({"kind": "engaged", "campaign": "spring"}, PAGE, True),
        ({"kind": "engaged", "campaign": "autumn"}, PAGE, False),
        ({"kind": "engaged", "name": "/pricing*"}, PAGE, True),
        ({"kind": "engaged", "name": "/PRICING*"}, PAGE, False),
        ({"kind": "engaged", "name": "/pricing/team?"}, PAGE, True),
        ({"kind": "engaged", "name": "*"}, Engaged(channel=EngagementChannel.AD, action="click"), True),
        ({"kind": "engaged", "name": "?*"}, Engaged(channel=EngagementChannel.AD, action="click"), False),
        ({"kind": "touched", "channel": "call", "outcome": "connected"}, CALL, True),
        ({"kind": "touched", "outcome": "no_answer"}, CALL, False),
        ({"kind": "captured", "channel": "page"}, Captured(), False),
        ({"kind": "captured", "name": "x"}, Captured(), False),
    ],
)
def test_a_pattern_matches_the_facts_that_have_all_it_names(
    pattern: dict[str, Any], fact: LeadFact, matches: bool
) -> None:
    assert FactPattern.model_validate(pattern).matches(fact) is matches
