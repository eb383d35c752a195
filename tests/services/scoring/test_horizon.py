"""The search against the plain way: look at every instant at which anything can change."""

from hypothesis import given
from hypothesis import strategies as st

from schemas.agreement import Agreement
from schemas.entries import Entry
from services.scoring.book import Book, book_of
from services.scoring.engagement import measure
from services.scoring.horizon import next_crossing
from services.scoring.state import SECOND, Earned, microseconds
from tests.builders import agreement
from tests.effort import examples
from tests.services.scoring.histories import agreements, histories, scored
from tests.services.scoring.leads import engaging, rule

DAY = 86_400
START = 20_000 * DAY


def plainly(book: Book, earned: Earned, second: int) -> int | None:
    """Return the first of the instants at which points are lost that finds another level."""
    level = book.level(measure(book, earned, second).total)
    changes = {
        fact[0] // SECOND + age
        for name, facts in earned.marks.items()
        for fact in facts
        for age in book.earning[name].losses
    }
    later = sorted(change for change in changes if change > second)
    return next((one for one in later if book.level(measure(book, earned, one).total) != level), None)


def searched(terms: Agreement, earned: Earned, second: int) -> tuple[int | None, int | None]:
    book = book_of(terms)
    return next_crossing(book, earned, measure(book, earned, second)), plainly(book, earned, second)


def facts(*days: float, name: str = "page") -> dict[str, tuple[tuple[int, str, str], ...]]:
    return {name: tuple((int((START + day * DAY) * SECOND), "web", f"{name}{day}") for day in days)}


@examples(6)
@given(terms=agreements(), history=histories(), wait=st.sampled_from((0, 1, 3600, DAY, 20 * DAY)))
def test_the_search_finds_what_looking_everywhere_finds(
    terms: Agreement, history: list[Entry], wait: int
) -> None:
    earned = scored(history, terms).earned
    found, expected = searched(terms, earned, microseconds(history[-1].at) // SECOND + wait)
    assert found == expected


def test_a_total_that_a_cap_holds_at_the_threshold_is_waited_for_until_the_cap_lets_go() -> None:
    terms = agreement(engaging(rule(5, cap=20), half_life_days=30))
    found, expected = searched(terms, Earned(facts(0, 1, 2, 2.5, 3, 3.25, 4)), START + 4 * DAY)
    assert found == expected is not None


def test_many_facts_of_different_ages_and_paces_are_searched_to_the_second() -> None:
    terms = agreement(
        engaging(
            rule(1, half_life_days=30),
            rule(8, id="pricing", half_life_days=7, cap=30),
            rule(20, id="demo", window_days=60),
            total_cap=60,
        )
    )
    earned = Earned(facts(*range(40)) | facts(30, 31, 33, 38, 39, name="pricing") | facts(1, 20, name="demo"))
    found, expected = searched(terms, earned, START + 40 * DAY)
    assert found == expected is not None


def test_a_total_that_falls_and_rises_past_a_threshold_is_caught_falling() -> None:
    terms = agreement(
        engaging(rule(30, half_life_days=2), rule(-18, id="gone", half_life_days=1), rule(9, id="stays"))
    )
    earned = Earned(facts(0) | facts(0.25, name="gone") | facts(0, name="stays"))
    for hours in range(0, 200, 8):
        found, expected = searched(terms, earned, START + DAY + hours * 3600)
        assert found == expected


def test_a_level_that_only_the_end_of_points_below_zero_brings_back() -> None:
    terms = agreement(engaging(rule(25), rule(-10, id="gone", half_life_days=3)))
    found, expected = searched(terms, Earned(facts(0) | facts(1, name="gone")), START + DAY)
    assert found == expected is not None


def test_a_level_that_is_out_of_reach_is_never_crossed() -> None:
    terms = agreement(engaging(rule(15), rule(-10, id="gone", half_life_days=3)))
    assert searched(terms, Earned(facts(0) | facts(1, name="gone")), START + DAY) == (None, None)


def test_points_that_are_nearly_gone_near_a_threshold_do_not_reach_it() -> None:
    terms = agreement(engaging(rule("20.05"), rule("0.03", id="trace", half_life_days=3)))
    assert searched(terms, Earned(facts(0) | facts(0, name="trace")), START) == (None, None)
