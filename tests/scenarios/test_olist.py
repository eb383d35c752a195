"""The main job on real leads: two files go through the whole line, and every number is what the files say.

The Olist marketing funnel (8,000 leads of a marketplace, 842 of whom became customers) may not be copied
into this repository, so the real test is there when the data is: in the folder that ``OLIST_FOLDER``
names, or beside the checkout. The same test runs on invented files of the same form. The expectation is
a plain calculation from the files that shares no code with the product.
"""

import csv
import json
import random
from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from services.cli.main import run
from tests.services.imports.files import real_olist, write_olist

AGREEMENT = Path(__file__).parents[2] / "examples" / "olist" / "agreement.yaml"
STALE = timedelta(days=60)
Row = dict[str, Any]


class Expected:
    """What the two files say, by a plain calculation."""

    def __init__(self, folder: Path) -> None:
        leads = _read(folder / "olist_marketing_qualified_leads_dataset.csv")
        deals = _read(folder / "olist_closed_deals_dataset.csv")
        first = {row["mql_id"]: datetime.fromisoformat(row["first_contact_date"]) for row in leads}
        won = {row["mql_id"]: datetime.fromisoformat(row["won_date"]) for row in deals}
        origin = {row["mql_id"]: row["origin"] or "unknown" for row in leads}
        self.cohort = Counter((first[key].strftime("%Y-%m"), origin[key]) for key in first)
        self.cohort_won = Counter((first[key].strftime("%Y-%m"), origin[key]) for key in won)
        self.period_won = Counter(at.strftime("%Y-%m") for at in won.values())
        self.captured = len(first)
        self.won = len(won)
        self.revenue = sum(Decimal(row["declared_monthly_revenue"]) for row in deals) * 100
        self.days = sorted((won[key] - first[key]) / timedelta(days=1) for key in won)
        self.stalled = {key for key in first if key not in won or won[key] - first[key] >= STALE}
        self.stalled_open = {key: first[key] for key in first if key not in won}
        self.dirty = sum(won[key] < first[key] for key in won)


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def invented(folder: Path) -> Path:
    """Write files of the same form: blank origins, wins before the first contact, wins after a long time."""
    chance = random.Random(11)
    leads, deals = [], []
    for number in range(300):
        first = datetime.fromisoformat("2019-01-01") + timedelta(days=chance.randrange(400))
        origin = chance.choice(["", "unknown", "social", "email", "paid_search"])
        leads.append(f"m{number},{first:%Y-%m-%d},page,{origin}")
        if chance.random() < 0.4:
            won = first + timedelta(seconds=chance.randrange(-3 * 86_400, 120 * 86_400))
            revenue = chance.choice(["0.0", "1234.56", "99999.99"])
            deals.append(f"m{number},s{number},d,r,{won:%Y-%m-%d %H:%M:%S},pet,{revenue}")
    return write_olist(folder, leads=tuple(leads), deals=tuple(deals))


def relevo(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    assert run(words) == 0, capsys.readouterr().err
    said = capsys.readouterr().out
    return json.loads(said) if "--json" in words else said


def check(folder: Path, store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    expected, at = Expected(folder), ("--store", f"sqlite:///{store}")
    first = relevo(capsys, "import", "olist", str(folder), *at, "--agreement", str(AGREEMENT), "--json")
    again = relevo(capsys, "import", "olist", str(folder), *at, "--json")
    rows = relevo(capsys, "metrics", *at, "--json")
    check_totals(rows, expected)
    check_cohorts(relevo(capsys, "metrics", "--by", "origin", "--period", "month", *at, "--json"), expected)
    check_stalled(relevo(capsys, "stalled", *at, "--json"), expected)
    relevo(capsys, "verify", *at)
    assert first != again
    assert relevo(capsys, "metrics", *at, "--json") == rows


def check_totals(rows: list[Row], expected: Expected) -> None:
    found = {(row["metric"], row["basis"]): row for row in rows if not row["dimensions"]}
    values = {key: row["value"] for key, row in found.items()}
    for basis in ("cohort", "period"):
        assert values["captured_count", basis] == expected.captured
        assert values["won_count", basis] == expected.won
        assert values["won_revenue", basis] == expected.revenue
        assert values["stalled_count", basis] == len(expected.stalled)
        assert values["captured_to_won_rate", basis] == round(expected.won / expected.captured, 6)
    assert values["stalled_open_count", None] == len(expected.stalled_open)
    assert values["dirty_count", "cohort"] == expected.dirty
    for name, share in (("p50", 0.5), ("p90", 0.9)):
        plain = expected.days[int(share * (len(expected.days) - 1))]
        assert found["captured_to_won_days", "cohort"]["quantiles"][name] == pytest.approx(plain, rel=0.011)


def check_cohorts(rows: list[Row], expected: Expected) -> None:
    by = {
        (row["metric"], row["basis"], row["period"], row["dimensions"].get("origin")): row
        for row in rows
        if set(row["dimensions"]) == {"origin"}
    }
    for (month, origin), captured in expected.cohort.items():
        rate = by["captured_to_won_rate", "cohort", month, origin]
        assert (rate["numerator"], rate["denominator"]) == (expected.cohort_won[month, origin], captured)
    found: Counter[str] = Counter()
    for (metric, basis, month, _), row in by.items():
        if (metric, basis) == ("won_count", "period"):
            found[month] += row["value"]
    assert +found == expected.period_won


def check_stalled(rows: list[Row], expected: Expected) -> None:
    found = {row["external_ids"]["olist_mql"]: row for row in rows}
    assert found.keys() == expected.stalled_open.keys()
    for key, first in expected.stalled_open.items():
        assert found[key]["since"] == f"{first.isoformat()}Z"
        assert found[key]["due_at"] == f"{(first + STALE).isoformat()}Z"
        assert found[key]["stage"] == "lead"


def test_invented_files_come_to_what_they_say(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    check(invented(tmp_path), tmp_path / "relevo.db", capsys)


if (found := real_olist()) is not None:
    REAL = found

    @pytest.mark.slow
    @pytest.mark.olist
    def test_the_real_files_come_to_what_they_say(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        check(REAL, tmp_path / "relevo.db", capsys)
