"""The agreements that were signed, and which of them was in force when."""

from dataclasses import replace

import pytest

from infra.agreements import AgreementBook, NothingSigned, OutOfOrder
from infra.fold import place_of
from schemas.facts import Captured
from schemas.step import AgreementChanged
from tests.builders import entry, instant
from tests.infra.saying import signed

FIRST, SECOND, THIRD = (
    signed(1, "2026-03-01 09:00"),
    signed(5, "2026-03-02 09:00"),
    signed(9, "2026-03-02 09:00"),
)
BOOK = AgreementBook([FIRST, SECOND, THIRD])


def test_a_book_without_agreements_says_what_to_do() -> None:
    book = AgreementBook()
    assert book.is_empty
    with pytest.raises(NothingSigned, match="relevo agreement sign"):
        book.at(FIRST.effective_at)
    with pytest.raises(NothingSigned):
        book.at_place((FIRST.effective_at, 1, 1))
    with pytest.raises(NothingSigned):
        assert book.newest.version


@pytest.mark.parametrize(
    ("instant_text", "version"),
    [
        ("1999-01-01 00:00", "v1"),
        ("2026-03-01 09:00", "v1"),
        ("2026-03-02 08:59", "v1"),
        ("2026-03-02 09:00", "v9"),
        ("2099-01-01 00:00", "v9"),
    ],
)
def test_the_first_covers_what_lies_before_it_and_the_last_what_comes(
    instant_text: str, version: str
) -> None:
    assert BOOK.at(instant(instant_text)).version == version
    assert AgreementBook([FIRST]).at(instant(instant_text)).version == "v1"


@pytest.mark.parametrize(("seq", "version"), [(4, "v1"), (5, "v5"), (6, "v5"), (9, "v9"), (10, "v9")])
def test_at_one_instant_the_numbers_decide(seq: int, version: str) -> None:
    assert BOOK.at_place((SECOND.effective_at, 1, seq)).version == version
    assert AgreementBook([FIRST]).at_place((SECOND.effective_at, 1, seq)).version == "v1"


def test_a_book_grows_and_knows_what_it_has() -> None:
    book = AgreementBook([FIRST])
    assert not book.is_empty
    assert book.newest.version == "v1"
    assert book.add(SECOND).version == "v5"
    assert book.newest.version == "v5"
    assert book.add(FIRST) is book.at(FIRST.effective_at)
    assert book.newest.version == "v5"
    assert book.digests() == (FIRST.digest, SECOND.digest)
    assert len(set(book.digests())) == 2


def test_a_lead_lived_through_the_signings_after_its_first_event() -> None:
    first = entry(Captured(), at="2026-03-01 08:00", seq=3)
    assert BOOK.changes("L1", place_of(first), 8) == [AgreementChanged("L1", 5, SECOND.effective_at)]
    assert [one.seq for one in BOOK.changes("L1", place_of(first), 9)] == [5, 9]
    between = entry(Captured(), at="2026-03-02 09:00", seq=6)
    assert [one.seq for one in BOOK.changes("L1", place_of(between), 9)] == [9]


def test_a_book_says_whether_anything_was_signed_after_a_place() -> None:
    assert BOOK.changed_after((FIRST.effective_at, 1, 3), 5)
    assert not BOOK.changed_after((FIRST.effective_at, 1, 3), 4)
    assert BOOK.changed_after((SECOND.effective_at, 1, 6), 9)
    assert not BOOK.changed_after((SECOND.effective_at, 1, 9), 9)


def test_a_version_that_is_known_is_returned_and_one_that_should_be_is_refused() -> None:
    book = AgreementBook([FIRST, SECOND])
    assert book.add(FIRST).version == "v1"
    assert book.digests() == (FIRST.digest, SECOND.digest)
    with pytest.raises(OutOfOrder, match=r"agreement v3 \(number 3\) is not in the book, .* v5 \(number 5\)"):
        book.add(signed(3, "2026-03-01 12:00"))
    with pytest.raises(OutOfOrder):
        book.add(replace(SECOND, digest="another"))
