"""The mappings of ``examples/imports`` read the exports beside them: nothing goes aside, nobody is halved."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas.facts import Captured, ConsentChanged, FactEvent, Won
from schemas.vocabulary import Money
from services.imports.csv_mapping import csv_file
from services.imports.source import Census
from tests.house.tree import ROOT
from tests.services.imports.files import event, fact

FOLDER = ROOT / "examples" / "imports"


def said(name: str) -> dict[str, FactEvent]:
    """Return what an export says, by the facts' ids; a row that goes aside fails."""
    census = Census()
    items = [event(item) for item in csv_file(FOLDER / f"{name}.csv", FOLDER / f"{name}.yaml").items(census)]
    assert census.ignored == {}
    return {item.id: item for item in items}


def test_every_mapping_has_an_export_beside_it_and_is_documented() -> None:
    names = {path.stem for path in FOLDER.glob("*.yaml")}
    assert names == {path.stem for path in FOLDER.glob("*.csv")} == {"hubspot", "marketo", "salesforce"}
    page = (ROOT / "docs" / "imports.md").read_text(encoding="utf-8")
    assert [name for name in names if f"examples/imports/{name}.yaml" not in page] == []


def test_contacts_of_hubspot() -> None:
    facts = said("hubspot")
    assert set(facts) == {"captured:51", "opportunity_opened:51", "won:51", "captured:52", "captured:53"}
    ana = facts["captured:51"]
    assert ana.time == datetime(2026, 3, 1, 7, 15, tzinfo=UTC)
    assert (ana.data.subject.name, ana.data.subject.phone) == ("Ana Núñez", "+34612345678")
    assert fact(facts["won:51"]) == Won(amount=Money(amount_minor=1_250_000, currency="EUR"))
    tom = fact(facts["captured:52"])
    assert isinstance(tom, Captured)
    assert (tom.origin, tom.attributes["employees"]) == ("social", 1200)
    assert facts["captured:53"].data.subject.name == "Ferrer"


def test_leads_of_a_salesforce_report() -> None:
    facts = said("salesforce")
    first, second = "00Q5f000006k0AB", "00Q5f000006k0AC"
    assert set(facts) == {f"captured:{first}", f"captured:{second}", f"opportunity_opened:{second}"}
    ben, ines = facts[f"captured:{first}"], facts[f"captured:{second}"]
    assert ben.data.subject.phone == "+14155552671"
    assert ben.data.subject.external_ids == {"salesforce": first}
    assert fact(ben) == Captured(
        origin="organic_search",
        attributes={"country": "US", "annual_revenue": 1_250_000, "job_title": "VP Sales"},
    )
    assert (ines.data.subject.name, ines.data.subject.company) == ("Inés Peña", "Café Levante")


def test_leads_of_marketo() -> None:
    facts = said("marketo")
    assert set(facts) == {"captured:1001", "captured:1002", "consent_changed:1002"}
    assert facts["captured:1001"].data.subject.name == "José Muñoz"
    zoe = facts["captured:1002"].data.subject
    assert (zoe.name, zoe.phone) == ("Peña", None)
    assert fact(facts["captured:1002"]) == Captured(attributes={"country": "MX"})
    consent = fact(facts["consent_changed:1002"])
    assert isinstance(consent, ConsentChanged)
    assert consent.granted is False


@pytest.mark.parametrize("name", ["hubspot", "marketo", "salesforce"])
def test_the_exports_are_written_as_their_tools_write_them(name: str) -> None:
    content = Path(FOLDER / f"{name}.csv").read_bytes()
    marks = {
        "hubspot": content.startswith(b"\xef\xbb\xbf"),
        "marketo": b",null," in content,
        "salesforce": "Inés".encode("cp1252") in content,
    }
    assert marks[name]
