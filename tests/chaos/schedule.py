"""What goes wrong, and when: the seed decides, and nothing else does.

Time is divided into **rounds**. In each of them a worker comes or goes, two are killed and one is frozen for
longer than its group waits for it; in every other round the brokers are restarted, and in the ones between
PostgreSQL goes away. So a schedule of two rounds holds a fault of every kind.
"""

from dataclasses import dataclass
from enum import StrEnum
from random import Random

from infra.kafka.host import SESSION_SECONDS
from tests.infra.kafka.lines import EVERYBODY

ROUND_SECONDS = 20
KILLS_A_ROUND = 2
LONGEST_OUTAGE_SECONDS = 30


class Kind(StrEnum):
    """A kind of fault, as the report names it."""

    KILL = "workers killed"
    FREEZE = "workers frozen for longer than a session"
    BROKER_CRASH = "crashes of the broker"
    BROKER_RESTART = "restarts of the broker"
    STORE_AWAY = "outages of PostgreSQL"
    ADD = "workers added"
    REMOVE = "workers removed"


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong.

    ``worker`` is whose process it befalls, the ``which``-th of those that run; ``lasts_seconds`` is for how
    long, where it does not come by itself.
    """

    at_seconds: float
    kind: Kind
    worker: str = ""
    which: int = 0
    lasts_seconds: float = 0


def schedule(seed: int, seconds: float, outage_seconds: float = LONGEST_OUTAGE_SECONDS) -> list[Fault]:
    """Return what goes wrong within so many seconds, in order.

    Args:
        seed: Decides everything.
        seconds: For how long.
        outage_seconds: How long PostgreSQL stays away at most; at least half as long.
    """
    rng = Random(seed)
    rounds = range(int(seconds // ROUND_SECONDS))
    faults = [fault for place in rounds for fault in _round(rng, place, outage_seconds)]
    return sorted(faults, key=lambda fault: fault.at_seconds)


def _round(rng: Random, place: int, outage_seconds: float) -> list[Fault]:
    def at(latest: float = ROUND_SECONDS) -> float:
        return ROUND_SECONDS * place + rng.uniform(0, latest)

    def befalling(kind: Kind, latest: float = ROUND_SECONDS, lasts: float = 0) -> Fault:
        return Fault(at(latest), kind, rng.choice(EVERYBODY), rng.randrange(100), lasts)

    comes = place % 2 == 0
    found = [befalling(Kind.ADD if comes else Kind.REMOVE)]
    found += [befalling(Kind.KILL) for _ in range(KILLS_A_ROUND)]
    found += [befalling(Kind.FREEZE, ROUND_SECONDS / 2, SESSION_SECONDS + rng.uniform(2, 5))]
    if comes:
        away = rng.uniform(outage_seconds / 2, outage_seconds)
        return [*found, Fault(at(ROUND_SECONDS / 2), Kind.STORE_AWAY, lasts_seconds=away)]
    return [*found, Fault(at(ROUND_SECONDS / 2), rng.choice((Kind.BROKER_CRASH, Kind.BROKER_RESTART)))]
