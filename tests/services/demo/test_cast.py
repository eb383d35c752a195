"""The cast is the agreement's: owners and their hours, reasons, campaigns, the currency."""

from datetime import UTC, datetime
from random import Random

import pytest

from services.agreement.loader import example, parse
from services.demo.cast import cast_of
from services.imports.source import SourceUnusable
from tests.builders import agreement
from tests.services.demo.years import AGREEMENT, cast


def test_those_sell_who_are_handed_leads_but_not_their_manager() -> None:
    assert [seller.id for seller in cast().sellers] == ["ana", "bruno", "lucia", "diego"]
    assert cast().home == ("ES", "MX")
    assert not set(cast().abroad) & {"ES", "MX"}


def test_a_manager_who_is_alone_sells_herself() -> None:
    alone = agreement({"owners": [{"id": "marta", "team": "sales"}]})
    assert [seller.id for seller in cast_of(alone).sellers] == ["marta"]


def test_the_words_to_choose_from_are_those_of_the_agreement() -> None:
    handoff = AGREEMENT.handoff
    assert handoff is not None
    assert cast().rejection_reasons == tuple(reason.id for reason in handoff.rejection_reasons)
    assert cast().campaigns == tuple(campaign.id for campaign in AGREEMENT.campaigns)
    assert (cast().currency, cast().answer_minutes) == ("EUR", 240)


def test_where_no_reasons_are_listed_none_is_given() -> None:
    assert cast_of(agreement()).lost_reasons == (None,)


def test_a_clock_that_counts_no_working_time_leaves_four_hours_to_answer() -> None:
    elapsed = {"kind": "elapsed", "minutes": 30}
    assert cast_of(agreement({"handoff.clocks.0.allowance": elapsed})).answer_minutes == 240


def test_a_lead_goes_to_somebody_of_its_country_where_there_is_one() -> None:
    rng = Random(1)
    assert {cast().seller_for(rng, "MX").id for _ in range(40)} == {"lucia", "diego"}
    assert {cast().seller_for(rng, "FR").id for _ in range(80)} == {"ana", "bruno", "lucia", "diego"}


def test_a_seller_works_in_office_hours_and_not_while_away() -> None:
    ana = cast().sellers[0]
    friday = datetime(2026, 7, 31, 12, 0, tzinfo=UTC)  # 14:00 in Madrid; the office closes at 15:00
    assert ana.later(friday, 30) == datetime(2026, 7, 31, 12, 30, tzinfo=UTC)
    # Away from Monday, 3 August, for two weeks.
    assert ana.later(friday, 90) == datetime(2026, 8, 17, 7, 30, tzinfo=UTC)


def test_a_slow_seller_takes_longer_than_a_quick_one() -> None:
    monday = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    quick, _, slow, _ = cast().sellers
    waits = [
        sorted(seller.in_own_time(Random(seed), monday) for seed in range(99))[49] for seller in (quick, slow)
    ]
    assert waits[0] < waits[1]


def test_an_agreement_that_hands_nothing_over_makes_no_year() -> None:
    with pytest.raises(
        SourceUnusable, match="nobody is handed leads, so there is no year to tell; add a handoff"
    ):
        cast_of(parse(example("olist"), "olist"))


def test_a_team_without_owners_or_without_a_name_makes_no_year() -> None:
    for part, value in (("owners", []), ("handoff.to_team", "nobody")):
        with pytest.raises(SourceUnusable, match="no year to tell"):
            cast_of(agreement({part: value}))
