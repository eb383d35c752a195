"""What is said meanwhile: facts as tools say them, so many a second, while the brokers come and go.

What is said, and of whom, follows from the seed; when, from the clock: the clocks of the agreement that is
signed here run for a minute, so that they fall due, are met and are breached while things go wrong.
"""

import threading
import time
from datetime import timedelta
from random import Random

from infra.kafka.producing import Undelivered
from infra.time_source import system_time
from schemas.facts import ControlFact
from services.kafka_line import FactsTopic
from tests.histories import Plan, Said, Teller, document, signing

MINUTE = {"kind": "elapsed", "minutes": 1}
HASTY = document(
    {
        "version": "hasty",
        "handoff.clocks.0.allowance": MINUTE,
        "handoff.clocks.0.escalate.0.after": MINUTE,
        "handoff.clocks.1.allowance": MINUTE,
    }
)
SHORTEST = timedelta(minutes=1)
"""The shortest allowance of any clock under any agreement that is signed here."""

LATENESS = tuple(timedelta(seconds=seconds) for seconds in (0, 0, 0, 1, 5, 20, 45, 55, 70))
POISON_RATE = 0.01
PAUSE_SECONDS = 0.5


class Feeder:
    """Says facts in a thread of its own.

    Args:
        topic: Where.
        seed: What follows from it.
        rate: Facts a second.
        leads: Of so many leads.
    """

    def __init__(self, topic: FactsTopic, seed: int, *, rate: float, leads: int) -> None:
        self.said: list[bytes] = []
        """What the brokers have acknowledged, in order."""
        self.refused_count = 0
        """How often they did not, and it was said again."""
        self._topic = topic
        self._rng = Random(seed)
        self._a_pause = max(1, round(rate * PAUSE_SECONDS))
        plan = Plan(leads=leads, signings=False, clock_jumps=False, lateness=LATENESS)
        self._teller = Teller(self._rng, plan)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="feeder", daemon=True)

    def start(self) -> None:
        """Have the agreements signed, and begin to say facts."""
        now = system_time()
        self._say([one.value for one in (*self._teller.begun(), signing(now, HASTY, "hasty"))])
        self._thread.start()

    def stop(self) -> None:
        """Say what is in hand, close what was opened, and say no more."""
        self._stop.set()
        self._thread.join()
        self._say([one.value for one in self._teller.end(system_time())])

    def _run(self) -> None:
        begun, pauses = time.monotonic(), 0
        while not self._stop.is_set():
            self._say(self._values())
            pauses += 1
            self._stop.wait(begun + pauses * PAUSE_SECONDS - time.monotonic())

    def _values(self) -> list[bytes]:
        values: list[bytes] = []
        while len(values) < self._a_pause:
            values += [self._spoilt(one) for one in self._teller.at(system_time())]
        return values

    def _spoilt(self, one: Said) -> bytes:
        """Return a fact as it is sent: once in a while cut short. What opens or closes an import never is."""
        about_a_lead = not isinstance(one.event.data.fact, ControlFact)
        if about_a_lead and self._rng.random() < POISON_RATE:
            return one.value[: self._rng.randrange(len(one.value))]
        return one.value

    def _say(self, values: list[bytes]) -> None:
        """Say it until the brokers have acknowledged it; what they had already comes twice."""
        while True:
            try:
                self._topic.append(values)
            except Undelivered:
                self.refused_count += 1
            else:
                self.said += values
                return
