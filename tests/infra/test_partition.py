"""One worker's share of the leads: what a partition says of them, record by record."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from infra.partition import MOST_A_RECORD
from infra.store.tables import alerts, timeline
from schemas.facts import Accepted, Assigned, Enriched
from tests.builders import instant
from tests.contracts.host import BIG, DEMO
from tests.infra.saying import ANA, MORNING, WholeLine


@pytest.mark.slow
def test_a_long_life_folded_again_is_said_in_several_records(tmp_path: Path) -> None:
    line = WholeLine(tmp_path / "relevo.db")
    first = instant(MORNING)
    line.at("2026-03-20 09:00")
    for minute in range(MOST_A_RECORD + 50):
        employees = 10 if minute % 2 else 900
        at = first + timedelta(minutes=minute)
        line.say(Enriched(attributes={"employees": employees}), time=at, **ANA)
    line.drain()
    line.say(Enriched(attributes={"country": "ES"}), time=first - timedelta(days=1), **ANA)
    line.drain()
    said = Counter((row["worker"], row["version"]) for row in line.rows(timeline))
    assert said.most_common(2)[0][1] == MOST_A_RECORD
    assert said.most_common(2)[1][1] >= 50
    assert line.verified().agrees


def test_an_alert_shows_who_has_it_now_and_stays_on_record_when_it_is_withdrawn(tmp_path: Path) -> None:
    line = WholeLine(tmp_path / "relevo.db")
    line.say(BIG, **ANA)
    line.say(DEMO, **ANA)
    line.at("2026-03-02 13:10")
    line.drain()
    shown = len(line.rows(alerts))
    line.say(Assigned(owner="bo", team="sales"), **ANA)
    line.drain()
    assert {row["owner"] for row in line.rows(alerts) if row["resolved_at"] is None} == {"bo"}
    line.say(Accepted(), source="crm", time="2026-03-02 10:00", **ANA)
    line.drain()
    ends = {row["kind"]: row["resolved_reason"] for row in line.rows(alerts) if "acceptance" in row["about"]}
    assert (ends["sla_breach"], len(line.rows(alerts)) >= shown) == ("withdrawn", True)
    assert line.verified().agrees
