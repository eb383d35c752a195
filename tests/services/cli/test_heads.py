"""How many leads, in words: the places that count them say what they count, and agree."""

import json
import re

import pytest

from infra.store.reading.head_count import HeadCount
from services.cli.heads import everybody, who_counts
from tests.services.cli.conftest import Relevo

ALL = HeadCount(captured=1978, never_captured=5, tests=18, merged=28, forgotten=1)


def test_others_than_the_captured_are_named_beside_them() -> None:
    assert everybody(ALL) == "1,978 captured leads (+ 5 never captured, 18 tests, 28 merged away)"
    assert everybody(HeadCount(1, 0, 0, 0, 0)) == "1 captured lead"
    assert everybody(HeadCount(0, 0, 1, 0, 0)) == "0 captured leads (+ 1 test)"


@pytest.mark.parametrize(
    ("heads", "said"),
    [
        (HeadCount(1978, 0, 18, 2, 1), " (1 of them forgotten); left out: 18 tests, 2 merged away."),
        (HeadCount(1978, 5, 1, 0, 0), "; stages are also of 5 never captured; left out: 1 test."),
        (HeadCount(1978, 1, 0, 0, 0), "; stages are also of 1 never captured."),
    ],
)
def test_the_numbers_say_whose_they_are(heads: HeadCount, said: str) -> None:
    assert who_counts(heads) == f"The numbers are of 1,978 captured leads{said}"


def test_where_every_lead_counts_nothing_needs_to_be_said() -> None:
    assert who_counts(HeadCount(7, 0, 0, 0, 0)) == ""


def test_demo_numbers_doctor_and_verify_count_the_same_leads(year: Relevo) -> None:
    report = year("verify", "--json").json
    heads = HeadCount(**report["leads"])
    assert heads.total == report["lead_count"]
    assert heads.merged > 0
    sizes = next(one["detail"] for one in year("doctor", "--json").json if one["check"] == "sizes")
    assert sizes.startswith(f"{everybody(heads)}, {report['fact_count']:,} facts about leads, ")
    rows = year("metrics", "--json", "--by", "origin", "--metric", "captured_count").json
    by_origin = [row["value"] for row in rows if row["basis"] == "cohort" and row["dimensions"]]
    assert sum(by_origin) == heads.captured
    assert " ".join(who_counts(heads).split()) in re.sub(r"\s+", " ", year("metrics").out)
    shown = json.loads(year("leads", "--json", "--limit", "9999").out)
    assert len(shown) == heads.captured + heads.never_captured - heads.forgotten
