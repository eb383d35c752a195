"""What stops a worker on Kafka, or keeps it from starting; every message ends in what to do.

    HostError
    ├── ClusterWrong          the settings of the cluster do not go together
    ├── BrokersAway           no broker answers, or none lets us in
    ├── TopicsWrong           a topic is missing, or is another than it was
    ├── FaustChanged          a private method of Faust that is in use is not what it was
    ├── AddressTaken          metrics cannot be shown where they should be
    ├── LogHasNoTime          the log of facts carries its writers' times
    ├── ClocksDiffer          the log's clock and this machine's are too far apart
    ├── PositionOutsideLog    the log does not hold what is to be read next
    ├── GapLasted             a record has been missing for too long
    └── TooMuchPoison         most of what comes in cannot be read

None of them is waited out: they are for a person. What passes by itself (a broker or the store is away) is
waited for where it happens, with a line in the log (``infra.kafka.post``).
"""

ANEW = "begin a new tenant (another RELEVO_KAFKA_PREFIX and an empty store), and send it the facts"
"""What is left to do about topics that nobody can put right."""

MISPLACED = f"leads would be looked for in the wrong place. That cannot be undone: {ANEW}"
"""Why a topic by lead has the partitions that it began with."""


class HostError(Exception):
    """The worker stops, or does not start; the message says what to do."""


class ClusterWrong(HostError):
    """The settings of the cluster do not go together; the message says which and why."""


class BrokersAway(HostError):
    """No broker answers, or none lets us in."""


class TopicsWrong(HostError):
    """A topic is missing, or is another than it was."""


class TopicGrew(TopicsWrong):
    """A topic was given more partitions while a worker reads it."""

    def __init__(self, topic: str, known: int) -> None:
        super().__init__(
            f"{topic} had {known} partitions when this worker started and has more now; {MISPLACED}"
        )


class FaustChanged(HostError):
    """A private method of Faust that is in use is not what it was."""


class AddressTaken(HostError):
    """Metrics cannot be shown where they should be."""


class LogHasNoTime(HostError):
    """The log of facts carries its writers' times instead of its own."""

    def __init__(self, topic: str) -> None:
        super().__init__(
            f"{topic} does not stamp its records (message.timestamp.type is not LogAppendTime); "
            "run relevo topics check"
        )


class ClocksDiffer(HostError):
    """The log's clock and this machine's are too far apart."""


class PositionOutsideLog(HostError):
    """The log does not hold what a partition is to read next."""

    def __init__(self, group: str, place: str, offset: int, first: int, end: int) -> None:
        lost = (
            "were deleted before they were read" if offset < first else "are not there: the topic is another"
        )
        super().__init__(
            f"{group} is to read {place} from offset {offset}, but the log holds {first} to {end}; what lies "
            f"between: records that {lost}. Nothing is skipped; see docs/operations.md, 'A position outside "
            "the log'"
        )


class GapLasted(HostError):
    """A record has been missing for too long."""

    def __init__(self, gap: object) -> None:
        super().__init__(
            f"{gap}; they did not come within 60 s of the log's time. Run relevo topics check, and see "
            "docs/operations.md, 'A gap in a topic'"
        )


class TooMuchPoison(HostError):
    """Most of what comes in cannot be read."""

    def __init__(self, dead: int, of: int, reason: str) -> None:
        super().__init__(
            f"{dead} of the last {of} facts could not be taken, most of them for {reason}; relevo dead "
            "shows them. Have their senders look, then start the worker again: it goes on from there"
        )
