"""A store in PostgreSQL that is restored from a dump made under load: the line catches up, and agrees."""

import signal
from pathlib import Path
from random import Random

import psycopg
import pytest

from infra.kafka.cluster import Cluster
from services.pipeline import WORKERS
from services.verify import verify
from tests.histories import Plan, history
from tests.infra.kafka.lines import NAMES, Line
from tests.servers.postgresql import PASSWORD, Server
from tests.waiting import wait_for

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.slow]

DUMP = "relevo.dump"
"""In the server's data folder."""


def run_there(server: Server, command: str) -> None:
    """Run a program of PostgreSQL's own where the server is, as it may be in a container."""
    with psycopg.connect(server.url.render_as_string(hide_password=False)) as connection:
        (port,) = connection.execute("SHOW port").fetchone() or ()
    access = f"PGHOST=127.0.0.1 PGPORT={int(port)} PGUSER={server.url.username} PGPASSWORD={PASSWORD}"
    server.run(f"COPY (SELECT 1) TO PROGRAM 'cat >/dev/null && {access} {command}'")


def test_a_dump_made_under_load_is_restored_and_the_line_catches_up(
    cluster: Cluster, postgresql: Server, tmp_path: Path
) -> None:
    said = [one.value for one in history(Random(21), Plan(facts=300, leads=12))]
    with postgresql.database() as name, Line(cluster, postgresql.address(name), tmp_path) as line:
        line.make_topics()
        line.run(*NAMES)
        line.say(said[:200])
        wait_for("half of it to be decided", lambda: line.stands("sequencer").get(0, 0) > 100)
        run_there(postgresql, f"pg_dump -Fc -f {DUMP} {name}")
        line.say(said[200:])
        wait_for("all of it to be decided", lambda: line.stands("sequencer").get(0, 0) > len(said))
        for one in line.processes:
            one.kill(signal.SIGKILL)
        postgresql.run(f"DROP DATABASE {name} WITH (FORCE)")
        postgresql.run(f"CREATE DATABASE {name}")
        run_there(postgresql, f"pg_restore -d {name} {DUMP}")
        assert line.stands("sequencer")[0] < len(said)
        line.run(*NAMES)
        line.settle()
        with line.opened() as database:
            report = verify(database, WORKERS)
        assert report.agrees, report.differences[:5]
        assert report.fact_count > 0
