"""A short chaos, as CI runs it: one process of each worker, and another wherever one must take over."""

from pathlib import Path

import pytest

from tests.chaos.report import lines
from tests.chaos.run import Dose, run

DOSE = Dose(seconds=40, processes=1, partitions=2, rate=30, leads=150, floor=2, outage_seconds=8)


@pytest.mark.kafka
@pytest.mark.postgres
@pytest.mark.slow
def test_nothing_comes_of_everything_that_goes_wrong(tmp_path: Path) -> None:
    outcome = run(DOSE, tmp_path)
    assert outcome.wrong == [], "\n".join(lines(outcome))
