"""Bytes that a fuzzer finds by what they reach break no vendor's parser."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from services.intake.registry import vendors
from tests.effort import CI

ROOT = Path(__file__).parents[3]
SECONDS = 25 if CI else 5


@pytest.mark.slow
def test_no_bytes_break_a_parser(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.services.intake.fuzzing", str(SECONDS), str(tmp_path)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    assert ran.returncode == 0, ran.stderr[-4000:]
    tried = re.search(r"stat::number_of_executed_units:\s*(\d+)", ran.stderr)
    assert tried is not None
    assert int(tried[1]) > 100 * len(vendors())
