"""Each tool names people in its own way and is heard after what it tells has happened."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.facts import Captured, Subject
from services.demo.tools import (
    ADS,
    CALENDAR,
    CRM,
    CRM_ACCOUNT,
    ENRICHMENT,
    EVENTS,
    FORMS,
    MAIL,
    PRIVATE_FORMS,
    WEB,
    Draft,
    Tool,
    heard_at,
)
from tests.services.demo.years import AGREEMENT, life

TOOLS = (ADS, CALENDAR, CRM, CRM_ACCOUNT, ENRICHMENT, EVENTS, FORMS, MAIL, PRIVATE_FORMS, WEB)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_the_agreement_knows_the_tools() -> None:
    assert {tool.source for tool in TOOLS} <= set(AGREEMENT.sources)


@given(
    st.sampled_from(TOOLS),
    st.integers(0, 365 * 24 * 60).map(lambda minutes: NOON + timedelta(minutes=minutes)),
    st.floats(0, 1, exclude_max=True),
)
def test_nothing_is_heard_before_it_happens(tool: Tool, at: datetime, luck: float) -> None:
    assert at <= heard_at(tool, at, luck) <= at + timedelta(days=1, minutes=10)


def test_the_advertising_platform_delivers_at_night() -> None:
    assert heard_at(ADS, NOON, 0.5) == datetime(2026, 3, 3, 4, 5, tzinfo=UTC)
    assert heard_at(ADS, NOON.replace(hour=3), 0) == datetime(2026, 3, 2, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("tool", "names"),
    [
        (WEB, {"anonymous_id"}),
        (MAIL, {"email"}),
        (CRM, {"external_ids"}),
        (CRM_ACCOUNT, {"email", "name", "company", "external_ids"}),
    ],
)
def test_a_tool_says_no_more_of_a_person_than_it_knows(tool: Tool, names: set[str]) -> None:
    assert tool.names(life().person).model_fields_set == names


def test_a_form_joins_the_visitor_and_the_address() -> None:
    person = life().person
    subject = FORMS.names(person)
    assert (subject.anonymous_id, subject.email) == (person.anonymous_id, person.email)
    assert PRIVATE_FORMS.names(person).email == person.private_email


def test_a_draft_becomes_the_event_that_its_tool_sends() -> None:
    person = life().person
    event = Draft(NOON, NOON, WEB, Captured(), person, "web-1", test=True).event("demo")
    assert (event.source, event.id, event.time) == ("web", "web-1", NOON)
    assert event.data.subject == Subject(anonymous_id=person.anonymous_id)
    assert (event.data.test, event.data.import_id) == (True, "demo")
