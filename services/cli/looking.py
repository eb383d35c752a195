"""Looking at a store: it is opened, read in one short transaction, and shown in an agreement's words."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from infra.agreements import AgreementBook
from infra.decision import SignedAgreement
from infra.store.database import Database, Transaction
from infra.store.journal_memory import signed_agreements
from infra.store.opening import open_store
from schemas.agreement import Agreement
from services.agreement.loader import load
from services.cli.failures import Refused
from services.cli.wall import Wall


@dataclass(frozen=True)
class Looking:
    """A store that is being read."""

    database: Database
    connection: Transaction
    file: Path | None
    """The agreement in whose words things are to be shown; None: the newest one signed."""

    @cached_property
    def agreement(self) -> Agreement:
        """The agreement in whose words things are shown."""
        if self.file is not None:
            return load(self.file)
        signed = self._signed
        if not signed:
            raise Refused(
                f"no agreement has been signed in {self.database.address} yet; run relevo agreement sign FILE"
            )
        # As the line read it: whoever signed it checked it, and a stricter check since must not hide a store.
        return AgreementBook(signed[-1:]).newest

    @property
    def wall(self) -> Wall:
        """In which zone instants are written: the agreement's; UTC while nothing has been signed."""
        return Wall(self.agreement.time_zone) if self._signed or self.file else Wall("UTC")

    @cached_property
    def _signed(self) -> list[SignedAgreement]:
        return signed_agreements(self.connection)


@contextmanager
def looking_at(store: str, agreement: Path | None = None) -> Iterator[Looking]:
    """Open a store to read it.

    Raises:
        StoreError: There is none, or it cannot be read.
    """
    with open_store(store, create=False) as database, database.reading() as connection:
        yield Looking(database, connection, agreement)
