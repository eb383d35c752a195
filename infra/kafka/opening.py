"""What is looked at before a worker starts: that brokers answer, and that the topics are those it knows.

A store remembers the topics that it was filled from: their number of partitions and the id that the brokers
gave them. A topic that was made anew has another id under the same name, and positions in the old one mean
nothing in it; with another number of partitions a lead would be looked for in the wrong place. Neither can be
told from offsets, so either keeps the worker from starting.
"""

import logging
import threading
from collections.abc import Mapping

from infra.kafka.cluster import Cluster
from infra.kafka.errors import ANEW, MISPLACED, BrokersAway, LogHasNoTime, TopicsWrong
from infra.kafka.routes import DEAD, FACTS, JOURNAL, NOTICES, Partitions
from infra.kafka.topics import Found, administration, expect_an_answer
from infra.store.database import Database
from infra.store.errors import StoreUnavailable
from infra.store.topics import KnownTopic, remember

NEEDED = (FACTS, JOURNAL, "leads.scored", "leads.decided", NOTICES, DEAD)
ALIKE = (JOURNAL, "leads.scored", "leads.decided")
"""The topics by lead: a worker writes the partition that it reads, so they have equally many."""

PAUSE_SECONDS = 2
LOOKS = 3
"""How often a broker that listens may not say what it has: one that comes back listens before it serves."""

_log = logging.getLogger(__name__)


def wait_for_brokers(cluster: Cluster, stopping: threading.Event) -> None:
    """Return when a broker answers, or when ``stopping`` is set; say now and then that none does."""
    while not stopping.is_set():
        try:
            expect_an_answer(cluster, PAUSE_SECONDS)
        except BrokersAway as error:
            _log.warning("Waiting: %s", error)
            stopping.wait(PAUSE_SECONDS)
        else:
            return


def topics_when_there(cluster: Cluster, database: Database, looks: int = LOOKS) -> Partitions:
    """Look at the topics; brokers or a store that go away meanwhile are waited for.

    Raises:
        TopicsWrong: As ``look_at_topics``.
        LogHasNoTime: As ``look_at_topics``.
        BrokersAway: Somebody listens there, and for so many ``looks`` does not say: we may not be let in.
    """
    left, pause = looks, threading.Event().wait
    while True:
        try:
            return look_at_topics(cluster, database)
        except BrokersAway as error:
            left -= _listens(cluster)
            if not left:
                raise
            _log.warning("Waiting: %s", error)
        except StoreUnavailable as error:
            _log.warning("Waiting: %s", error)
        pause(PAUSE_SECONDS)


def _listens(cluster: Cluster) -> bool:
    try:
        expect_an_answer(cluster, PAUSE_SECONDS)
    except BrokersAway:
        return False
    return True


def look_at_topics(cluster: Cluster, database: Database) -> Partitions:
    """Check the topics against what the protocol needs and what the store remembers.

    Raises:
        TopicsWrong: One is missing, or is another than it was.
        LogHasNoTime: The log of facts carries its writers' times.
        BrokersAway: No broker answers any more.
    """
    with administration(cluster) as admin:
        found = admin.found()
    there = {name: found.get(cluster.name(name)) for name in NEEDED}
    topics = {name: one for name, one in there.items() if one is not None}
    if missing := [cluster.name(name) for name in NEEDED if name not in topics]:
        raise TopicsWrong(f"{', '.join(missing)}: no such topic; run relevo topics create")
    _expect_what_the_protocol_needs(topics)
    _expect_those_remembered(topics, database)
    return Partitions(topics[JOURNAL].partitions, topics[NOTICES].partitions)


def _expect_what_the_protocol_needs(topics: Mapping[str, Found]) -> None:
    facts = topics[FACTS]
    if facts.partitions != 1:
        raise TopicsWrong(
            f"{facts.name} has {facts.partitions} partitions and must have one: whose a fact is has one "
            f"answer; {ANEW}"
        )
    if facts.settings.get("message.timestamp.type") != "LogAppendTime":
        raise LogHasNoTime(facts.name)
    if len({topics[name].partitions for name in ALIKE}) > 1:
        counts = ", ".join(f"{topics[name].name} has {topics[name].partitions}" for name in ALIKE)
        raise TopicsWrong(f"the topics by lead must have equally many partitions, but {counts}; {ANEW}")


def _expect_those_remembered(topics: Mapping[str, Found], database: Database) -> None:
    now = [KnownTopic(one.name, one.topic_id, one.partitions) for one in topics.values()]
    with database.writing() as connection:
        known = remember(connection, now)
    for one in now:
        before = known[one.name]
        if one.topic_id != before.topic_id:
            raise TopicsWrong(
                f"{one.name} was deleted and made anew since this store last read it, so its positions mean "
                "nothing there. Put the topic back, or see docs/operations.md, 'A position outside the log'"
            )
        if one.partitions != before.partitions:
            raise TopicsWrong(
                f"{one.name} had {before.partitions} partitions and has {one.partitions}; {MISPLACED}"
            )
