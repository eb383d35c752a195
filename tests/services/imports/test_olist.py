"""The Olist history as facts: on invented rows, and on the real files where they are."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas.dead_letters import DeadReason
from schemas.facts import Captured, Won
from schemas.vocabulary import Money
from services.imports.olist import DEALS, olist
from services.imports.source import Item, SourceUnusable
from tests.services.imports.files import bad, event, fact, real_olist, write, write_olist

LEAD = "m1,2017-11-20,page-7,organic_search"
DEAL = "m1,s1,d1,r1,2017-12-01 10:20:30,pet,1234.5"


def items(folder: Path, *, leads: tuple[str, ...] = (), deals: tuple[str, ...] = ()) -> list[Item]:
    return list(olist(write_olist(folder, leads=leads, deals=deals)))


def test_a_lead_is_captured_at_midnight_of_its_first_contact(tmp_path: Path) -> None:
    (item,) = items(tmp_path, leads=(LEAD,))
    said = event(item)
    assert said.time == datetime(2017, 11, 20, tzinfo=UTC)
    assert said.data.fact == Captured(origin="organic_search", landing_page="page-7")
    assert said.data.subject.external_ids == {"olist_mql": "m1"}
    assert (said.source, said.id) == ("olist", "captured:m1")


def test_a_closed_deal_is_won_with_its_revenue_in_centavos(tmp_path: Path) -> None:
    said = event(items(tmp_path, leads=(LEAD,), deals=(DEAL,))[1])
    assert said.time == datetime(2017, 12, 1, 10, 20, 30, tzinfo=UTC)
    assert said.data.fact == Won(opportunity_id="s1", amount=Money(amount_minor=123450, currency="BRL"))
    assert said.data.subject.external_ids == {"olist_mql": "m1"}


@pytest.mark.parametrize("origin", ["", "unknown", " Unknown "])
def test_blank_and_unknown_origins_are_one(tmp_path: Path, origin: str) -> None:
    (item,) = items(tmp_path, leads=(f"m1,2017-11-20,page-7,{origin}",))
    assert fact(item) == Captured(landing_page="page-7")


def test_a_deal_before_the_contact_or_without_a_lead_is_said_as_it_stands(tmp_path: Path) -> None:
    early, unknown = "m1,,,,2017-01-01 00:00:00,,", "m9,s9,,,2018-01-01 00:00:00,,5"
    said = [fact(item) for item in items(tmp_path, leads=(LEAD,), deals=(early, unknown))]
    assert said[1:] == [
        Won(),
        Won(opportunity_id="s9", amount=Money(amount_minor=500, currency="BRL")),
    ]


def test_a_row_that_stands_twice_has_the_same_id_twice(tmp_path: Path) -> None:
    ids = [event(item).id for item in items(tmp_path, leads=(LEAD, LEAD))]
    assert ids == ["captured:m1", "captured:m1"]


def test_a_second_deal_that_says_something_else_goes_aside(tmp_path: Path) -> None:
    other = DEAL.replace("1234.5", "9.0")
    aside = bad(items(tmp_path, leads=(LEAD,), deals=(DEAL, other))[2])
    assert aside.detail == f"{DEALS}:2 says something else of lead 'm1'; it stands"
    assert (aside.reason, aside.where, aside.raw) == (DeadReason.ROW, f"{DEALS}:3", f"{other}\n".encode())


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (" ,2017-11-20,p,social", DeadReason.ROW_IDENTITY),
        ("m1,20/11/2017,p,social", DeadReason.ROW_DATE),
        ("m1,,p,social", DeadReason.ROW_DATE),
        ("m1,2017-11-20,p", DeadReason.ROW),
        (f"{'m' * 129},2017-11-20,p,social", DeadReason.ROW_VALUE),
    ],
)
def test_a_lead_that_cannot_be_read_goes_aside_with_its_reason(
    tmp_path: Path, row: str, reason: DeadReason
) -> None:
    aside, good = items(tmp_path, leads=(row, LEAD))
    assert (bad(aside).reason, bad(aside).raw) == (reason, f"{row}\n".encode())
    assert event(good).id == "captured:m1"


@pytest.mark.parametrize("revenue", ["much", "NaN", "1.005", "99999999999999999"])
def test_a_deal_whose_revenue_is_no_amount_goes_aside(tmp_path: Path, revenue: str) -> None:
    (aside,) = items(tmp_path, deals=(f"m1,s1,,,2018-01-01 00:00:00,,{revenue}",))
    assert bad(aside).reason is DeadReason.ROW


def test_the_same_files_are_the_same_import_and_a_changed_one_is_another(tmp_path: Path) -> None:
    first = olist(write_olist(tmp_path, leads=(LEAD,)))
    again = olist(write_olist(tmp_path, leads=(LEAD,)))
    assert (first.import_id, list(first)) == (again.import_id, list(again))
    assert {event(item).data.import_id for item in first} == {first.import_id}
    longer = olist(write_olist(tmp_path, leads=(LEAD, "m2,2017-11-21,p,social")))
    assert longer.import_id != first.import_id
    assert event(next(iter(longer))).id == "captured:m1"


def test_the_total_is_the_number_of_rows(tmp_path: Path) -> None:
    assert olist(write_olist(tmp_path, leads=(LEAD,), deals=(DEAL,))).total == 2


def test_what_is_no_folder_of_both_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceUnusable, match="is no folder; name the folder that holds olist_"):
        olist(tmp_path / "none")
    with pytest.raises(FileNotFoundError, match="olist_marketing"):
        olist(tmp_path)
    write_olist(tmp_path)
    write(tmp_path / DEALS, "mql_id,seller,won_date,declared_monthly_revenue")
    with pytest.raises(SourceUnusable, match=r"has no column 'seller_id'; did you mean 'seller'\?"):
        olist(tmp_path)


if (found := real_olist()) is not None:
    FOLDER = found

    @pytest.mark.olist
    def test_the_real_history_has_its_leads_its_deals_and_its_revenue() -> None:
        source = olist(FOLDER)
        said = [fact(item) for item in source]
        amounts = [one.amount for one in said if isinstance(one, Won)]
        assert Counter(one.kind for one in said) == {"captured": 8000, "won": 842}
        assert source.total == 8842
        assert sum(amount.amount_minor for amount in amounts if amount) == 6_178_400_600
        assert sum(isinstance(one, Captured) and one.origin is None for one in said) == 1159
