"""The embedded host keeps to the hosts' contract, and one process at a time runs a file's line."""

import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import pytest

import services.sequencer
from infra.embedded.host import EmbeddedHost
from infra.embedded.lock import LineBusy
from infra.store.database import Database
from services.pipeline import WORKERS
from tests.contracts.host import Host, HostContract, handed_over
from tests.histories import START, Said
from tests.servers.postgresql import Server
from tests.stores import Clock, end_of, lasting_store


class OnOneStore:
    """The embedded host in a world whose time a test sets."""

    def __init__(self, database: Database) -> None:
        self.clock = Clock(START)
        self.database = database
        self.host = EmbeddedHost(self.database, WORKERS, services.sequencer, self.clock)

    def append(self, said: Iterable[Said]) -> None:
        for one in said:
            self.clock.now = one.received_at
            self.host.append([one.value])

    def drain(self, now: datetime) -> None:
        self.clock.now = now
        self.host.drain()


def on_one_file(folder: Path) -> OnOneStore:
    folder.mkdir(exist_ok=True)
    return OnOneStore(lasting_store(folder / "relevo.db"))


class TestEmbeddedHost(HostContract):
    def make(self, folder: Path) -> Host:
        return on_one_file(folder)


@pytest.mark.postgres
class TestEmbeddedHostOnPostgresql(HostContract):
    @pytest.fixture(autouse=True)
    def databases(self, postgresql: Server) -> Iterator[None]:
        with ExitStack() as self.stack:
            self.server = postgresql
            yield

    def make(self, folder: Path) -> Host:
        return OnOneStore(self.stack.enter_context(self.server.store()))


HOLDER = """
import sys
from infra.embedded.lock import line_lock
from infra.store.address import read_address
with line_lock(read_address(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_hears_who_runs_the_line(tmp_path: Path) -> None:
    host = on_one_file(tmp_path)
    host.append(handed_over())
    command = [sys.executable, "-c", HOLDER, str(host.database.address)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(LineBusy, match=f"process {holder.pid}"):
            host.drain(end_of(handed_over()))
        assert host.host.waiting() == 3
        holder.communicate()
    host.drain(end_of(handed_over()))
    assert host.host.waiting() == 0


def test_who_does_not_run_the_line_may_append(tmp_path: Path) -> None:
    host, other = on_one_file(tmp_path), on_one_file(tmp_path)
    other.append(handed_over())
    host.drain(end_of(handed_over()))
    assert other.host.waiting() == 0
