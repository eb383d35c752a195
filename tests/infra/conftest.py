"""What tests of the infrastructure start from."""

from pathlib import Path

import pytest

from tests.infra.saying import Sequencer


@pytest.fixture
def line(tmp_path: Path) -> Sequencer:
    """A sequencer whose agreement has been signed."""
    return Sequencer(tmp_path / "relevo.db")
