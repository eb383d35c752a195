"""The agreements that were signed, and which of them was in force when.

The first one signed also covers what lies before it: a history that is older than the agreement is judged
by it. A signing has a place among a lead's events: of two facts of one instant, the one said before the
signing is judged by the agreement before it. Documents are parsed once; the book is small, kept whole in
memory, and only ever grows.
"""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from infra.agreement_file import parse
from infra.decision import SignedAgreement
from infra.fold import Place
from schemas.agreement import Agreement
from schemas.step import AgreementChanged
from schemas.vocabulary import LeadId


class NothingSigned(Exception):
    """A fact reached the line before any agreement did."""

    def __init__(self) -> None:
        super().__init__("no agreement has been signed in this store; run relevo agreement sign FILE")


class OutOfOrder(Exception):
    """A version older than the newest in the book is not in it: the store is another than it was."""

    def __init__(self, signed: SignedAgreement, newest: SignedAgreement) -> None:
        super().__init__(
            f"agreement {signed.version} (number {signed.seq}) is not in the book, which goes up to "
            f"{newest.version} (number {newest.seq}): the store was set back or replaced; read the book anew"
        )


class AgreementBook:
    """Signed agreements in the order of signing."""

    def __init__(self, signed: Iterable[SignedAgreement] = ()) -> None:
        self._effective_at: list[datetime] = []
        self._agreements: list[Agreement] = []
        self._signed: list[SignedAgreement] = []
        for one in signed:
            self.add(one)

    def add(self, signed: SignedAgreement) -> Agreement:
        """Put a version in force; one that is in the book already is returned as it is.

        Raises:
            OutOfOrder: It is not in the book, and is older than one that is.
        """
        if self._signed and signed.seq <= self._signed[-1].seq:
            return self._known(signed)
        agreement = _parsed(signed.document, signed.version)
        self._effective_at.append(signed.effective_at)
        self._agreements.append(agreement)
        self._signed.append(signed)
        return agreement

    def _known(self, signed: SignedAgreement) -> Agreement:
        for known, agreement in zip(self._signed, self._agreements, strict=True):
            if (known.seq, known.digest) == (signed.seq, signed.digest):
                return agreement
        raise OutOfOrder(signed, self._signed[-1])

    @property
    def is_empty(self) -> bool:
        """Whether nothing has been signed."""
        return not self._agreements

    @property
    def newest(self) -> Agreement:
        """The last one signed."""
        if not self._agreements:
            raise NothingSigned
        return self._agreements[-1]

    def digests(self) -> tuple[str, ...]:
        """The digests of the documents, oldest first."""
        return tuple(one.digest for one in self._signed)

    def at(self, instant: datetime) -> Agreement:
        """Return the agreement in force at an instant."""
        if len(self._agreements) == 1:
            return self._agreements[0]
        if not self._agreements:
            raise NothingSigned
        return self._agreements[max(0, bisect_right(self._effective_at, instant) - 1)]

    def at_place(self, place: Place) -> Agreement:
        """Return the agreement in force at a place among a lead's events."""
        if len(self._agreements) == 1:
            return self._agreements[0]
        if not self._agreements:
            raise NothingSigned
        return self._agreements[max(0, bisect_right(self._signed, place, key=_place) - 1)]

    def changes(self, lead_id: LeadId, after: Place, upto_seq: int) -> list[AgreementChanged]:
        """Return the signings that a lead lived through after a place, up to ``upto_seq``."""
        return [
            AgreementChanged(lead_id, one.seq, one.effective_at)
            for one in self._signed[1:]
            if one.seq <= upto_seq and _place(one) > after
        ]

    def changed_after(self, place: Place, upto_seq: int) -> bool:
        """Say whether a version signed by ``upto_seq`` came into force after a place."""
        return any(_place(one) > place and one.seq <= upto_seq for one in self._signed[1:])


@lru_cache(maxsize=64)
def _parsed(document: str, version: str) -> Agreement:
    """Read a document; the partitions of one process share what it comes to."""
    return parse(document, f"agreement {version}")


def _place(signed: SignedAgreement) -> Place:
    return (signed.effective_at, 1, signed.seq)
