"""The process that writes, started by the gateway with one end of a pipe.

``python -c`` with the pipe's number and the store's address; the mappings in force come over standard input.
Where workers on Kafka run the line, the prefix of their topics comes third, and facts are sent on from here.
"""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping

from infra.embedded.front_desk import StartWriter
from infra.embedded.front_writer import Writer
from infra.settings import read_settings
from services.intake.letting_go import letting_go
from services.intake.onward import onward
from services.intake.reading import Reader
from services.intake.registry import kinds


def starter(store: str, documents: Mapping[str, str], prefix: str | None) -> StartWriter:
    """Return what starts a writer on a store.

    Args:
        store: The store's address.
        documents: The mappings in force, by digest.
        prefix: What the names of the tenant's topics begin with; None: the store is the log.
    """

    def start(end: socket.socket) -> "subprocess.Popen[bytes]":
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        code = "from services.intake.edge.writer import main; main()"
        command = [
            sys.executable,
            "-c",
            code,
            str(end.fileno()),
            store,
            *([] if prefix is None else [prefix]),
        ]
        started = subprocess.Popen(  # noqa: S603 - our own
            command, pass_fds=[end.fileno()], env=environment, stdin=subprocess.PIPE
        )
        assert started.stdin is not None  # noqa: S101 - asked for above
        with started.stdin as told:
            told.write(json.dumps(dict(documents)).encode())
        return started

    return start


def main() -> None:
    """Write until the pipe ends."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # the gateway hears them, and ends the pipe when it is done
    documents = json.load(sys.stdin)
    end_number, store, *named = sys.argv[1:]
    prefix = named[0] if named else None
    term = read_settings(os.environ).keep_requests
    with (
        socket.socket(fileno=int(end_number)) as end,
        onward(store, prefix) as carrier,
        letting_go(store, term),
    ):
        Writer(end, store, lambda known: Reader(kinds(), known).make, documents, onward=carrier).run()
