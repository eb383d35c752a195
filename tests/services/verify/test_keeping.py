"""What the sequencer keeps: merges, imports, agreements, identities and files."""

import pytest

from tests.services.verify.told import Tampered

TAMPERED = {
    "a merge more": (
        "INSERT INTO merges (absorbed, survivor, from_seq) VALUES (:fay, :ana, 3)",
        "merge of {fay} at fact 3",
    ),
    "a merge less": ("DELETE FROM merges WHERE absorbed = :cy", "merge of {cy} at fact 9"),
    "a merge that was undone": (
        "UPDATE merges SET to_seq = 15 WHERE absorbed = :cy",
        "merge of {cy} at fact 9",
    ),
    "a merge that was not undone": (
        "UPDATE merges SET to_seq = NULL WHERE absorbed = :eva",
        "merge of {eva} at fact 10",
    ),
    "a merge into another lead": (
        "UPDATE merges SET survivor = :ana WHERE absorbed = :cy",
        "merge of {cy} at fact 9",
    ),
    "an import that was closed earlier": (
        "UPDATE imports SET closed_seq = 13",
        "first and last fact of import old",
    ),
    "an import that never was": (
        "INSERT INTO imports VALUES ('new', 1, 2)",
        "first and last fact of import new",
    ),
    "another agreement's digest": (
        "UPDATE agreements SET digest = 'x' WHERE seq = 12",
        "agreement signed as fact 12",
    ),
    "no second agreement": ("DELETE FROM agreements WHERE seq = 12", "agreement signed as fact 12"),
    "a file more": (
        "INSERT INTO states VALUES ('sequencer', 0, 'L0', NULL, 0, 0, 0, NULL, 0)",
        "states of a lead that no fact is about",
    ),
    "a file less": (
        "DELETE FROM states WHERE worker = 'sequencer' AND lead_id = :ana",
        "state of sequencer",
    ),
}


@pytest.mark.parametrize(("statement", "what"), TAMPERED.values(), ids=TAMPERED)
def test_what_the_facts_do_not_come_to_is_named(store: Tampered, statement: str, what: str) -> None:
    for name in ("fay", "cy", "eva"):
        what = what.replace(f"{{{name}}}", store.lead(name))
    assert what in store.run(statement).differences()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE identities SET lead_id = :bo WHERE lead_id = :ana",
        "DELETE FROM identities WHERE lead_id = :ana",
        "INSERT INTO identities VALUES (x'00', :ana, 0)",
    ],
)
def test_an_identifier_that_names_another_lead_is_named(store: Tampered, statement: str) -> None:
    found = store.run(statement).differences()
    assert any(what.startswith("lead that identifier ") for what in found)
    assert store.lead("ana") in found.values() or store.lead("bo") in found.values()


def test_somebody_who_did_not_ask_to_be_forgotten_is_named(store: Tampered) -> None:
    found = store.run("UPDATE identities SET erased = 1 WHERE lead_id = :ana").differences()
    assert [what.partition(" of ")[0] for what in found] == ["erasure"]
