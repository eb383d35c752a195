"""The store that tests of the verification tamper with: told once, copied for each."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.verify.told import Tampered, opened, tell


@pytest.fixture(scope="session")
def told_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the store as the line left it; it is only read."""
    file = tmp_path_factory.mktemp("told") / "relevo.db"
    tell(file)
    return file


@pytest.fixture
def store(told_store: Path, tmp_path: Path) -> Iterator[Tampered]:
    """Return a copy of the store."""
    shutil.copy(told_store, tmp_path / "relevo.db")
    with opened(tmp_path / "relevo.db") as tampered:
        yield tampered
