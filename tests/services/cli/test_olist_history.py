"""The main job on real input: Olist's history through the whole line, against a plain calculation.

The plain calculation reads the two CSV files with the standard library and knows nothing of Relevo. The files
are not part of this repository; where they are not beside it, there is nothing to run.
"""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from services.cli.main import run
from services.imports.olist import DEALS, LEADS
from tests.services.cli.conftest import Relevo
from tests.services.imports.files import real_olist

STALE_AFTER = timedelta(days=60)


@dataclass(frozen=True)
class Plain:
    """The history as its files tell it."""

    folder: Path

    @cached_property
    def captured(self) -> dict[str, datetime]:
        """When each lead was captured, by its id."""
        rows = self._rows(LEADS)
        return {row["mql_id"]: day(row["first_contact_date"]) for row in rows}

    @cached_property
    def origins(self) -> dict[str, str]:
        """Where each lead came from; blank and unknown are one."""
        return {row["mql_id"]: row["origin"] or "unknown" for row in self._rows(LEADS)}

    @cached_property
    def won(self) -> dict[str, datetime]:
        """When each customer was won."""
        form = "%Y-%m-%d %H:%M:%S"
        rows = self._rows(DEALS)
        return {row["mql_id"]: datetime.strptime(row["won_date"], form).replace(tzinfo=UTC) for row in rows}

    @cached_property
    def revenue(self) -> dict[str, int]:
        """What each customer declared, in centavos."""
        return {
            row["mql_id"]: int(Decimal(row["declared_monthly_revenue"]) * 100) for row in self._rows(DEALS)
        }

    @cached_property
    def stalled_ever(self) -> set[str]:
        """Leads that 60 days passed for without a win."""
        never = datetime.max.replace(tzinfo=UTC)
        return {one for one, at in self.captured.items() if self.won.get(one, never) >= at + STALE_AFTER}

    def _rows(self, name: str) -> Iterator[dict[str, str]]:
        with (self.folder / name).open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)


def day(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)


def values(rows: list[dict[str, Any]], metric: str, basis: str | None = "cohort") -> dict[object, Any]:
    """Return a metric's values by period and origin, zeros left out."""
    return {
        (row["period"], row["dimensions"].get("origin")): row["value"]
        for row in rows
        if row["metric"] == metric and row["basis"] == basis and row["value"]
    }


if (found := real_olist()) is not None:
    PLAIN = Plain(found)

    @pytest.fixture(scope="module")
    def history(tmp_path_factory: pytest.TempPathFactory) -> str:
        """The store that the history was imported into."""
        url = f"sqlite:///{tmp_path_factory.mktemp('olist')}/olist.db"
        assert run(["import", "olist", str(PLAIN.folder), "--store", url]) == 0
        return url

    @pytest.mark.olist
    def test_numbers_agree_to_the_last_lead_and_the_last_unit(relevo: Relevo, history: str) -> None:
        rows = relevo("metrics", "--json", "--store", history).json
        total = {(row["metric"], row["basis"]): row for row in rows if not row["dimensions"]}
        for basis in ("cohort", "period"):
            assert total["captured_count", basis]["value"] == len(PLAIN.captured)
            assert total["won_count", basis]["value"] == len(PLAIN.won)
            assert total["won_revenue", basis]["value"] == sum(PLAIN.revenue.values())
            rate = total["captured_to_won_rate", basis]
            assert (rate["numerator"], rate["denominator"]) == (len(PLAIN.won), len(PLAIN.captured))
            assert total["stalled_count", basis]["value"] == len(PLAIN.stalled_ever)
            assert total["captured_to_won_days", basis]["denominator"] == len(PLAIN.won)
        assert total["stalled_open_count", None]["value"] == len(PLAIN.stalled_ever - set(PLAIN.won))
        before_capture = [one for one, at in PLAIN.won.items() if at < PLAIN.captured[one]]
        assert total["dirty_count", "period"]["value"] == len(before_capture) == 1

    @pytest.mark.olist
    def test_numbers_agree_by_origin_and_month_of_the_cohort(relevo: Relevo, history: str) -> None:
        rows = relevo("metrics", "--json", "--by", "origin", "--period", "month", "--store", history).json
        captured, won, revenue, stalled = Counter(), Counter(), Counter(), Counter()  # type: ignore[var-annotated]
        for one, at in PLAIN.captured.items():
            key = (f"{at:%Y-%m}", PLAIN.origins[one])
            captured[key] += 1
            won[key] += one in PLAIN.won
            revenue[key] += PLAIN.revenue.get(one, 0)
            stalled[key] += one in PLAIN.stalled_ever
        assert values(rows, "captured_count") == captured
        assert values(rows, "won_count") == +won
        assert values(rows, "won_revenue") == +revenue
        assert values(rows, "stalled_count") == +stalled
        rates = {key: won[key] / captured[key] for key in +won}
        assert values(rows, "captured_to_won_rate") == pytest.approx(rates, abs=1e-6)

    @pytest.mark.olist
    def test_numbers_agree_by_origin_and_month_of_the_win(relevo: Relevo, history: str) -> None:
        rows = relevo("metrics", "--json", "--by", "origin", "--period", "month", "--store", history).json
        won: Counter[object] = Counter()
        revenue: defaultdict[object, int] = defaultdict(int)
        for one, at in PLAIN.won.items():
            won[f"{at:%Y-%m}", PLAIN.origins[one]] += 1
            revenue[f"{at:%Y-%m}", PLAIN.origins[one]] += PLAIN.revenue[one]
        assert values(rows, "won_count", "period") == won
        assert values(rows, "won_revenue", "period") == {
            key: value for key, value in revenue.items() if value
        }

    @pytest.mark.olist
    def test_the_median_time_to_a_win_is_within_one_percent(relevo: Relevo, history: str) -> None:
        rows = relevo("metrics", "--json", "--metric", "captured_to_won_days", "--store", history).json
        days = sorted((at - PLAIN.captured[one]) / timedelta(days=1) for one, at in PLAIN.won.items())
        for row in rows:
            for name, rate in (("p50", 0.5), ("p90", 0.9)):
                exact = days[int(rate * (len(days) - 1))]
                assert row["quantiles"][name] == pytest.approx(exact, rel=0.011)

    @pytest.mark.olist
    def test_the_same_leads_are_stalled_since_the_same_instants(relevo: Relevo, history: str) -> None:
        listed = relevo("stalled", "--json", "--store", history).json
        open_now = PLAIN.stalled_ever - set(PLAIN.won)
        told = {one["external_ids"]["olist_mql"]: (one["since"], one["due_at"]) for one in listed}
        form = "%Y-%m-%dT%H:%M:%SZ"
        assert told == {
            one: (f"{PLAIN.captured[one]:{form}}", f"{PLAIN.captured[one] + STALE_AFTER:{form}}")
            for one in open_now
        }
        assert {one["stage"] for one in listed} == {"lead"}

    @pytest.mark.olist
    def test_the_store_says_what_its_facts_say_and_a_second_run_adds_nothing(
        relevo: Relevo, history: str
    ) -> None:
        assert relevo("verify", "--store", history).code == 0
        again = relevo("import", "olist", str(PLAIN.folder), "--store", history, "--json").json
        assert (again["admitted_count"], again["dead_count"], again["lead_count"]) == (
            0,
            0,
            len(PLAIN.captured),
        )
