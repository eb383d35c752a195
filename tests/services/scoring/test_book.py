"""What is made of an agreement before anything is counted."""

from schemas.facts import Captured, Engaged, LeadFact, Touched
from schemas.vocabulary import EngagementChannel, TouchChannel
from services.scoring.book import book_of
from tests.builders import agreement
from tests.services.scoring.leads import engaging, rule


def viewed(name: str | None) -> Engaged:
    return Engaged(channel=EngagementChannel.PAGE, action="viewed", name=name)


def test_a_book_is_made_once_an_agreement() -> None:
    terms = agreement()
    assert book_of(terms) is book_of(terms)


def test_agreements_of_the_same_version_have_books_of_their_own() -> None:
    one, other = agreement(engaging(rule(5))), agreement(engaging(rule(8)))
    assert [book_of(terms).earning["page"].worth for terms in (one, other, one)] == [500, 800, 500]


def test_books_beyond_those_kept_are_made_again() -> None:
    terms = agreement()
    first = book_of(terms)
    others = [agreement() for _ in range(40)]
    assert {book_of(one).key for one in others} == {"test-1"}
    assert book_of(terms) == first


def test_the_digest_is_the_key_of_a_document_that_has_one() -> None:
    assert book_of(agreement().model_copy(update={"digest": "d1"})).key == "d1"


def test_a_fact_is_for_the_rules_whose_pattern_it_is() -> None:
    pricing = rule(8, id="pricing", on={"kind": "engaged", "name": "/pricing*"})
    call = rule(3, id="call", on={"kind": "touched", "channel": "call", "outcome": "connected"})
    seen = rule(1, id="seen", on={"kind": "captured"})
    book = book_of(agreement(engaging(rule(5), pricing, call, seen)))
    facts: list[LeadFact] = [
        viewed("/pricing/teams"),
        viewed("/"),
        viewed(None),
        Touched(channel=TouchChannel.CALL, outcome="connected"),
        Touched(channel=TouchChannel.CALL, outcome="no_answer"),
        Captured(campaign="spring"),
    ]
    expected = [["page", "pricing"], ["page"], ["page"], ["call"], [], ["seen"]]
    for _ in range(2):
        assert [[one.id for one in book.matched(fact)] for fact in facts] == expected


def test_more_pages_than_are_remembered_are_still_told_apart() -> None:
    book = book_of(agreement(engaging(rule(5, on={"kind": "engaged", "name": "/a*"}))))
    found = [len(book.matched(viewed(f"/{'ab'[number % 2]}{number}"))) for number in range(5000)]
    assert found == [1, 0] * 2500


def test_levels_and_grades_begin_at_their_thresholds() -> None:
    book = book_of(agreement())
    assert [book.level(points) for points in (5000, 4999, 2000, 1999)] == ["1", "2", "2", "3"]
    assert [book.grade(points) for points in (5000, 4999, 2500, 2499)] == ["A", "B", "B", "C"]


def test_a_span_holds_just_the_points_of_a_level() -> None:
    for terms in ({}, {"scoring.engagement.level_2_from": 60}):
        book = book_of(agreement(terms))
        for points in range(0, 10_001, 7):
            floor, ceiling = book.span(points)
            assert floor <= points < ceiling
            near = {book.level(one) for one in (max(floor, 0), points, min(ceiling - 1, 10_000))}
            assert near == {book.level(points)}
            assert ceiling > 10_000 or book.level(ceiling) < book.level(points)


def test_a_rule_is_bounded_by_its_group_where_no_points_have_the_other_sign() -> None:
    minus = rule(-3, id="minus")
    assert book_of(agreement(engaging(rule(5), groups={"web": 30}))).earning["page"].bound == 3000
    assert book_of(agreement(engaging(rule(5, cap=9), groups={"web": 30}))).earning["page"].bound == 900
    assert book_of(agreement(engaging(rule(5), minus, groups={"web": 30}))).earning["page"].bound > 10**9
