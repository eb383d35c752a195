"""What sales gets to read."""

from typing import Any

from schemas.entries import FiredTimer
from schemas.facts import Captured, Engaged, Enriched, Touched
from schemas.handoffs import Brief, HandoffOpened
from schemas.vocabulary import EngagementChannel, TouchChannel, WorkerName
from services.lifecycle.brief import MOST_TEXT
from tests.builders import entry, instant
from tests.services.lifecycle.leads import (
    BAD_FIT,
    CALL,
    DEMO,
    MARKETING,
    PAGE,
    Lead,
    captured,
    cold,
    handed_over,
    hot,
    lead,
    standing,
)

FORM = {
    "handoff.brief": {
        "attributes": ["country", "employees", "free_mail"],
        "activity_count": 2,
        "promise_count": 1,
    }
}


def brief(story: Lead) -> Brief:
    """Return the newest brief."""
    return next(said.brief for said in reversed(story.all) if isinstance(said, HandoffOpened))


def viewed(page: str, **fields: Any) -> Engaged:
    """Return a page view."""
    return Engaged(channel=EngagementChannel.PAGE, action="view", name=page, **fields)


def told(story: Lead) -> list[str]:
    """Return the activities of the newest brief."""
    return [activity.what for activity in brief(story).activities]


def test_a_brief_says_who_and_why_now() -> None:
    made = brief(captured().say(DEMO, said=(hot(),)))
    assert (made.lead_id, made.cell) == ("L1", "A1")
    assert made.why_now == "the score reached what the stage asks for: hot (A1)"


def test_a_brief_says_what_brought_the_lead_when_it_was_no_score() -> None:
    story = captured({"lifecycle.stages.1.enter": {"facts": [{"kind": "engaged", "name": "demo"}]}}).say(DEMO)
    assert brief(story).why_now == "a fact that enters this stage was said: engaged"
    assert brief(story).cell is None


def test_a_brief_holds_the_attributes_that_the_agreement_lists_and_no_others() -> None:
    story = lead(FORM).say(
        Captured(attributes={"country": "ES", "name_of_dog": "Bo"}), traits={"free_mail": True}
    )
    story.say(Enriched(attributes={"employees": 40})).say(DEMO, said=(hot(),))
    assert brief(story).attributes == {"country": "ES", "employees": 40, "free_mail": True}
    assert list(brief(story).attributes) == ["country", "employees", "free_mail"]


def test_what_a_tool_says_outweighs_what_was_derived_and_null_forgets() -> None:
    story = lead(FORM).say(Captured(attributes={"country": "PT"}), traits={"country": "ES", "employees": 3})
    story.say(Enriched(attributes={"employees": None})).say(DEMO, said=(hot(),))
    assert brief(story).attributes == {"country": "PT"}


def test_an_attribute_that_is_said_again_changes_nothing() -> None:
    story = lead(FORM).say(Captured(attributes={"country": "ES"}))
    before = standing(story)
    assert standing(story.say(Enriched(attributes={"country": "ES", "employees": None}))) is before


def test_a_brief_tells_the_last_things_that_the_lead_did() -> None:
    story = captured(FORM)
    for page in ("/a", "/b", "/c"):
        story.say(viewed(page))
    assert told(story.say(DEMO, said=(hot(),))) == ["page view /c", "form submit demo"]


def test_a_brief_may_tell_nothing_that_the_lead_did() -> None:
    story = captured({"handoff.brief": {"activity_count": 0, "promise_count": 0}})
    story.say(viewed("/a", promised="a call")).say(DEMO, said=(hot(),))
    assert (brief(story).activities, brief(story).promises) == ((), ())
    assert (standing(story).activities, standing(story).promises) == ((), ())


def test_a_long_name_is_cut_short() -> None:
    story = captured().say(viewed("/" + "x" * 2000)).say(DEMO, said=(hot(),))
    assert len(told(story)[0]) == MOST_TEXT
    assert told(story)[0].endswith("…")


def test_a_brief_tells_what_was_promised_by_either_side() -> None:
    two = {"handoff.brief": {"promise_count": 2}}
    story = captured(two).say(viewed("/webinar", promised="the slides"))
    story.say(Touched(channel=TouchChannel.CALL, promised="a price list", by=MARKETING)).say(
        DEMO, said=(hot(),)
    )
    assert [promise.what for promise in brief(story).promises] == ["the slides", "a price list"]


def test_a_refused_touch_promises_nothing() -> None:
    story = handed_over().say(Touched(channel=TouchChannel.CALL, promised="the moon", by=MARKETING))
    assert standing(story).promises == ()


def test_what_happened_earlier_and_became_known_in_time_is_told_in_its_place() -> None:
    story = captured(FORM).until("2026-03-02 10:00").say(viewed("/b"))
    story.hear(entry(viewed("/a"), at="2026-03-02 09:30", seq=50))
    story.hear(entry(DEMO, at="2026-03-02 11:00", seq=51, said=(cold(),)))
    story.hear(entry(CALL, at="2026-03-02 11:30", seq=52, said=(hot(),)))
    assert told(story) == ["page view /b", "form submit demo"]
    assert [noted.what for noted in standing(story).activities] == [
        "page view /a",
        "page view /b",
        "form submit demo",
    ]


def test_what_becomes_known_after_the_brief_does_not_change_it_when_history_is_folded_again() -> None:
    early = entry(viewed("/a"), at="2026-03-02 09:30", seq=2)
    late = entry(viewed("/late"), at="2026-03-02 09:45", seq=9)
    demo = entry(DEMO, at="2026-03-02 10:00", seq=3, said=(hot(),))
    live = captured().hear(early).hear(demo).hear(late)
    again = captured().hear(early).hear(late).hear(demo)
    assert brief(live) == brief(again)
    assert standing(live) == standing(again)


def test_the_next_brief_tells_what_became_known_too_late_for_the_last() -> None:
    story = handed_over().hear(entry(viewed("/late"), at="2026-03-02 09:45", seq=9))
    story.say(BAD_FIT)
    story.hear(entry(PAGE, at="2026-03-02 12:00", seq=20, said=(hot(7000),)))
    assert told(story) == ["page view /late", "form submit demo", "page view /pricing"]


def test_a_hand_off_that_a_decay_opens_tells_everything_that_lies_before() -> None:
    story = captured().say(viewed("/a"), said=(cold(),))
    decay = FiredTimer(WorkerName.SCORING, "decay", instant("2026-03-03 10:00"))
    from_decay = entry(at="2026-03-03 10:00", seq=0, said=(hot(reason="decay"),), timer=decay)
    assert told(story.hear(from_decay)) == ["page view /a"]
