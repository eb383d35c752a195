"""Whoever waits in vain is told where everybody stands."""

from pathlib import Path
from random import Random

import pytest

from infra.kafka.cluster import Cluster
from tests.chaos.standing import standing
from tests.histories import Plan, history
from tests.infra.kafka.lines import Line


@pytest.mark.kafka
@pytest.mark.slow
def test_every_worker_and_process_is_shown_where_it_stands(cluster: Cluster, tmp_path: Path) -> None:
    said = [one.value for one in history(Random(3), Plan(facts=20, leads=3))]
    with Line(cluster, f"sqlite:///{tmp_path / 'relevo.db'}", tmp_path) as line:
        line.make_topics()
        line.say(said)
        (scoring,) = line.run("scoring")
        scoring.kill()
        found = list(standing(line))
    assert found[0] == f"sequencer: partition 0 at 0 of {len(said)}"
    assert found[1] == "scoring: partition 0 at 0 of 0, 1 at 0 of 0"
    assert found[-2] == "totals: everything is published"
    assert found[-1].startswith(f"scoring ({scoring.popen.pid}) ended with -9; it said last: ")
