"""What travels on the line names nobody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.facts import Captured, Engaged, Enriched, Erased, LeadFact, Merged, Subject, Touched, Unmerged
from schemas.vocabulary import EngagementChannel, TouchChannel
from services.sequencer.strip import strip
from tests.infra.drawn import facts

READ = frozenset({"country", "employees"})
PAGE = EngagementChannel.PAGE
ANA = Subject(email="ana@example.com", name="Ana")


@pytest.mark.parametrize("kind", [Captured, Enriched])
def test_only_attributes_that_the_agreement_reads_travel(kind: type[Captured] | type[Enriched]) -> None:
    fact = kind(attributes={"country": "ES", "employees": None, "twitter": "@ana"})
    assert strip(fact, READ) == kind(attributes={"country": "ES", "employees": None})
    assert strip(fact, frozenset()) == kind()


@pytest.mark.parametrize(
    ("address", "travels"),
    [
        ("https://example.com/prices?mail=ana@example.com", "https://example.com/prices"),
        ("https://example.com/prices#ana@example.com", "https://example.com/prices"),
        ("https://example.com/prices?", "https://example.com/prices"),
        ("/prices?x#y", "/prices"),
        ("/prices#y?x", "/prices"),
        ("https://ana:secret@example.com/prices", "https://example.com/prices"),
        ("https://example.com/@relevo", "https://example.com/@relevo"),
        ("https://example.com/prices", "https://example.com/prices"),
        (None, None),
    ],
)
def test_an_address_travels_without_what_may_name_a_person(address: str | None, travels: str | None) -> None:
    assert strip(Captured(landing_page=address), READ) == Captured(landing_page=travels)


@pytest.mark.parametrize(
    ("name", "travels"),
    [
        ("/prices?mail=ana@example.com", "/prices"),
        ("https://example.com/a#ana", "https://example.com/a"),
        ("Webinar #3", "Webinar #3"),
        ("demo", "demo"),
        ("", ""),
        (None, None),
    ],
)
def test_so_does_the_name_of_a_page(name: str | None, travels: str | None) -> None:
    said = Engaged(channel=PAGE, action="view", name=name)
    assert strip(said, READ) == Engaged(channel=PAGE, action="view", name=travels)


def test_those_who_are_merged_or_parted_are_not_named() -> None:
    assert strip(Merged(other=ANA), READ) == Merged(other=Subject())
    assert strip(Unmerged(other=ANA), READ) == Unmerged(other=Subject())


@pytest.mark.parametrize(
    "fact", [Erased(), Touched(channel=TouchChannel.CALL), Enriched(attributes={"country": "ES"}), Captured()]
)
def test_what_names_nobody_travels_as_it_is(fact: LeadFact) -> None:
    assert strip(fact, READ) is fact


@given(
    facts.filter(lambda fact: fact.kind not in ("heartbeat", "agreement_signed")), st.frozensets(st.text())
)
def test_stripping_twice_is_stripping_once(fact: LeadFact, allowed: frozenset[str]) -> None:
    once = strip(fact, allowed)
    assert strip(once, allowed) == once
    assert set(getattr(once, "attributes", {})) <= allowed
    assert once.kind == fact.kind
