"""A disk that is full, and one that may only be read: one sentence, nothing lost, and on it goes."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.wire import write_fact
from schemas.facts import Captured, FactData, FactEvent, Subject
from tests.servers.small_disk import SmallDisk, small_disk
from tests.services.cli.conftest import Ran, clean_environment

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
LEAD_COUNT = 1200
FULL = "the disk is full; free some space"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """A disk of two megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    with small_disk(place, "2m") as mounted:
        yield mounted


@pytest.fixture
def leads(tmp_path: Path) -> str:
    """A file of leads that come to more than the disk takes."""
    file = tmp_path / "leads.jsonl"
    file.write_bytes(b"".join(_captured(number) + b"\n" for number in range(LEAD_COUNT)))
    return str(file)


def _captured(number: int) -> bytes:
    subject = Subject(external_ids={"crm": str(number)})
    data = FactData(subject=subject, fact=Captured(origin="web"))
    time = "2026-03-02T09:30:00Z"
    event = {"id": str(number), "source": "crm", "type": "relevo.lead.captured", "time": time, "data": data}
    return write_fact(FactEvent.model_validate(event))


def test_an_import_that_fills_the_disk_goes_on_when_there_is_room(disk: SmallDisk, leads: str) -> None:
    ran = _run(disk, "import", "jsonl", leads)
    assert (ran.code, ran.err.strip().rpartition("\n")[2].count(FULL)) == (2, 1)
    assert "should not have happened" not in _run(disk, "doctor").err
    assert _run(disk, "verify").err.rstrip().endswith("not everything has been decided; see above")
    disk.remount("size=64m")
    assert _run(disk, "import", "jsonl", leads).code == 0
    assert _run(disk, "verify").code == 0
    assert _run(disk, "metrics", "--json").json[0]["value"] == LEAD_COUNT


def test_a_running_line_waits_for_room(disk: SmallDisk, leads: str) -> None:
    assert _run(disk, "import", "jsonl", leads).code == 2
    with _started(disk, "up") as line:
        assert line.stderr is not None
        said = next(one for one in line.stderr if FULL in one)
        assert said.rstrip().endswith("the line waits")
        disk.remount("size=64m")
        assert _run(disk, "import", "jsonl", leads).code == 0  # it waits until the line has caught up
        line.terminate()
    assert _run(disk, "verify").code == 0


def test_a_disk_that_may_only_be_read_is_for_a_person_to_mend(disk: SmallDisk) -> None:
    assert _run(disk, "say", "captured", "--email", "ana@example.com").code == 0
    disk.remount("ro")
    for verb in (("leads",), ("say", "captured", "--email", "bo@example.com"), ("up",)):
        ran = _run(disk, *verb)
        assert (ran.code, ran.err.count("\n")) == (2, 1)
        assert "the store needs to read and write it and its folder" in ran.err
    disk.remount("rw")
    assert len(_run(disk, "leads", "--json").json) == 1


def _started(disk: SmallDisk, *arguments: str) -> subprocess.Popen[str]:
    command = disk.seen_by(sys.executable, "-m", "services.cli", *arguments)
    environment = {
        **clean_environment(),
        "PYTHONPATH": str(ROOT),
        "RELEVO_STORE": f"sqlite:///{disk.path}/relevo.db",
    }
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True)


def _run(disk: SmallDisk, *arguments: str) -> Ran:
    with _started(disk, *arguments) as process:
        out, err = process.communicate(timeout=120)
    return Ran(process.returncode, out, err)
