"""Whose each fact is, and when: found again from what was sent, whatever the store says."""

import pytest

from tests.services.verify.told import Tampered

TAMPERED = {
    "a fact on another lead": (
        "UPDATE facts SET lead_id = :bo WHERE event_id = 'ana-asks'",
        "facts.lead_id of fact 3",
    ),
    "a fact on no lead": (
        "UPDATE facts SET lead_id = NULL WHERE event_id = 'ana-asks'",
        "facts.lead_id of fact 3",
    ),
    "a fact at another time": (
        "UPDATE facts SET at = '2026-03-01T00:00:00' WHERE event_id = 'ana-asks'",
        "facts.at of fact 3",
    ),
    "a fact that says something else": (
        "UPDATE facts SET fact = replace(fact, 'demo', 'news') WHERE event_id = 'ana-asks'",
        "facts.fact of fact 3",
    ),
    "a test that counts": (
        "UPDATE facts SET test = 0 WHERE event_id = 'tess'",
        "facts.test of fact 4",
    ),
    "a stamp from before the last one": (
        "UPDATE facts SET stamp = '2026-03-01T00:00:00' WHERE event_id = 'ana-asks'",
        "facts.stamp of fact 3",
    ),
    "a signing of something else": (
        "UPDATE facts SET fact = '{}' WHERE event_id = 'second'",
        "fact 12",
    ),
    "no fact": (
        "DELETE FROM facts WHERE event_id = 'ana-late'",
        "version in the state of sequencer",
    ),
    "a fact admitted twice": (
        "UPDATE facts SET event_id = 'ana' WHERE event_id = 'ana-asks'",
        "facts admitted twice",
    ),
}


RESENT = {
    "by somebody else": ("lead1@", "lead2@", "facts.lead_id of fact 3"),
    "in another form": ("{", "[", "fact 3"),
    "by nobody who can be told": ("lead1@example.com", "nobody", "fact 3"),
    "with another fact": ('"demo"', '"news"', "facts.fact of fact 3"),
}


@pytest.mark.parametrize(("statement", "what"), TAMPERED.values(), ids=TAMPERED)
def test_a_fact_that_was_tampered_with_is_named(store: Tampered, statement: str, what: str) -> None:
    assert what in store.run(statement).differences()


@pytest.mark.parametrize(("old", "new", "what"), RESENT.values(), ids=RESENT)
def test_a_fact_that_was_sent_otherwise_is_named(store: Tampered, old: str, new: str, what: str) -> None:
    assert what in store.resend("ana-asks", old, new).differences()


def test_the_lead_that_a_fact_should_sit_on_is_told(store: Tampered) -> None:
    store.run("UPDATE facts SET lead_id = :bo WHERE event_id = 'ana-asks'")
    (one,) = [each for each in store.verified().differences if each.what == "facts.lead_id of fact 3"]
    assert (one.expected, one.found) == (store.lead("ana"), store.lead("bo"))


def test_facts_whose_bytes_are_gone_are_counted_and_taken_at_their_word(store: Tampered) -> None:
    store.run("UPDATE facts SET original = NULL WHERE event_id IN ('bo', 'bo-is-cy')")
    report = store.verified()
    assert report.differences == []
    assert report.erased_fact_count == 5  # those two, cy's who is one with bo, and gus's two


def test_what_others_say_is_placed_again_beside_somebody_who_is_forgotten(store: Tampered) -> None:
    store.run("UPDATE facts SET original = NULL WHERE event_id IN ('bo', 'bo-is-cy')")
    store.run("UPDATE facts SET lead_id = :di WHERE event_id = 'ana-asks'")
    assert "facts.lead_id of fact 3" in store.differences()
