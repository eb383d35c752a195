"""A cable between a client and its server that a test may cut: at any moment, or around one message.

It listens on a port of its own and carries bytes both ways. ``cut`` ends every connection and refuses new
ones, ``mend`` takes them again. ``lose_question`` and ``lose_answer`` wait for a message that holds some
bytes: the first ends the connection instead of carrying it, the second carries it, waits until the server has
answered, and ends the connection instead of carrying the answer.
"""

import contextlib
import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_CHUNK = 1 << 16


class Cable:
    """Carries bytes between clients and one server."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._lock = threading.Lock()
        self._is_cut = False
        self._question: bytes | None = None
        self._answer: bytes | None = None
        self.lost_count = 0

    def cut(self) -> None:
        """End every connection, and refuse new ones."""
        with self._lock:
            self._is_cut = True
            for pair in self._pairs:
                _end(pair)

    def mend(self) -> None:
        """Take new connections again."""
        with self._lock:
            self._is_cut = False

    def lose_question(self, message: bytes) -> None:
        """End the connection that is the next to send this, before the server hears of it."""
        self._question = message

    def lose_answer(self, message: bytes) -> None:
        """End the connection that is the next to send this, when the server has answered."""
        self._answer = message

    def serve(self) -> None:
        """Take connections until the listener is closed."""
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def close(self) -> None:
        """End everything."""
        self.cut()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _carry(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError), socket.create_connection(self._server) as server:
            pair = (client, server)
            with self._lock:
                if self._is_cut:
                    return
                self._pairs.add(pair)
            try:
                self._carry_both_ways(client, server)
            finally:
                with self._lock:
                    self._pairs.discard(pair)

    def _carry_both_ways(self, client: socket.socket, server: socket.socket) -> None:
        while True:
            ready, _, _ = select.select([client, server], [], [])
            if server in ready:
                if not (data := server.recv(_CHUNK)):
                    return
                client.sendall(data)
            if client in ready and not self._pass_on(client, server):
                return

    def _pass_on(self, client: socket.socket, server: socket.socket) -> bool:
        """Carry what a client says; false when the connection is to end."""
        data = client.recv(_CHUNK)
        if self._question is not None and self._question in data:
            self._question = None
            self.lost_count += 1
            return False
        server.sendall(data)
        if self._answer is not None and self._answer in data:
            self._answer = None
            self.lost_count += 1
            server.recv(_CHUNK)
            return False
        return bool(data)


def _end(pair: tuple[socket.socket, socket.socket]) -> None:
    for one in pair:
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


@contextmanager
def cable_to(host: str, port: int) -> Iterator[Cable]:
    """Lay a cable to a server."""
    cable = Cable(host, port)
    threading.Thread(target=cable.serve, daemon=True).start()
    try:
        yield cable
    finally:
        cable.close()
