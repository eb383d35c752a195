"""Sending: how long an acknowledgement is waited for."""

import pytest

from infra.kafka.cluster import Cluster
from infra.kafka.producing import Publisher, Sending, Undelivered

NOBODY = Cluster("127.0.0.1:1")


def test_an_acknowledgement_is_waited_for_no_longer_than_there_is_time() -> None:
    with pytest.raises(Undelivered, match=r"leads\.scored: not acknowledged by the time to stop"):
        Publisher(NOBODY, "test").send([Sending("leads.scored", 0, None, b"x")], lambda: True)
