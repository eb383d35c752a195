"""Pasts that change in unusual ways: the store comes to what the facts say all the same."""

from pathlib import Path

from schemas.facts import Captured, Engaged, Merged, Subject, Unmerged
from schemas.vocabulary import EngagementChannel
from tests.builders import instant
from tests.infra.saying import ANA, BO, WholeLine

SEEN = Engaged(channel=EngagementChannel.AD, action="view")
"""What no rule of the small agreement reads."""


def test_a_late_fact_that_begins_a_lead_begins_its_first_stage(tmp_path: Path) -> None:
    line = WholeLine(tmp_path / "relevo.db")
    line.at("2026-03-02 12:00")
    first = line.say(Captured(origin="ads"), time="2026-03-02 11:00", **ANA)
    line.drain()
    line.say(SEEN, time="2026-03-02 10:00", **ANA)
    line.drain()
    assert line.lead(line.home(first))["stage_since"] == instant("2026-03-02 10:00")
    assert line.verified().differences == []


def test_an_unmerge_within_an_import_tells_the_part_that_leaves(tmp_path: Path) -> None:
    line = WholeLine(tmp_path / "relevo.db")
    with line.importing("earlier"):
        line.say(Captured(origin="ads"), import_id="earlier", **ANA)
        gone = line.say(Captured(origin="web"), import_id="earlier", **BO)
        line.say(Merged(other=Subject(**BO)), import_id="earlier", **ANA)
    line.drain()
    with line.importing("later"):
        line.say(Unmerged(other=Subject(**BO)), import_id="later", **ANA)
    line.drain()
    assert line.lead(line.home(gone))["origin"] == "web"
    assert line.verified().differences == []
