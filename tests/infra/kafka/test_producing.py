"""Sending: how long an acknowledgement is waited for."""

import pytest

from infra.kafka.cluster import Cluster
from infra.kafka.producing import Publisher, Sending, SoleVoice, Undelivered

NOBODY = Cluster("127.0.0.1:1")


def test_an_acknowledgement_is_waited_for_no_longer_than_there_is_time() -> None:
    with pytest.raises(Undelivered, match=r"leads\.scored: not acknowledged by the time to stop"):
        Publisher(NOBODY, "test").send([Sending("leads.scored", 0, None, b"x")], lambda: True)


def test_the_brokers_are_waited_for_as_long_as_there_is_time() -> None:
    answers = [True, False, False]
    with pytest.raises(Undelivered, match="retry call to resume"):
        SoleVoice(NOBODY, "test", answers.pop).begin()
    assert answers == []
