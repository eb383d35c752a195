"""A store counts money in one currency: the numbers are sums, and know no other.

Until something is won another may be signed, so that a store which began with the default can take one's own.
"""

from infra.agreement_file import parse
from infra.decision import SignedAgreement
from infra.store.database import Database
from infra.store.reading.sums import has_counted
from schemas.agreement import Agreement
from schemas.metrics import Measure


class MoneyCounted(ValueError):
    """The agreement is in another currency than the revenue that the store has counted."""

    def __init__(self, where: str, asked: str, counted: str) -> None:
        super().__init__(
            f"{where}: currency is {asked}, and this store has counted revenue in {counted}, which would "
            f"then be shown as {asked}; keep {counted}, or begin another store (--store) in {asked}"
        )


def refuse_other_money(
    database: Database, newest: SignedAgreement | None, agreement: Agreement, where: str
) -> None:
    """Raise MoneyCounted if revenue stands in the store in another currency than the agreement's."""
    if newest is None:
        return
    counted = parse(newest.document, "the agreement before").currency
    if counted == agreement.currency:
        return
    with database.reading() as connection:
        if has_counted(connection, Measure.REVENUE):
            raise MoneyCounted(where, agreement.currency, counted)
