"""Files for the tests of imports: invented rows, written where a test says."""

import os
from pathlib import Path

from schemas.facts import FactEvent, LeadFact
from services.imports.olist import DEALS, LEADS
from services.imports.source import BadRow, Item
from tests.house.tree import ROOT

LEADS_HEADER = "mql_id,first_contact_date,landing_page_id,origin"
DEALS_HEADER = "mql_id,seller_id,sdr_id,sr_id,won_date,business_segment,declared_monthly_revenue"


def write(path: Path, *lines: str) -> Path:
    """Write lines of UTF-8 text and return the path."""
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="")
    return path


def write_olist(folder: Path, *, leads: tuple[str, ...] = (), deals: tuple[str, ...] = ()) -> Path:
    """Write an Olist history of invented rows and return its folder."""
    write(folder / LEADS, LEADS_HEADER, *leads)
    write(folder / DEALS, DEALS_HEADER, *deals)
    return folder


def real_olist() -> Path | None:
    """Return the folder of the real Olist files, where there is one."""
    folder = Path(os.environ.get("OLIST_FOLDER") or ROOT.parent / "shared" / "data" / "olist")
    return folder if folder.is_dir() else None


def event(item: Item) -> FactEvent:
    """Return an item that must be a fact."""
    assert isinstance(item, FactEvent), item
    return item


def fact(item: Item) -> LeadFact:
    """Return what an item that must be a fact says."""
    said = event(item).data.fact
    assert isinstance(said, LeadFact), said
    return said


def bad(item: Item) -> BadRow:
    """Return an item that must be a bad row."""
    assert isinstance(item, BadRow), item
    return item
