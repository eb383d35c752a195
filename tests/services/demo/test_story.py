"""The story that is written by hand has everything in it, and is over before the year ends."""

from datetime import timedelta
from random import Random

import pytest

from schemas.facts import Accepted
from services.demo import story
from services.demo.cast import cast_of
from services.demo.story import story_lead_external_id
from services.demo.tools import Draft
from tests.builders import agreement
from tests.services.demo.years import UNTIL, cast, facts


@pytest.fixture
def drafts() -> list[Draft]:
    return story.told(Random(1), cast(), 7, UNTIL)


def test_what_sales_says_in_it_is_the_whole_of_the_agreement(drafts: list[Draft]) -> None:
    kinds = [one.fact.kind for one in drafts if one.tool.source in ("crm", "calendar")]
    once = [kind for place, kind in enumerate(kinds) if kinds[place - 1 : place] != [kind]]
    assert once == [
        *("assigned", "accepted", "touched", "recycled"),
        *("assigned", "rejected"),
        *("assigned", "accepted", "touched", "opportunity_opened", "touched", "won"),
    ]


def test_it_goes_forward_and_ends_weeks_before_the_year_does(drafts: list[Draft]) -> None:
    times = [one.at for one in drafts]
    assert times == sorted(times)
    assert times[-1] < UNTIL - timedelta(days=30)


def test_the_first_answer_comes_after_the_clock_has_run_out(drafts: list[Draft]) -> None:
    asked_at = next(one.at for one in drafts if one.fact.kind == "engaged" and one.fact.name == "demo")
    answered_at = next(one.at for one in drafts if isinstance(one.fact, Accepted))
    seller = next(seller for seller in cast().sellers if not seller.away)
    assert answered_at > seller.later(asked_at, cast().answer_minutes)


def test_its_lead_is_found_by_the_crms_id_and_nobody_else_has_it() -> None:
    of_the_story = [
        event for event in facts() if story_lead_external_id(7) in event.data.subject.external_ids.values()
    ]
    assert next(event.data.fact.kind for event in of_the_story) == "assigned"
    assert {event.data.subject.name for event in of_the_story} == {"Nora Vidal", None}


def test_it_can_be_told_under_an_agreement_with_few_words() -> None:
    assert story.told(Random(1), cast_of(agreement()), 1, UNTIL)[-1].fact.kind == "won"
