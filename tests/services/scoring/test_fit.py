"""Attributes as facts said them, whatever order they are heard in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.vocabulary import Scalar
from services.scoring.book import book_of
from services.scoring.fit import alike, attributes_of, fit_of, heard
from services.scoring.state import Mark, Profile, Values
from tests.builders import agreement

FIRST: Mark = (1, "web", "a")
SECOND: Mark = (2, "crm", "b")
SAME_INSTANT: Mark = (2, "web", "b")


Telling = tuple[Mark, Values, Values]
"""A fact, what it states, and what is derived from it."""


def says(mark: Mark, stated: Values, derived: Values | None = None) -> Telling:
    return mark, stated, derived or {}


def told(*said: Telling) -> Profile:
    profile = Profile()
    for mark, stated, derived in said:
        profile = heard(profile, mark, stated, derived)
    return profile


def test_the_latest_fact_has_the_last_word_even_if_it_is_heard_first() -> None:
    early, late = says(FIRST, {"country": "ES", "employees": 5}), says(SECOND, {"country": "PT"})
    assert told(early, late) == told(late, early)
    assert attributes_of(told(late, early)) == {"country": "PT", "employees": 5}


def test_of_one_instant_the_source_decides() -> None:
    one, other = says(SECOND, {"country": "ES"}), says(SAME_INSTANT, {"country": "PT"})
    assert attributes_of(told(one, other)) == attributes_of(told(other, one)) == {"country": "PT"}


def test_a_null_is_remembered_so_that_what_came_before_it_stays_forgotten() -> None:
    null, before = says(SECOND, {"country": None}), says(FIRST, {"country": "ES"})
    assert attributes_of(told(null, before)) == {}


def test_a_null_lets_what_was_derived_show_through() -> None:
    profile = told((FIRST, {"free_mail": False}, {"free_mail": True}))
    assert attributes_of(profile) == {"free_mail": False}
    assert attributes_of(heard(profile, SECOND, {"free_mail": None}, {})) == {"free_mail": True}


def test_a_fact_that_has_nothing_left_to_say_is_not_kept() -> None:
    profile = told((FIRST, {"country": "ES"}, {}), (SECOND, {"country": "ES"}, {}))
    assert profile.stated == ((*SECOND, {"country": "ES"}),)


def test_a_late_fact_that_says_nothing_new_leaves_the_profile_as_it_is() -> None:
    profile = told((SECOND, {"country": "PT"}, {}))
    assert heard(profile, FIRST, {"country": "ES"}, {}) == profile
    assert heard(profile, FIRST, {}, {}) is profile


@pytest.mark.parametrize(("one", "other"), [(True, 1), (1, 1.0), (0, False), ("ES", "PT"), ("ES", None)])
def test_profiles_are_alike_only_if_no_condition_can_tell_them_apart(
    one: Scalar, other: Scalar | None
) -> None:
    first, second = (Profile(((*FIRST, {"x": value}),)) for value in (one, other))
    assert not alike(first, second, ["x"])
    assert alike(first, Profile(((*SECOND, {"x": one}),)), ["x"])


def typed(profile: Profile) -> dict[str, tuple[type, Scalar | None]]:
    return {name: (type(value), value) for name, value in attributes_of(profile).items()}


VALUES = st.dictionaries(st.sampled_from("abc"), st.sampled_from([None, True, 1, 0, "x"]), max_size=3)


@given(st.lists(st.tuples(st.integers(1, 5), VALUES, VALUES), max_size=8))
def test_a_fact_changes_no_attribute_that_it_does_not_name(
    tellings: list[tuple[int, Values, Values]],
) -> None:
    before = Profile()
    for number, (second, stated, derived) in enumerate(tellings):
        after = heard(before, (second, "web", str(number)), stated, derived)
        assert alike(before, after, (*stated, *derived)) == (typed(before) == typed(after))
        before = after


def test_a_group_without_a_cap_counts_in_full() -> None:
    rules = [
        {"id": f"r{number}", "group": "free", "when": {"attribute": "country", "known": True}, "points": 45}
        for number in range(2)
    ]
    book = book_of(agreement({"scoring.fit.rules": rules}))
    assert fit_of(told((FIRST, {"country": "ES"}, {})), book) == 9000
