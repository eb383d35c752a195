"""The Olist marketing funnel: 8,000 leads of a marketplace, and the 842 that became sellers.

Two CSV files, published by Olist under CC BY-NC-SA on Kaggle ("Marketing Funnel by Olist"). A lead's row is
a ``captured`` fact at its first contact, a closed deal's row a ``won`` fact with the revenue that the seller
declared. Dates have no zone there; they are read as UTC. A blank origin and ``unknown`` are one: no origin.
Columns that no agreement reads stay in the file.

A deal won before the first contact is a dirty fact that the sequencer flags, and a deal whose lead the other
file does not know is a customer all the same: both are said as they stand. A second row about a lead that
says something else than the first is a bad row; a second row that says the same is a duplicate.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from hashlib import blake2b
from pathlib import Path

from schemas.dead_letters import DeadReason
from schemas.facts import Captured, FactEvent, LeadFact, Subject, Won
from services.imports.cells import BadCell, instant, money, number, shown
from services.imports.source import Census, FactSource, Read, SourceUnusable, fact_event
from services.imports.tables import Row, Table, facts_of, open_table

SOURCE = "olist"
LEADS = "olist_marketing_qualified_leads_dataset.csv"
DEALS = "olist_closed_deals_dataset.csv"
CURRENCY = "BRL"

_LEAD_COLUMNS = ("mql_id", "first_contact_date", "landing_page_id", "origin")
_DEAL_COLUMNS = ("mql_id", "seller_id", "won_date", "declared_monthly_revenue")
_DAY = "%Y-%m-%d"
_SECOND = "%Y-%m-%d %H:%M:%S"

Said = tuple[LeadFact, datetime]
"""A row's fact, and when it happened."""


def olist(directory: Path) -> FactSource:
    """Return the Olist history as a source of facts; leads first, then deals.

    Args:
        directory: The folder that holds both files, under the names they were published with.

    Raises:
        SourceUnusable: The folder is missing, or a file has another header.
        OSError: A file is missing, or may not be read.
    """
    if not directory.is_dir():
        raise SourceUnusable(f"{directory} is no folder", f"name the folder that holds {LEADS} and {DEALS}")
    leads = open_table(directory / LEADS, SOURCE, _LEAD_COLUMNS)
    deals = open_table(directory / DEALS, SOURCE, _DEAL_COLUMNS)
    digest = blake2b(f"{leads.survey.digest}{deals.survey.digest}".encode(), digest_size=8).hexdigest()

    def read(import_id: str, census: Census) -> Iterator[Read]:
        yield from _said(leads, "captured", _captured, import_id, census)
        yield from _said(deals, "won", _won, import_id, census)

    return FactSource(SOURCE, digest, leads.row_count + deals.row_count, read)


def _said(
    table: Table, kind: str, say: Callable[[dict[str, str]], Said], import_id: str, census: Census
) -> Iterator[Read]:
    first_rows: dict[str, Row] = {}

    def convert(row: Row) -> list[FactEvent]:
        lead = row.cells["mql_id"]
        if not lead:
            raise BadCell(DeadReason.ROW_IDENTITY, "mql_id is blank")
        fact, time = say(row.cells)
        first = first_rows.setdefault(lead, row)
        if first.cells != row.cells:
            raise BadCell(
                DeadReason.ROW, f"{first.where} says something else of lead {shown(lead)}; it stands"
            )
        return [
            fact_event(
                fact,
                source=SOURCE,
                event_id=f"{kind}:{lead}",
                time=time,
                subject=Subject(external_ids={"olist_mql": lead}),
                import_id=import_id,
            )
        ]

    def names(row: Row) -> tuple[str, ...]:
        return (f"{kind}:{row.cells['mql_id']}",) if row.cells["mql_id"] else ()

    return facts_of(SOURCE, table.rows(), convert, names, census)


def _captured(cells: dict[str, str]) -> Said:
    origin = cells["origin"]
    fact = Captured(
        origin=None if origin.casefold() in ("", "unknown") else origin,
        landing_page=cells["landing_page_id"] or None,
    )
    return fact, instant(cells["first_contact_date"], form=_DAY)


def _won(cells: dict[str, str]) -> Said:
    revenue, seller = cells["declared_monthly_revenue"], cells["seller_id"]
    amount = money(number(revenue), CURRENCY) if revenue else None
    fact = Won(opportunity_id=seller or None, amount=amount)
    return fact, instant(cells["won_date"], form=_SECOND)
