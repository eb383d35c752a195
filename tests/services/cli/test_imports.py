"""``relevo import``: a file's history through the line, as often as one likes."""

import json
from itertools import islice
from pathlib import Path
from typing import Any

from infra.store.opening import open_store
from infra.store.reading.standing import imports_of
from schemas.facts import FactEvent, ImportOpened
from services.cli.importing import import_source
from services.cli.signing import put_in_force
from services.imports.jsonl import jsonl_file
from services.line import open_line
from services.line_host import control_event
from tests.house.tree import ROOT
from tests.services.cli.conftest import Relevo
from tests.services.imports.files import write_olist

MAPPING = """\
source: small-crm
id: [Id]
dates: "%Y-%m-%d"
zone: Europe/Madrid
subject: {external_ids: {small_crm: Id}}
facts:
  - {kind: captured, at: Created, origin: Channel}
  - {kind: won, at: Closed, amount: {column: Amount, currency: EUR}}
"""
DEALS = """\
Id,Created,Channel,Closed,Amount
1,2026-01-05,web,2026-02-01,100.00
2,2026-01-06,fair,,
3,soon,web,,
"""


def facts(count: int) -> list[dict[str, Any]]:
    return [
        {
            "specversion": "1.0",
            "id": f"e{number}",
            "source": "crm",
            "type": "relevo.lead.captured",
            "time": f"2026-01-{number % 28 + 1:02}T09:00:00Z",
            "data": {"subject": {"email": f"p{number}@b.es"}, "fact": {"kind": "captured", "origin": "web"}},
        }
        for number in range(count)
    ]


def write(file: Path, events: list[dict[str, Any]]) -> None:
    file.write_text("".join(f"{json.dumps(event)}\n" for event in events))


def test_a_csv_file_is_imported_and_its_bad_row_put_aside(relevo: Relevo, tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text(DEALS)
    (tmp_path / "deals.yaml").write_text(MAPPING)
    ran = relevo("import", "csv", "deals.csv", "--mapping", "deals.yaml", "--json")
    assert (ran.code, "1 dead letter: 1 row_date (relevo dead)" in ran.err) == (0, True)
    done = ran.json
    assert (done["read_count"], done["admitted_count"], done["dead_count"], done["lead_count"]) == (
        4,
        3,
        1,
        2,
    )
    assert relevo("lead", "small_crm:1", "--json").json["won_at"] == "2026-01-31T23:00:00Z"
    (letter,) = relevo("dead", "--json").json
    assert (letter["reason"], letter["original"]) == ("row_date", "3,soon,web,,\n")
    assert letter["detail"].startswith("deals.csv:4: ")
    assert relevo("verify").code == 0


def test_an_import_accounts_for_every_row(relevo: Relevo, tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text(DEALS + "4,2026-01-08,test,,\n1,2026-01-05,web,2026-02-01,100.00\n")
    (tmp_path / "deals.yaml").write_text(f"{MAPPING}ignore: {{column: Channel, in: [test]}}\n")
    first = relevo("import", "csv", "deals.csv", "--mapping", "deals.yaml").err
    assert "Read 5 rows of deals.csv-" in first
    assert "ignored 1 of them (1 because the mapping ignores Channel 'test')" in first
    assert "They say 5 facts: 3 new, 2 known already. In the store now: 2 captured leads." in first
    assert "1 dead letter: 1 row_date: relevo dead says what to do." in first
    (tmp_path / "deals.csv").write_text(DEALS + "5,2026-01-09,web,,\n")
    second = relevo("import", "csv", "deals.csv", "--mapping", "deals.yaml").err
    assert "They say 4 facts: 1 new, 3 known already. In the store now: 3 captured leads." in second
    assert "1 more row cannot be read and had been put aside before." in second


def test_the_account_of_an_import_is_data_too(relevo: Relevo, tmp_path: Path) -> None:
    unfit = {**facts(1)[0], "id": "x", "data": {"fact": {"kind": "captured"}}}
    write(tmp_path / "facts.jsonl", [*facts(3), *facts(2), unfit, {"broken": True}])
    done = relevo("import", "jsonl", "facts.jsonl", "--json").json
    del done["import_id"]
    assert done == {
        "read": True,
        "row_count": 7,
        "ignored": {},
        "read_count": 7,
        "fact_count": 6,
        "admitted_count": 3,
        "changed_count": 0,
        "known_count": 2,
        "stayed_count": 0,
        "dead": {"no_identity": 1, "schema": 1},
        "dead_count": 2,
        "known_bad_count": 0,
        "superseded_count": 0,
        "lead_count": 3,
        "leads": {"captured": 3, "never_captured": 0, "tests": 0, "merged": 0, "forgotten": 0},
    }
    assert relevo("import", "jsonl", "facts.jsonl", "--json").json["read"] is False


def test_a_row_is_corrected_in_its_file_and_not_resubmitted(relevo: Relevo, tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text(DEALS.replace("3,soon", "3,2026-01-07").replace("100.00", "x"))
    (tmp_path / "deals.yaml").write_text(MAPPING)
    relevo("import", "csv", "deals.csv", "--mapping", "deals.yaml")
    (letter,) = relevo("dead", "--json").json
    assert letter["reason"] == "row"
    ran = relevo("dead", "resubmit", str(letter["id"]))
    assert (ran.code, "correct the row, or the mapping, and import the file again" in ran.err) == (2, True)


def test_a_second_run_adds_nothing(relevo: Relevo, tmp_path: Path) -> None:
    write(tmp_path / "facts.jsonl", facts(30))
    first = relevo("import", "jsonl", "facts.jsonl", "--json").json
    second = relevo("import", "jsonl", "facts.jsonl", "--json").json
    assert (first["admitted_count"], second["admitted_count"], second["dead_count"]) == (30, 0, 0)
    assert second["lead_count"] == 30
    assert "nothing was added" in relevo("import", "jsonl", "facts.jsonl").err


def test_a_file_that_has_grown_adds_only_what_is_new(relevo: Relevo, tmp_path: Path) -> None:
    write(tmp_path / "facts.jsonl", facts(10))
    relevo("import", "jsonl", "facts.jsonl")
    write(tmp_path / "facts.jsonl", facts(12))
    assert relevo("import", "jsonl", "facts.jsonl", "--json").json["admitted_count"] == 2


def test_facts_are_decided_in_the_historys_own_time(relevo: Relevo, tmp_path: Path) -> None:
    write(tmp_path / "facts.jsonl", facts(1))
    relevo("import", "jsonl", "facts.jsonl")
    (lead,) = relevo("stalled", "--json").json
    assert lead["since"] == "2026-01-01T09:00:00Z"
    assert lead["due_at"].startswith("2026-0")


def test_an_import_that_was_interrupted_goes_on_where_it_was(relevo: Relevo, tmp_path: Path) -> None:
    write(tmp_path / "facts.jsonl", [*facts(20), {"broken": True}])
    source = jsonl_file(tmp_path / "facts.jsonl")
    with open_line("sqlite:///relevo.db") as line:  # what a killed process leaves: half of it, and no close
        put_in_force(line, None)
        opened = ImportOpened(import_id=source.import_id)
        line.say([control_event(opened, f"{source.import_id}:opened")])
        line.say(item for item in islice(source, 8) if isinstance(item, FactEvent))
        line.decide()
    doctor = {one["check"]: one for one in relevo("doctor", "--json").json}
    assert (doctor["imports"]["verdict"], doctor["log"]["verdict"]) == ("warn", "ok")
    assert {lead["stage"] for lead in relevo("leads", "--json").json} == {None}  # stored, and not decided
    done = relevo("import", "jsonl", "facts.jsonl", "--json").json
    assert (done["admitted_count"], done["lead_count"]) == (12, 20)
    assert relevo("verify").code == 0
    with open_store("sqlite:///relevo.db") as database, database.reading() as connection:
        assert [one.closed_seq is not None for one in imports_of(connection)] == [True]


def test_an_unreadable_line_is_put_aside_once_however_often_it_is_read(
    relevo: Relevo, tmp_path: Path
) -> None:
    (tmp_path / "facts.jsonl").write_bytes(b"{\n" + json.dumps(facts(1)[0]).encode() + b"\n")
    relevo("import", "jsonl", "facts.jsonl")
    (tmp_path / "facts.jsonl").write_bytes(b"{\n")
    relevo("import", "jsonl", "facts.jsonl")
    assert [one["original"] for one in relevo("dead", "--json").json] == ["{"]


def test_an_unreadable_line_is_told_with_its_place_in_the_file(relevo: Relevo, tmp_path: Path) -> None:
    (tmp_path / "facts.jsonl").write_bytes(json.dumps(facts(1)[0]).encode() + b"\n\n{\n")
    relevo("import", "jsonl", "facts.jsonl")
    (letter,) = relevo("dead", "--json").json
    assert letter["detail"].startswith("facts.jsonl:3: line 1, column 2: ")


def test_what_was_imported_can_be_counted_by_who_calls(relevo: Relevo, tmp_path: Path) -> None:
    write(tmp_path / "facts.jsonl", facts(3))
    assert relevo("agreement", "init").code == 0
    with open_line("sqlite:///relevo.db") as line:
        put_in_force(line, tmp_path / "agreement.yaml")
        done = import_source(line, jsonl_file(tmp_path / "facts.jsonl"))
    assert (done.read_count, done.admitted_count, done.lead_count) == (3, 3, 3)


def test_standard_input_is_a_file_too(in_a_process: Relevo) -> None:
    given = "".join(f"{json.dumps(event)}\n" for event in facts(2)).encode()
    ran = in_a_process("import", "jsonl", "-", "--json", given=given)
    assert (ran.code, ran.json["admitted_count"]) == (0, 2)


def test_files_that_cannot_be_used_are_one_sentence_and_make_no_store(relevo: Relevo, tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text("Id;Created\n1;2\n")
    (tmp_path / "deals.yaml").write_text(MAPPING)
    (tmp_path / "bad.yaml").write_text("source: [")
    for arguments in (
        ("jsonl", "nowhere.jsonl"),
        ("olist", "nowhere"),
        ("olist", "."),
        ("csv", "nowhere.csv", "--mapping", "deals.yaml"),
        ("csv", "deals.csv", "--mapping", "deals.yaml"),
        ("csv", "deals.csv", "--mapping", "bad.yaml"),
        ("csv", "deals.csv", "--mapping", "nowhere.yaml"),
    ):
        ran = relevo("import", *arguments)
        assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1), arguments
    assert not (tmp_path / "relevo.db").exists()


def test_olist_is_run_under_its_own_agreement_also_beside_another(relevo: Relevo, tmp_path: Path) -> None:
    assert relevo("agreement", "init").code == 0
    write_olist(tmp_path, leads=("1,2018-02-01,a,social",), deals=("1,s,,,2018-02-26 19:58:54,pet,20.0",))
    ran = relevo("import", "olist", ".", "--json")
    assert "Signed the olist agreement" in ran.err
    assert (ran.json["admitted_count"], ran.json["dead"]) == (2, {})


def test_a_report_of_salesforce_and_its_webhooks_speak_of_the_same_leads(relevo: Relevo) -> None:
    examples = ROOT / "examples" / "imports"
    said = ("say", "enriched", "--external", "salesforce:00Q5f000006k0ABEAY", "attributes.tier=gold")
    assert relevo(*said).code == 0
    relevo("import", "csv", f"{examples}/salesforce.csv", "--mapping", f"{examples}/salesforce.yaml")
    assert len(relevo("leads", "--json").json) == 2
    found = [relevo("lead", f"salesforce:00Q5f000006k0AB{end}", "--json").json for end in ("", "EAY")]
    assert [lead["name"] for lead in found] == ["Ben Hale"] * 2
