"""Ports for servers that a test starts: free now, and given to nobody else until the server listens there.

A server takes seconds to listen on the port that it was told, and one that a test stops leaves it for as
long. Meanwhile whoever asks the kernel for any port (a gateway, a client's connection) may be given that one;
a client that goes on calling a local port may even be connected to itself there. So these ports lie below
those that the kernel hands out, and each process that shares the tests has its own among them.
"""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from random import SystemRandom

FIRST = 10_000
SHARES = 32
"""Among so many processes the ports are divided; xdist starts eight at most."""

_HANDED_OUT = Path("/proc/sys/net/ipv4/ip_local_port_range")
_DEFAULT_HANDED_OUT_FROM = 32_768


def free_port() -> int:
    """Return a port that nobody listens on; never the same twice in a process."""
    return next(port for port in _candidates if _is_free(port))


def _handed_out_from() -> int:
    """Return the first port that the kernel hands out; where it does not say, the usual one."""
    return int(_HANDED_OUT.read_text().split()[0]) if _HANDED_OUT.exists() else _DEFAULT_HANDED_OUT_FROM


def _of_this_process() -> Iterator[int]:
    share = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % SHARES
    ours = range(FIRST + share, max(_handed_out_from(), FIRST + 100 * SHARES), SHARES)
    return iter(SystemRandom().sample(ours, len(ours)))


def _is_free(port: int) -> bool:
    with socket.socket() as one:
        try:
            one.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


_candidates = _of_this_process()
