"""What Kafka's clients log is thinned; nobody else's words are."""

import logging

import pytest

from infra.kafka.thinned import EVERY_SECONDS, MOST_WAYS, Thinned

CLIENT, OURS = "aiokafka.client", "infra.kafka.post"


class Clock:
    """A clock that stands until somebody moves it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def thinned(clock: Clock) -> Thinned:
    return Thinned({"aiokafka"}, clock)


def heard(thinned: Thinned, name: str, words: object, *put_in: object) -> str | None:
    """Return what is left of something said; None if nothing is."""
    record = logging.LogRecord(name, logging.ERROR, __file__, 1, words, put_in, None)
    return record.getMessage() if thinned.filter(record) else None


def test_the_first_of_each_way_passes_and_what_it_says_again_does_not(thinned: Thinned) -> None:
    assert heard(thinned, CLIENT, "Unable connect to node %s: %s", 1, "refused") is not None
    assert heard(thinned, CLIENT, "Unable connect to node %s: %s", 1, "timed out") is None
    assert heard(thinned, CLIENT, "Unable connect to node %s: %s", 2, "refused") is not None
    assert heard(thinned, CLIENT, "Unable to update metadata from %s", [1]) is not None


def test_a_minute_later_one_passes_and_says_for_how_many_it_stands(thinned: Thinned, clock: Clock) -> None:
    for _ in range(4):
        heard(thinned, CLIENT, "Unable connect to node %s", 1)
    clock.now += EVERY_SECONDS
    assert (
        heard(thinned, CLIENT, "Unable connect to node %s", 1)
        == "Unable connect to node 1 (and 3 more like it)"
    )
    clock.now += EVERY_SECONDS
    assert heard(thinned, CLIENT, "Unable connect to node %s", 1) == "Unable connect to node 1"


def test_words_without_anything_put_in_pass_as_they_stand(thinned: Thinned) -> None:
    assert heard(thinned, CLIENT, "100 % gone") == "100 % gone"


def test_an_error_that_is_logged_for_words_is_taken_at_its_words(thinned: Thinned) -> None:
    said = [heard(thinned, CLIENT, error) for error in (OSError("gone"), OSError("gone"), ["gone"])]
    assert said == ["gone", None, "['gone']"]


def test_of_more_ways_than_are_remembered_the_one_that_passed_longest_ago_is_forgotten(
    thinned: Thinned, clock: Clock
) -> None:
    heard(thinned, CLIENT, "way 0")
    heard(thinned, CLIENT, "way 1")
    clock.now += EVERY_SECONDS
    assert heard(thinned, CLIENT, "way 0") is not None
    for number in range(2, MOST_WAYS + 1):
        heard(thinned, CLIENT, f"way {number}")
    assert [heard(thinned, CLIENT, f"way {number}") for number in (0, 2, MOST_WAYS)] == [None] * 3
    clock.now += EVERY_SECONDS / 2  # before it would be heard again
    heard(thinned, CLIENT, "one more way")
    assert heard(thinned, CLIENT, "way 0") == "way 0"


def test_who_is_no_client_is_heard_each_time(thinned: Thinned) -> None:
    assert [heard(thinned, OURS, "it waits") for _ in range(3)] == ["it waits"] * 3
