"""The publisher of the numbers: one process at a time brings ``metrics.totals`` to what the store holds.

Strangers read that topic, so a process that was frozen and wakes must not say anything any more. Whose turn
it is, the group of the topic's one partition says; whoever it is given to takes the position over (its fence
in the store), begins as the only voice of its name (its fence at the brokers), and reads what was published
from the beginning. Then, again and again, it looks at the numbers and sends what differs, in one transaction,
together with the notices about numbers out of bounds that wait in the outbox. Whatever goes wrong ends the
turn; the next one begins anew.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from confluent_kafka import Message

from infra.kafka.cluster import Cluster
from infra.kafka.producing import Sending, SoleVoice
from infra.kafka.routes import NOTICES, TOTALS, notice_sending
from infra.patience import patiently
from infra.store.database import Database, Transaction
from infra.store.positions import Position, advance, take_over
from infra.store.writing import stow, stowed
from infra.totals import Board, Look
from infra.watching import PUBLISHER, notices_in

LookAt = Callable[[Transaction], Look | None]
"""Looks at the numbers that are published; None before there are any."""

Stowed = list[tuple[int, bytes]]


@dataclass(frozen=True, slots=True)
class Bureau:
    """Where numbers are published from and to.

    Attributes:
        cluster: The brokers.
        database: The store.
        look: Looks at the numbers.
        notice_partitions: How many the notices' topic has.
        is_late: Says whether there is no more time to wait for the brokers.
    """

    cluster: Cluster
    database: Database
    look: LookAt
    notice_partitions: int
    is_late: Callable[[], bool] = bool


class Turn:
    """One process's turn, from the assignment on.

    Attributes:
        board: What the topic says.
        caught_up: Whether the topic has been read to its end, so that the board says what it says.
        look: What was looked at last; None: there are no numbers yet.
        look_count: How often somebody looked.
        look_seconds: How long the last time took, saying included.
        said_count: How many totals were said in this turn.
    """

    def __init__(self, bureau: Bureau) -> None:
        self.board = Board()
        self.caught_up = False
        self.look: Look | None = None
        self.look_count = 0
        self.look_seconds = 0.0
        self.said_count = 0
        self._bureau = bureau
        self._voice = SoleVoice(bureau.cluster, PUBLISHER, bureau.is_late)
        self._position = patiently(self._taken_over)
        self._sent: int | None = None
        self._voice.begin()

    def _taken_over(self) -> Position:
        with self._bureau.database.writing() as connection:
            return take_over(connection, PUBLISHER, 0)

    def read(self, message: Message) -> None:
        """Take in a record of the topic."""
        self.board.read(message.key(), message.value())

    def publish(self) -> None:
        """Look at the numbers, and say what differs from what was said; and the notices that wait.

        1. the numbers are read, all as of one moment;
        2. the position moves on, if its version is still the one in hand, and the notices that were
           acknowledged last time leave the outbox;
        3. totals and notices are sent in one transaction of the brokers'.

        A crash between 3 and the next 2 says the same notices again, under the same ids; totals it does not
        repeat, because the topic is read first.

        Raises:
            Fenced: It is another process's turn.
            Undelivered: It is, as the brokers say; or they are away.
            StoreUnavailable: The store did not serve.
        """
        begun = time.monotonic()
        with self._bureau.database.reading() as connection:
            look = self._bureau.look(connection)
        left = self._move_on(look)
        totals = [] if look is None else self._differences(look)
        self._voice.send([*totals, *self._notices(left)])
        self._sent = left[-1][0] if left else None
        self.caught_up = not totals  # what was sent comes back, and then the end
        self.look, self.look_seconds = look, time.monotonic() - begun
        self.look_count += 1
        self.said_count += len(totals)

    def _move_on(self, look: Look | None) -> Stowed:
        changes = {} if look is None else {"clock": look.as_of}
        with self._bureau.database.writing() as connection:
            self._position = advance(connection, PUBLISHER, 0, self._position, **changes)
            stow(connection, PUBLISHER, 0, self._position.version, b"", self._sent)
            return stowed(connection, PUBLISHER, 0)

    def _differences(self, look: Look) -> list[Sending]:
        topic = self._bureau.cluster.name(TOTALS)
        return [Sending(topic, 0, key, value) for key, value in self.board.differences(look)]

    def _notices(self, left: Stowed) -> list[Sending]:
        topic, partitions = self._bureau.cluster.name(NOTICES), self._bureau.notice_partitions
        return [notice_sending(notice, topic, partitions) for _, row in left for notice in notices_in(row)]

    def close(self) -> None:
        """End the turn."""
        self._voice.close()
