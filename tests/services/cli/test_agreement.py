"""``relevo agreement``: check, show, draw, sign; and what a changed clock does to those that run."""

from pathlib import Path

import pytest

from schemas.facts import AgreementSigned
from services.line import open_line
from services.line_host import control_event
from tests.services.cli.conftest import Relevo


@pytest.fixture
def b2b(relevo: Relevo, tmp_path: Path) -> str:
    """The text of the agreement that stands in the folder as ``agreement.yaml``."""
    assert relevo("agreement", "init").code == 0
    return (tmp_path / "agreement.yaml").read_text()


def test_a_good_agreement_passes_with_nothing_to_say(relevo: Relevo, b2b: str) -> None:
    ran = relevo("agreement", "check", "agreement.yaml")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == "agreement.yaml: 0 errors, 0 warnings.\n"
    assert relevo("agreement", "check", "agreement.yaml", "--json").json == []
    assert b2b


@pytest.mark.parametrize("name", ["b2b", "university", "ngo", "olist"])
def test_every_agreement_to_begin_with_is_good(relevo: Relevo, name: str) -> None:
    relevo("agreement", "init", f"{name}.yaml", "--example", name)
    ran = relevo("agreement", "check", f"{name}.yaml", "--json")
    assert (ran.code, ran.json) == (0, [])


def test_each_error_has_path_line_value_and_remedy(relevo: Relevo, b2b: str, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(b2b.replace("currency: EUR", "currency: euros"))
    ran = relevo("agreement", "check", "bad.yaml", "--json")
    (problem,) = ran.json
    assert ran.code == 2
    assert (problem["severity"], problem["path"], problem["value"]) == ("error", "currency", "euros")
    assert problem["line"] > 1
    assert "three capital letters" in problem["remedy"]
    assert relevo("agreement", "check", "bad.yaml").out.startswith("error    currency (line ")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"a: [", "this is no YAML"),
        (b"\xff\xfe", "this is no UTF-8 text"),
        (b"", "the document is empty"),
        (b"a: 1\na: 2\n", "stands twice"),
        (b"[" * 10_000, "nested more than"),
    ],
)
def test_a_file_that_is_no_agreement_is_an_error_everywhere(
    relevo: Relevo, tmp_path: Path, content: bytes, sentence: str
) -> None:
    (tmp_path / "bad.yaml").write_bytes(content)
    checked = relevo("agreement", "check", "bad.yaml")
    assert (checked.code, sentence in checked.out + checked.err) == (2, True)
    for arguments in (("agreement", "sign", "bad.yaml"), ("demo", "--agreement", "bad.yaml")):
        ran = relevo(*arguments)
        assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
        assert sentence in ran.err


def test_signing_a_bad_agreement_makes_no_store(relevo: Relevo, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("version: 1\n")
    assert relevo("agreement", "sign", "bad.yaml").code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["bad.yaml"]


def test_an_agreement_is_signed_once(relevo: Relevo, b2b: str) -> None:
    first = relevo("agreement", "sign", "agreement.yaml", "--json").json
    second = relevo("agreement", "sign", "agreement.yaml", "--json").json
    assert (first["signed"], first["version"], first["instead_of"]) == (True, "b2b-1", None)
    assert (second["signed"], second["version"]) == (False, None)
    assert [one["version"] for one in relevo("agreement", "versions", "--json").json] == ["b2b-1"]
    assert b2b


def test_signing_a_shorter_clock_moves_those_that_run_and_says_so(
    relevo: Relevo, b2b: str, tmp_path: Path
) -> None:
    relevo("agreement", "sign", "agreement.yaml")
    said = ("attributes.country=ES", "attributes.employees=300", "attributes.industry=manufacturing")
    relevo("say", "captured", *said, "--email", "ana@talleres.test")
    relevo("say", "engaged", "channel=form", "action=submitted", "name=demo", "--email", "ana@talleres.test")
    clocks = {one["clock"]: one for one in relevo("lead", "ana@talleres.test", "--json").json["clocks"]}
    assert "acceptance" in clocks
    shorter = b2b.replace("version: b2b-1", "version: b2b-2")
    before, clock, after = shorter.partition("- id: acceptance")
    after = after.replace("allowance: 4 business hours", "allowance: 1 business hour", 1)
    (tmp_path / "shorter.yaml").write_text(before + clock + after)
    tried = relevo("agreement", "sign", "shorter.yaml", "--try")
    assert tried.code == 0
    assert "1 clock moved" in tried.out
    assert tried.out.endswith("No lead would stand elsewhere.\n")
    assert "Nothing has been signed" in tried.err
    assert len(relevo("agreement", "versions", "--json").json) == 1
    signed = relevo("agreement", "sign", "shorter.yaml", "--json").json
    assert [change["path"] for change in signed["changes"]] == [
        "version",
        "handoff.clocks[acceptance].allowance",
    ]
    (moved,) = signed["clocks"]
    assert (moved["clock"], moved["running"]) == ("acceptance", True)
    assert moved["now_due_at"] < moved["due_at"] == clocks["acceptance"]["due_at"]
    assert relevo("verify").code == 0


def test_leads_that_would_stand_elsewhere_are_told_before_it_is_signed(
    relevo: Relevo, b2b: str, tmp_path: Path
) -> None:
    relevo("agreement", "sign", "agreement.yaml")
    relevo("say", "captured", "attributes.country=ES", "--email", "ana@talleres.test")
    relevo("say", "engaged", "channel=form", "action=submitted", "name=demo", "--email", "ana@talleres.test")
    assert relevo("lead", "ana@talleres.test", "--json").json["stage"] == "lead"
    (tmp_path / "hotter.yaml").write_text(
        b2b.replace("hot: [A1, A2, B1]", "hot: [A1, A2, B1, C1]").replace(
            "warm: [A3, B2, C1]", "warm: [A3, B2]"
        )
    )
    tried = relevo("agreement", "sign", "hotter.yaml", "--try")
    assert "1 lead would change stage:\n  1 from lead to mql\n" in tried.out
    told = relevo("agreement", "sign", "hotter.yaml", "--try", "--json").json
    assert told["signed"] is False
    assert told["effect"]["moved"] == [{"from": "lead", "to": "mql", "lead_count": 1}]
    assert relevo("lead", "ana@talleres.test", "--json").json["stage"] == "lead"


def test_what_was_signed_before_a_check_refused_it_can_be_replaced(
    relevo: Relevo, b2b: str, tmp_path: Path
) -> None:
    (tmp_path / "old.yaml").write_text(b2b.replace("default_region: ES", "default_region: UK"))
    assert relevo("agreement", "check", "old.yaml").code == 2
    with open_line(f"sqlite:///{tmp_path}/relevo.db") as line:
        line.say([control_event(AgreementSigned(document=(tmp_path / "old.yaml").read_text()), "old")])
        line.decide()
    assert "UK → ES" in relevo("agreement", "sign", "agreement.yaml", "--try").out
    signed = relevo("agreement", "sign", "agreement.yaml", "--json")
    assert (signed.code, [one["new"] for one in signed.json["changes"]]) == (0, ["ES"])


def test_a_trial_makes_no_store(relevo: Relevo, b2b: str, tmp_path: Path) -> None:
    assert b2b
    assert relevo("agreement", "sign", "agreement.yaml", "--try").code == 2
    assert not (tmp_path / "relevo.db").exists()


def test_what_changed_is_told_line_by_line(relevo: Relevo, b2b: str, tmp_path: Path) -> None:
    relevo("agreement", "sign", "agreement.yaml")
    (tmp_path / "next.yaml").write_text(b2b.replace("version: b2b-1", "version: b2b-2"))
    ran = relevo("agreement", "sign", "next.yaml")
    assert ran.out == "version: b2b-1 → b2b-2\n"
    assert "before" not in ran.err
    assert "0 running clocks, none of them moved." in ran.err


def test_a_version_that_has_the_name_of_another_is_told(relevo: Relevo, b2b: str, tmp_path: Path) -> None:
    relevo("agreement", "sign", "agreement.yaml")
    (tmp_path / "next.yaml").write_text(b2b.replace("return_points: 10", "return_points: 11"))
    assert "Other words were signed as b2b-1 before" in relevo("agreement", "sign", "next.yaml").err
    back = relevo("agreement", "sign", "agreement.yaml", "--json").json
    assert (back["signed"], back["is_name_taken"]) == (True, True)
    said = relevo("say", "captured", "--email", "a@b.es", "--agreement", "next.yaml")
    assert "Give the document a version of its own" in said.err


def test_the_currency_changes_only_until_revenue_has_been_counted(
    relevo: Relevo, b2b: str, tmp_path: Path
) -> None:
    (tmp_path / "pesos.yaml").write_text(b2b.replace("currency: EUR", "currency: MXN"))
    (tmp_path / "dollars.yaml").write_text(b2b.replace("currency: EUR", "currency: USD"))
    relevo("agreement", "sign", "agreement.yaml")
    relevo("say", "won", "--email", "ana@talleres.test")
    assert relevo("agreement", "sign", "pesos.yaml").code == 0
    won = ("amount.amount_minor=95000", "amount.currency=MXN")
    assert relevo("say", "won", *won, "--email", "bo@talleres.test").code == 0
    refused = relevo("agreement", "sign", "dollars.yaml")
    assert (refused.code, refused.out) == (2, "")
    assert "currency is USD, and this store has counted revenue in MXN" in refused.err
    assert relevo("agreement", "show", "--json").json["currency"] == "MXN"


def test_the_signed_agreement_is_shown_and_so_is_a_file(relevo: Relevo, year: Relevo) -> None:
    assert "The agreement" in year("agreement", "show").out
    assert year("agreement", "show", "--json").json["version"] == "b2b-1"
    relevo("agreement", "init", "ngo.yaml", "--example", "ngo")
    assert relevo("agreement", "show", "ngo.yaml", "--json").json["version"] != "b2b-1"


def test_the_stages_are_drawn_in_the_language_that_was_set(
    relevo: Relevo, b2b: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    english = relevo("agreement", "diagram", "agreement.yaml").out
    monkeypatch.setenv("RELEVO_LANGUAGE", "es")
    spanish = relevo("agreement", "diagram", "agreement.yaml").out
    assert english.startswith("stateDiagram-v2\n")
    assert 'state "Customer"' in english
    assert 'state "Cliente"' in spanish
    assert b2b


def test_init_overwrites_nothing(relevo: Relevo, tmp_path: Path) -> None:
    (tmp_path / "agreement.yaml").write_text("mine")
    ran = relevo("agreement", "init")
    assert (ran.code, "is there already" in ran.err) == (2, True)
    assert (tmp_path / "agreement.yaml").read_text() == "mine"


def test_init_knows_its_examples(relevo: Relevo) -> None:
    ran = relevo("agreement", "init", "--example", "bakery")
    assert (ran.code, ran.err) == (
        2,
        "relevo: --example bakery: choose from b2b, university, ngo, olist\n",
    )
