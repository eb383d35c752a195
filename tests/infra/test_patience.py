"""Waiting for a store: trying again while it does not serve, and no longer than was said."""

import logging
from itertools import islice

import pytest

from infra.patience import patiently, pauses
from infra.store.errors import StoreAway, StoreBusy, StoreUnusable


class Flaky:
    """Work that fails in these ways before it succeeds."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.waits: list[float] = []

    def work(self) -> str:
        if self.errors:
            raise self.errors.pop(0)
        return "done"


def test_what_passes_is_tried_again_and_said(caplog: pytest.LogCaptureFixture) -> None:
    away = StoreAway("the server is starting")
    flaky = Flaky(away, away, StoreBusy("a deadlock"), away)
    with caplog.at_level(logging.WARNING):
        assert patiently(flaky.work, wait=flaky.waits.append) == "done"
    assert len(flaky.waits) == 4
    assert caplog.messages == [
        "the server is starting; trying again for 5 s",
        "a deadlock; trying again for 5 s",
    ]


def test_what_waits_for_a_person_is_not_tried_again() -> None:
    flaky = Flaky(StoreUnusable("wrong password"))
    with pytest.raises(StoreUnusable, match="wrong password"):
        patiently(flaky.work, wait=flaky.waits.append)
    assert flaky.waits == []


def test_patience_ends() -> None:
    flaky = Flaky(*(StoreAway(str(number)) for number in range(100)))
    with pytest.raises(StoreAway):
        patiently(flaky.work, seconds=0.01, wait=flaky.waits.append)
    assert sum(flaky.waits) <= 0.01


def test_pauses_grow_up_to_the_longest_and_differ_between_processes() -> None:
    found = list(islice(pauses(0.1, 1.0), 12))
    assert all(0.05 <= pause <= 1 for pause in found)
    assert all(pause >= 0.5 for pause in found[5:])
    assert found != list(islice(pauses(0.1, 1.0), 12))
