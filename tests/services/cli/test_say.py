"""``relevo say``: a fact in, what came of it out."""

import json
from pathlib import Path

import pytest

from tests.services.cli.conftest import Relevo


def test_a_fact_is_said_and_decided_at_once(relevo: Relevo) -> None:
    ran = relevo("say", "captured", "origin=web", "--email", "ana@example.com", "--json")
    assert ran.code == 0
    assert ran.json["admitted"] is True
    assert ran.json["stage"] == "lead"
    assert ran.json["decided"] is True
    assert relevo("lead", "ana@example.com", "--json").json["origin"] == "web"


def test_a_new_store_says_which_agreement_it_took(relevo: Relevo) -> None:
    ran = relevo("say", "captured", "--email", "a@b.es")
    assert "Signed the b2b agreement that comes with Relevo" in ran.err
    assert "Signed" not in relevo("say", "captured", "--email", "b@b.es").err


def test_a_new_store_takes_the_agreement_of_the_folder(relevo: Relevo) -> None:
    relevo("agreement", "init", "--example", "ngo")
    assert "Signed agreement.yaml:" in relevo("say", "captured", "--email", "a@b.es").err


def test_every_field_finds_its_place(relevo: Relevo) -> None:
    relevo(
        *("say", "captured", "origin=fair", "attributes.country=ES", "attributes.employees=300"),
        *("attributes.vat=00123", "--external", "crm=42", "--name", "Ana Ruiz", "--company", "Talleres"),
    )
    relevo("say", "won", "amount=1,250.50EUR", "--external", "crm=42", "--by", "sales:lucia")
    page = relevo("lead", "crm:42", "--json", "--history").json
    assert (page["name"], page["company"], page["revenue_minor"]) == ("Ana Ruiz", "Talleres", 125_050)
    facts = {one["kind"]: one["body"] for one in page["history"] if one["what"] == "fact"}
    assert facts["captured"]["attributes"] == {"country": "ES", "employees": 300}
    assert facts["won"]["by"] == {"side": "sales", "owner": "lucia"}


def test_what_came_of_a_fact_is_told(relevo: Relevo) -> None:
    begun = relevo("say", "captured", "--email", "a@b.es").err
    assert "which stands at lead.\n  score C3 (cold)" in begun
    assert "  begins at Lead\n" in begun
    refused = relevo("say", "accepted", "--email", "a@b.es", "--json")
    assert (refused.code, refused.json["came_of_it"]) == (0, ["“accepted” was refused: no hand-off is open"])


def test_the_same_id_again_changes_nothing(relevo: Relevo) -> None:
    said = [relevo("say", "captured", "--email", "a@b.es", "--id", "e1", "--json").json for _ in range(2)]
    assert said[0] == said[1]
    assert relevo("lead", "a@b.es", "--json").json["fact_count"] == 1


def test_a_time_is_kept(relevo: Relevo) -> None:
    relevo("say", "captured", "--email", "a@b.es", "--at", "2026-03-02T09:30:00+01:00")
    assert relevo("lead", "a@b.es", "--json").json["captured_at"] == "2026-03-02T08:30:00Z"


def test_a_fact_that_dies_says_why_and_what_to_do(relevo: Relevo) -> None:
    relevo("say", "captured", "--email", "a@b.es")
    ran = relevo("say", "won", "amount=9.50USD", "--email", "a@b.es")
    assert ran.code == 1
    assert "it became dead letter 1" in ran.err
    assert "send amounts in the agreement's currency" in ran.err
    again = relevo("say", "won", "amount=9.50USD", "--email", "a@b.es", "--json")
    assert (again.code, again.json["admitted"], again.json["reason"]) == (1, False, "currency")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("wonn",), "no fact is called 'wonn'; did you mean won?"),
        (("import_opened",), "no fact is called 'import_opened'"),
        (("captured", "origin"), "'origin' is no field; write FIELD=VALUE"),
        (("captured", "colour=red"), "captured has no field colour; its fields are "),
        (("captured", "origin=a", "origin.b=c"), "origin has a value already"),
        (("touched",), "touched needs channel: write channel=…; its fields are channel, "),
        (("touched", "channel=smoke"), "channel: 'smoke' does not do; expected 'call', 'email' or 'meeting'"),
        (("won", "amount=9x"), "write an amount and its currency, like 950.00EUR"),
        (
            ("won", "amount=9.501EUR"),
            "amount=9.501EUR: '9.501' is too fine for EUR; write at most 2 decimals",
        ),
        (("won", "--external", "42"), "write a name and a value, like crm=42"),
        (("won", "--at", "yesterday"), "write an instant with its offset"),
        (("won", "--at", "2026-03-02T09:30:00"), "write an instant with its offset"),
        (("won", "amount.amount_minor=x"), "amount.amount_minor: 'x' does not do; expected a whole number"),
        (("won", "amount.amount_minor=9"), "won needs amount.currency: write amount.currency=…"),
        (("won", "--source", ""), "--source: '' does not do; expected text that is not blank"),
        (("won", "--id", "x" * 300), "does not do; expected text of at most 256 characters\n"),
        (("won", "--external", f"crm={'x' * 300}"), "--external: 'xxx"),
        (("won", "--anonymous", "x" * 300), "--anonymous: 'xxx"),
        (("captured", "attributes.=3"), "attributes.: '' does not do; expected text that is not blank"),
        (("captured", "attributes.size=1e999"), "attributes.size: 'inf' does not do; expected a number"),
        (("won", "--by", "legal:ana"), "--by: 'legal' does not do; expected 'marketing', "),
    ],
)
def test_what_cannot_be_said_is_refused_before_a_store_is_made(
    relevo: Relevo, tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    ran = relevo("say", *arguments, "--email", "a@b.es")
    assert (ran.code, ran.out) == (2, "")
    assert sentence in ran.err
    assert list(tmp_path.iterdir()) == []


def test_an_agreement_that_is_named_is_signed_first_and_once(relevo: Relevo) -> None:
    relevo("agreement", "init", "a.yaml", "--example", "university")
    first = relevo("say", "captured", "--email", "a@b.es", "--agreement", "a.yaml")
    second = relevo("say", "captured", "--email", "b@b.es", "--agreement", "a.yaml")
    assert ("Signed a.yaml" in first.err, "Signed" in second.err) == (True, False)
    assert len(relevo("agreement", "versions", "--json").json) == 1


def test_a_person_is_forgotten_on_request(relevo: Relevo) -> None:
    relevo("say", "captured", "--email", "ana@example.com", "--name", "Ana Ruiz")
    lead_id = relevo("lead", "ana@example.com", "--json").json["lead_id"]
    assert relevo("say", "erased", "--email", "ana@example.com").code == 0
    page = relevo("lead", lead_id, "--json").json
    assert (page["erased"], page["name"], page["email"]) == (True, None, None)
    assert relevo("leads", "--json").json == []
    again = relevo("say", "captured", "--email", "ana@example.com", "--json")
    assert (again.code, again.json["reason"]) == (1, "erased")
    assert json.dumps(page).count("Ana Ruiz") == 0


def test_other_words_under_a_name_that_is_taken_are_put_aside_and_told(relevo: Relevo) -> None:
    named = ("--id", "x", "--source", "fair", "--email", "ana@example.com")
    assert relevo("say", "captured", "origin=web", *named).code == 0
    other = relevo("say", "captured", "origin=fair", *named, "--json")
    assert (other.code, other.json["admitted"], other.json["reason"]) == (1, False, "conflicting_repeat")
    again = relevo("say", "captured", "origin=web", *named, "--json")
    assert (again.code, again.json["admitted"]) == (0, True)
    assert "1 conflicting_repeat" in relevo("doctor").out
