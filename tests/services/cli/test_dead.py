"""``relevo dead``: what could not be taken, why, and the way back."""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from tests.services.cli.conftest import Relevo

BAD = [
    b"\xff\xfe{",
    b'{"id":"1","id":"2"}',
    b'{"a": NaN}',
    b"[" * 10_000,
    b'{"specversion":"1.0","id":"5","source":"t","type":"relevo.lead.flew","data":{"fact":{"kind":"flew"}}}',
]


def event(event_id: str, **changes: Any) -> dict[str, Any]:
    """Return a captured fact as a CloudEvent."""
    document = {
        "specversion": "1.0",
        "id": event_id,
        "source": "crm",
        "type": "relevo.lead.captured",
        "time": "2026-03-02T09:30:00Z",
        "data": {"subject": {"email": f"{event_id}@example.com"}, "fact": {"kind": "captured"}},
    }
    return {**document, **changes}


def write_lines(file: Path, *lines: bytes | dict[str, Any]) -> None:
    written = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    file.write_bytes(b"\n".join(written) + b"\n")


@pytest.fixture
def buried(relevo: Relevo, tmp_path: Path) -> list[dict[str, Any]]:
    """Five unreadable lines and one whose time is out of bounds, imported."""
    write_lines(tmp_path / "facts.jsonl", *BAD, event("late", time="9999-01-01T00:00:00Z"))
    assert relevo("import", "jsonl", "facts.jsonl").code == 0
    found: list[dict[str, Any]] = relevo("dead", "list", "--json").json
    return found


def test_each_has_a_typed_reason_the_bytes_and_the_remedy(buried: list[dict[str, Any]]) -> None:
    reasons = {letter["reason"] for letter in buried}
    assert reasons == {"not_json", "duplicate_key", "not_finite", "too_deep", "unknown_type", "bad_instant"}
    assert all(letter["remedy"] and letter["detail"] for letter in buried)
    assert {"[" * 10_000, '{"a": NaN}'} <= {letter["original"] for letter in buried}
    assert set(BAD) <= {b64decode(letter["original_base64"]) for letter in buried}


def test_without_a_verb_the_list_is_shown(relevo: Relevo, buried: list[dict[str, Any]]) -> None:
    ran = relevo("dead")
    assert "6 dead letters wait: 1 bad_instant, 1 duplicate_key" in ran.err
    assert relevo("dead", "--json").json == buried


def test_the_list_can_be_kept_to_a_reason(relevo: Relevo, buried: list[dict[str, Any]]) -> None:
    found = relevo("dead", "list", "--reason", "too_deep", "--json").json
    assert [letter["reason"] for letter in found] == ["too_deep"]
    assert found[0] in buried


def test_the_list_counts_what_it_lists_and_says_of_how_many(
    relevo: Relevo, buried: list[dict[str, Any]]
) -> None:
    assert relevo("dead", "list", "--reason", "too_deep").err == "1 of 6 that wait is for too_deep.\n"
    assert relevo("dead", "list", "--reason", "currency").err == "0 of 6 that wait are for currency.\n"
    assert relevo("dead", "list", "--limit", "2").err.endswith("; 2 shown, --limit 6 shows all.\n")
    number = next(str(one["id"]) for one in buried if one["reason"] == "not_finite")
    relevo("dead", "resubmit", number)
    assert "1 more wait no longer" in relevo("dead", "list", "--all").err
    assert "Dead letters (times in Europe/Madrid)" in relevo("dead").out


def test_a_list_by_an_unknown_reason_is_refused_with_the_choices(relevo: Relevo) -> None:
    ran = relevo("dead", "list", "--reason", "foo")
    assert ran.code == 2
    assert "--reason foo: choose from not_json" in ran.err


def test_one_is_shown_with_the_bytes_on_standard_output(relevo: Relevo, buried: list[dict[str, Any]]) -> None:
    letter = next(one for one in buried if one["reason"] == "not_finite")
    ran = relevo("dead", "show", str(letter["id"]))
    assert ran.out == '{"a": NaN}\n'
    assert "What to do: send null where there is no number." in ran.err


def test_one_that_there_is_not_is_refused(relevo: Relevo, buried: list[dict[str, Any]]) -> None:
    ran = relevo("dead", "show", "99")
    assert (ran.code, ran.out) == (2, "")
    assert "there is no dead letter 99" in ran.err
    assert len(buried) == 6


def test_a_corrected_one_keeps_its_id_and_is_admitted_once(
    relevo: Relevo, tmp_path: Path, buried: list[dict[str, Any]]
) -> None:
    letter = next(one for one in buried if one["reason"] == "bad_instant")
    write_lines(tmp_path / "fixed.json", event("late"))
    done = relevo("dead", "resubmit", str(letter["id"]), "--with", "fixed.json", "--json")
    assert (done.code, done.json) == (0, {"resubmitted_count": 1, "admitted_count": 1, "dead_count": 0})
    assert relevo("lead", "late@example.com", "--json").json["captured_at"] == "2026-03-02T09:30:00Z"
    again = relevo("dead", "resubmit", str(letter["id"]), "--with", "fixed.json")
    assert (again.code, "was resubmitted before" in again.err) == (2, True)
    assert letter["id"] not in [one["id"] for one in relevo("dead", "list", "--json").json]
    assert letter["id"] in [one["id"] for one in relevo("dead", "list", "--all", "--json").json]


def test_a_correction_under_another_id_is_refused(
    relevo: Relevo, tmp_path: Path, buried: list[dict[str, Any]]
) -> None:
    letter = next(one for one in buried if one["reason"] == "bad_instant")
    write_lines(tmp_path / "fixed.json", event("other"))
    ran = relevo("dead", "resubmit", str(letter["id"]), "--with", "fixed.json")
    assert ran.code == 2
    assert "keep 'late', so that it is admitted once" in ran.err


def test_a_correction_that_cannot_be_read_is_refused(
    relevo: Relevo, tmp_path: Path, buried: list[dict[str, Any]]
) -> None:
    write_lines(tmp_path / "fixed.json", b"{")
    ran = relevo("dead", "resubmit", str(buried[0]["id"]), "--with", "fixed.json")
    assert ran.code == 2
    assert "the corrected event cannot be read either" in ran.err


def test_resubmitting_after_the_cause_was_mended_brings_a_fact_back_in_its_own_time(
    relevo: Relevo, tmp_path: Path
) -> None:
    relevo("agreement", "init", "euro.yaml")
    text = (tmp_path / "euro.yaml").read_text()
    dollar = text.replace("currency: EUR", "currency: USD")
    (tmp_path / "dollar.yaml").write_text(dollar)
    assert dollar != text
    won = {"kind": "won", "amount": {"amount_minor": 950, "currency": "USD"}}
    document = event("w", type="relevo.lead.won", data={"subject": {"email": "a@b.es"}, "fact": won})
    write_lines(tmp_path / "facts.jsonl", document)
    relevo("import", "jsonl", "facts.jsonl", "--agreement", "euro.yaml")
    assert [one["reason"] for one in relevo("dead", "--json").json] == ["currency"]
    done = relevo("dead", "resubmit", "--reason", "currency", "--agreement", "dollar.yaml", "--json")
    assert (done.code, done.json["admitted_count"]) == (0, 1)
    assert relevo("lead", "a@b.es", "--json").json["won_at"] == "2026-03-02T09:30:00Z"
    assert relevo("verify").code == 0


def test_a_win_of_a_row_in_another_currency_dies_alone_and_counts_once_it_is_converted(
    relevo: Relevo, tmp_path: Path
) -> None:
    facts = "[{kind: captured, at: Day}, {kind: won, at: Day, amount: {column: Sum, currency: USD}}]"
    (tmp_path / "m.yaml").write_text(f"source: crm\nid: [Id]\nsubject: {{email: Mail}}\nfacts: {facts}\n")
    (tmp_path / "deals.csv").write_text("Id,Mail,Day,Sum\n1,a@b.es,2026-03-02,100\n")
    assert relevo("import", "csv", "deals.csv", "--mapping", "m.yaml").code == 0
    assert relevo("lead", "a@b.es", "--json").json["won_at"] is None
    (letter,) = relevo("dead", "--json").json
    assert (letter["reason"], "relevo dead fix" in letter["remedy"]) == ("currency", True)
    shown = relevo("dead", "show", "1").out
    (tmp_path / "corrected.json").write_text(shown.replace("10000", "9200").replace("USD", "EUR"))
    assert relevo("dead", "fix", "1", "--with", "corrected.json").code == 0
    lead = relevo("lead", "a@b.es", "--json").json
    assert (lead["won_at"], lead["revenue_minor"]) == ("2026-03-02T00:00:00Z", 9200)
    assert relevo("verify").code == 0


def test_one_that_dies_again_is_told_and_has_a_new_number(
    relevo: Relevo, buried: list[dict[str, Any]]
) -> None:
    letter = next(one for one in buried if one["reason"] == "not_finite")
    ran = relevo("dead", "resubmit", str(letter["id"]))
    assert (ran.code, ran.err) == (1, "Resubmitted 1: 0 admitted, 1 dead again.\n")
    newest = relevo("dead", "list", "--reason", "not_finite", "--json").json[-1]
    assert newest["id"] > letter["id"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "name dead letters by their numbers"),
        (("--reason", "nonsense"), "choose from not_json"),
        (("1", "2", "--with", "facts.jsonl"), "--with corrects one dead letter"),
        (("1", "--with", "nowhere.json"), "there is no file nowhere.json; check the path"),
    ],
)
def test_what_cannot_be_resubmitted_is_refused(
    relevo: Relevo, buried: list[dict[str, Any]], arguments: tuple[str, ...], sentence: str
) -> None:
    ran = relevo("dead", "resubmit", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert sentence in ran.err
    assert len(relevo("dead", "--json").json) == len(buried)


def test_a_number_that_is_given_twice_is_one_letter(relevo: Relevo, buried: list[dict[str, Any]]) -> None:
    number = str(buried[0]["id"])
    assert "Resubmitted 1: 0 admitted, 1 dead again." in relevo("dead", "resubmit", number, number).err
    (again,) = (str(one["id"]) for one in relevo("dead", "list", "--json").json if one not in buried)
    assert "Discarded 1 dead letter" in relevo("dead", "discard", again, again, "--because", "a test").err


def test_one_that_was_discarded_is_resubmitted_only_by_who_says_so(relevo: Relevo, tmp_path: Path) -> None:
    won = {"kind": "won", "amount": {"amount_minor": 950, "currency": "USD"}}
    document = event("w", type="relevo.lead.won", data={"subject": {"email": "a@b.es"}, "fact": won})
    write_lines(tmp_path / "facts.jsonl", document)
    relevo("import", "jsonl", "facts.jsonl")
    relevo("dead", "discard", "1", "--because", "not ours")
    for arguments in (("resubmit", "1"), ("resubmit", "1", "--try"), ("fix", "1", "--with", "facts.jsonl")):
        refused = relevo("dead", *arguments)
        assert (refused.code, "was discarded (not ours); add --discarded" in refused.err) == (2, True)
    relevo("agreement", "init", "dollar.yaml")
    dollar = (tmp_path / "dollar.yaml").read_text().replace("currency: EUR", "currency: USD")
    (tmp_path / "dollar.yaml").write_text(dollar)
    assert relevo("dead", "resubmit", "1", "--discarded", "--agreement", "dollar.yaml").code == 0
    assert relevo("lead", "a@b.es", "--json").json["won_at"] == "2026-03-02T09:30:00Z"


def test_one_whose_person_was_forgotten_is_neither_resubmitted_nor_corrected(
    relevo: Relevo, tmp_path: Path
) -> None:
    lost = {"subject": {"email": "a@b.es"}, "fact": {"kind": "captured"}, "import_id": "never-opened"}
    write_lines(tmp_path / "facts.jsonl", event("a", data=lost))
    relevo("say", "captured", "--email", "a@b.es")
    relevo("import", "jsonl", "facts.jsonl")
    relevo("say", "erased", "--email", "a@b.es")
    for arguments in (("resubmit", "1"), ("fix", "1", "--with", "facts.jsonl")):
        refused = relevo("dead", *arguments)
        assert (refused.code, "has been erased; there is nothing" in refused.err) == (2, True)


def test_a_store_without_dead_letters_says_so(relevo: Relevo) -> None:
    relevo("say", "captured", "--email", "a@b.es")
    assert relevo("dead").err == "No dead letter waits.\n"
    assert relevo("dead", "--json").json == []


def test_what_would_change_is_shown_before_it_is_changed(
    relevo: Relevo, tmp_path: Path, buried: list[dict[str, Any]]
) -> None:
    letter = next(one for one in buried if one["reason"] == "bad_instant")
    (tmp_path / "fixed.json").write_text(json.dumps(event("late")))
    tried = relevo("dead", "fix", str(letter["id"]), "--with", "fixed.json", "--try")
    assert (tried.code, tried.out) == (0, "There would be 1 new lead.\n")
    assert "a copy: 1 admitted, 0 dead again. Nothing has been changed." in tried.err
    data = relevo("dead", "resubmit", str(letter["id"]), "--with", "fixed.json", "--try", "--json").json
    assert (data["tried_count"], data["effect"]["new_lead_count"]) == (1, 1)
    assert relevo("dead", "--json").json == buried
    assert relevo("leads", "--json").json == []
    assert relevo("dead", "fix", str(letter["id"]), "--with", "fixed.json").code == 0
    assert len(relevo("leads", "--json").json) == 1


def test_a_trial_tells_what_would_be_dead_again_and_what_the_revenue_would_be(
    relevo: Relevo, tmp_path: Path
) -> None:
    def won(currency: str) -> dict[str, Any]:
        fact = {"kind": "won", "amount": {"amount_minor": 95_050, "currency": currency}}
        return event("w", type="relevo.lead.won", data={"subject": {"email": "a@b.es"}, "fact": fact})

    write_lines(tmp_path / "facts.jsonl", won("USD"))
    relevo("import", "jsonl", "facts.jsonl")
    as_it_is = relevo("dead", "resubmit", "1", "--try")
    assert (as_it_is.code, as_it_is.out) == (0, "1 fact would be put aside.\n")
    assert "0 admitted, 1 dead again" in as_it_is.err
    (tmp_path / "fixed.json").write_text(json.dumps(won("EUR")))
    fixed = relevo("dead", "fix", "1", "--with", "fixed.json", "--try")
    assert fixed.out == "There would be 1 new lead.\nThe revenue would be 950.50 EUR more.\n"
    assert [letter["id"] for letter in relevo("dead", "--json").json] == [1]


def test_letters_are_chosen_by_their_source(relevo: Relevo, buried: list[dict[str, Any]]) -> None:
    mine = [one["id"] for one in buried if one["source"] == "crm"]
    assert [one["id"] for one in relevo("dead", "list", "--source", "crm", "--json").json] == mine
    assert relevo("dead", "list", "--source", "nobody", "--json").json == []
    ran = relevo("dead", "discard", "--source", "crm", "--because", "a trial", "--json")
    assert ran.json == {"discarded_count": len(mine)}
    assert len(relevo("dead", "--json").json) == len(buried) - len(mine)


def test_a_trial_signs_nothing(relevo: Relevo, tmp_path: Path, buried: list[dict[str, Any]]) -> None:
    (tmp_path / "mine.yaml").write_text("any")
    ran = relevo("dead", "resubmit", str(buried[0]["id"]), "--try", "--agreement", "mine.yaml")
    assert (ran.code, "leave out one of them" in ran.err) == (2, True)
