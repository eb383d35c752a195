"""A peer's rate counts only when a plain fold says that every score is right."""

import json
from collections import Counter
from collections.abc import Iterator

import pytest

from infra.wire import RECORD
from schemas.entries import Entry
from schemas.vocabulary import LeadId
from services.agreement.loader import default
from tests.bench.peers.job import POINTS, Plan, Wrong, check, records
from tests.bench.peers.relevo_host import Tally, step

PLAN = Plan(events=60, leads=5, partitions=2)


def scored() -> Iterator[bytes]:
    """Yield what a peer should say, one partition after the other."""
    scores = Counter[LeadId]()
    for _, _, value in sorted(records(PLAN), key=lambda one: one[1]):
        entry = json.loads(value)
        scores[entry["lead_id"]] += entry["traits"][POINTS]
        yield json.dumps(entry | {"score": scores[entry["lead_id"]]}).encode()


def test_scores_that_are_right_are_believed() -> None:
    assert check(PLAN, scored(), PLAN.events) == PLAN.events


def test_a_wrong_score_is_not_believed() -> None:
    said = list(scored())
    said[30] = json.dumps(json.loads(said[30]) | {"score": 0}).encode()
    with pytest.raises(Wrong, match="was said to have 0 points"):
        check(PLAN, said, PLAN.events)


def test_one_event_too_few_is_not_believed() -> None:
    with pytest.raises(Wrong, match="59 scores were said"):
        check(PLAN, list(scored())[:-1], PLAN.events)


def test_relevos_rule_adds_up_what_its_lead_has() -> None:
    tally, total = None, 0
    for _, _, value in records(Plan(events=10, leads=1, partitions=1)):
        entry = RECORD.validate_json(value)
        assert isinstance(entry, Entry)
        total += int(entry.traits[POINTS] or 0)
        tally = step(tally, entry, default()).state
    assert tally == Tally(total)
