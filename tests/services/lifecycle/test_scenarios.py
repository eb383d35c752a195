"""Golden scenarios are concluded as they were recorded (``scenarios.py`` says how to record them anew)."""

from pathlib import Path

import pytest

from tests.services.lifecycle.scenarios import replayed, scenarios


@pytest.mark.parametrize("path", scenarios(), ids=lambda path: path.stem)
def test_a_recorded_scenario_is_concluded_as_it_was(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert replayed(text).splitlines() == text.splitlines()


def test_there_are_scenarios() -> None:
    assert len(scenarios()) >= 9
