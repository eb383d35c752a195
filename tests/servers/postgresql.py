"""A PostgreSQL server for tests, found by the tests themselves.

``DATABASE_URL`` names one, as its superuser; else one is started in Docker, if an engine runs that has the
image or gets it; else from the machine's own binaries, on a free port, in a temporary folder. A server that
was started is thrown away, so tests may do with it as they please: it does not sync to disk. None of the
three is an error that says what to do, never a skip: whoever runs marked tests wants them run.

Each test gets a database of its own, which costs less than emptying one.
"""

import os
import shutil
import subprocess
import tempfile
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

import psycopg
from sqlalchemy.engine import URL, make_url

from infra.store.database import Database
from infra.store.opening import open_store
from tests.servers.ports import free_port

IMAGE = "postgres:17"
PASSWORD = "secreta"  # noqa: S105 - of a server that lives as long as a test run
START_SECONDS = 180
"""Longer than the slowest machine takes: it is waited no longer than it has to be."""
HASTY = {"fsync": "off", "full_page_writes": "off", "max_connections": "200"}
"""What a server may save that is thrown away."""

_numbers = count(1)


class NoServer(Exception):
    """The machine has no PostgreSQL to test with."""


@dataclass(frozen=True)
class Server:
    """A server, and its superuser."""

    url: URL
    halt: Callable[[], object] = bool
    """Stops it at once, as a crash would; by default does nothing."""
    start: Callable[[], object] = bool
    """Starts it again, with its data."""

    def address(self, database: str, **parts: object) -> str:
        """Return a store's address; ``parts`` are those of SQLAlchemy's ``URL.set``."""
        url = self.url.set(database=database, **parts)  # type: ignore[arg-type]
        return url.render_as_string(hide_password=False)

    def run(self, statement: str, database: str | None = None) -> None:
        """Run a statement outside a transaction."""
        url = self.url if database is None else self.url.set(database=database)
        with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
            connection.execute(statement.encode())

    @contextmanager
    def database(self) -> Iterator[str]:
        """Make a database of the test's own, and drop it afterwards; give its name."""
        name = f"relevo_test_{os.getpid()}_{next(_numbers)}"
        self.run(f"CREATE DATABASE {name}")
        try:
            yield name
        finally:
            self.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    @contextmanager
    def user(self) -> Iterator[str]:
        """Make a user who may do nothing yet, and drop it afterwards; give its name. It has our password."""
        name = f"relevo_worker_{os.getpid()}_{next(_numbers)}"
        self.run(f"CREATE USER {name} PASSWORD '{PASSWORD}'")
        try:
            yield name
        finally:
            self.run(f"DROP USER {name}")

    def put(self, file: str, content: bytes) -> None:
        """Write a file into the server's data folder, for the server's eyes only."""
        written = b64encode(content).decode()
        self.run(f"COPY (SELECT '{written}') TO PROGRAM 'umask 077; base64 -d > {file}'")

    @contextmanager
    def store(self) -> Iterator[Database]:
        """Give a new store in a database of its own."""
        with self.database() as name, open_store(self.address(name)) as database:
            yield database


@contextmanager
def any_server() -> Iterator[Server]:
    """Give the server that ``DATABASE_URL`` names, or one that is started for the tests."""
    if given := os.environ.get("DATABASE_URL"):
        yield Server(make_url(given).set(drivername="postgresql"))
        return
    with own_server() as server:
        yield server


@contextmanager
def own_server(*, containers: bool = True) -> Iterator[Server]:
    """Start a server that tests may stop, reconfigure and break.

    Args:
        containers: Whether it may run in one; a benchmark would measure the way there, too.

    Raises:
        NoServer: There is neither a Docker engine with the image nor PostgreSQL on this machine.
    """
    binaries = _binaries()
    if containers and _docker_has_image():
        with _in_docker() as server:
            yield server
    elif binaries is not None:
        with _of_this_machine(binaries) as server:
            yield server
    else:
        raise NoServer(
            "no PostgreSQL to test with: set DATABASE_URL, start Docker, or install the server's binaries "
            "(Debian: apt-get install postgresql)"
        )


# --- from the machine's own binaries


def _binaries() -> Path | None:
    """Return the folder of ``initdb`` and ``pg_ctl``: that of the PATH, or the newest of Debian's."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    return max(folders, key=lambda folder: int(folder.parent.name), default=None)


@contextmanager
def _of_this_machine(binaries: Path) -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="relevo-postgresql-") as folder:
        place = _Place(binaries, Path(folder), free_port(), _unprivileged())
        place.make()
        try:
            yield Server(_url(place.port), place.halt, place.start)
        finally:
            place.halt()


@dataclass(frozen=True)
class _Place:
    """A server's folder and port, and who runs it: initdb refuses to run as root."""

    binaries: Path
    folder: Path
    port: int
    user: str | None

    def make(self) -> None:
        password = self.folder / "password"
        password.write_text(PASSWORD)
        if self.user is not None:
            shutil.chown(self.folder, self.user)
            shutil.chown(password, self.user)
        self._run("initdb", "--username=postgres", f"--pwfile={password}", "--auth=scram-sha-256", "-EUTF8")
        self.start()

    def start(self) -> None:
        options = HASTY | {"listen_addresses": "127.0.0.1", "unix_socket_directories": str(self.folder)}
        said = " ".join(f"-c {name}={value}" for name, value in options.items())
        waiting = ("--wait", f"--timeout={START_SECONDS}")
        self._run("pg_ctl", "start", *waiting, f"--log={self.folder}/log", f"--options=-p {self.port} {said}")

    def halt(self) -> None:
        self._run("pg_ctl", "stop", "--mode=immediate", "--wait", check=False)

    def _run(self, program: str, *arguments: str, check: bool = True) -> None:
        command = [str(self.binaries / program), f"--pgdata={self.folder}/data", *arguments]
        done = subprocess.run(
            command,
            user=self.user,
            extra_groups=[] if self.user else None,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,  # inherited by the server, so it must not be a pipe
            stderr=subprocess.STDOUT,
            check=False,
        )
        if check and done.returncode:
            log = self.folder / "log"
            raise NoServer(f"{program} failed: {log.read_text() if log.exists() else done.returncode}")


def _unprivileged() -> str | None:
    return None if os.getuid() else "nobody"


def _url(port: int) -> URL:
    return URL.create("postgresql", "postgres", PASSWORD, "127.0.0.1", port, "postgres")


# --- in Docker


def _docker(*arguments: str) -> str:
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _docker_has_image() -> bool:
    """Say whether a Docker engine runs here that has the image, or can get it."""
    if shutil.which("docker") is None:
        return False
    return any(
        subprocess.run(["docker", *command, IMAGE], capture_output=True, check=False).returncode == 0
        for command in (["image", "inspect"], ["pull", "--quiet"])
    )


@contextmanager
def _in_docker() -> Iterator[Server]:
    settings = [part for name, value in HASTY.items() for part in ("-c", f"{name}={value}")]
    secret = f"POSTGRES_PASSWORD={PASSWORD}"
    publish = f"127.0.0.1:{free_port()}:5432"  # a fixed port, so that it is the same after a restart
    container = _docker("run", "--detach", "--publish", publish, "--env", secret, IMAGE, *settings)

    def start() -> None:
        _docker("start", container)
        _wait_for(server)

    server = Server(_url(int(publish.split(":")[1])), partial(_docker, "kill", container), start)
    try:
        _wait_for(server)
        yield server
    finally:
        _docker("rm", "--force", "--volumes", container)


def _wait_for(server: Server, seconds: float = START_SECONDS) -> None:
    """Wait until a container's server answers; it starts twice, first without listening."""
    pause = threading.Event()
    for _ in range(round(seconds / 0.1)):
        try:
            server.run("SELECT 1")
        except psycopg.OperationalError:
            pause.wait(0.1)
        else:
            return
    raise NoServer(f"PostgreSQL in Docker did not answer within {seconds} s")
