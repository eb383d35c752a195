"""The start-up test of Faust's private names."""

from dataclasses import replace

import pytest

from infra.kafka import pinned
from infra.kafka.errors import FaustChanged
from infra.kafka.pinned import METHODS, expect_pinned


def expect_problem(monkeypatch: pytest.MonkeyPatch, changed: pinned.Private, words: str) -> None:
    monkeypatch.setattr(pinned, "METHODS", (changed,))
    with pytest.raises(FaustChanged, match=words):
        expect_pinned()


def test_the_installed_faust_is_as_the_host_needs_it() -> None:
    expect_pinned()
    assert len(METHODS) > 10


def test_a_method_that_is_gone_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    expect_problem(monkeypatch, replace(METHODS[0], name="_fetch_everything"), "_fetch_everything is gone")


def test_a_method_that_takes_something_else_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    expect_problem(monkeypatch, replace(METHODS[0], parameters=("self", "more")), "__post_init__ takes")


def test_a_method_that_is_no_longer_awaited_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    expect_problem(monkeypatch, replace(METHODS[0], awaited=True), "not a coroutine")


def test_another_version_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pinned, "VERSIONS", {"faust-streaming": "0.16.0"})
    with pytest.raises(FaustChanged, match=r"faust-streaming is 0\.15\.3, not 0\.16\.0"):
        expect_pinned()


def test_an_attribute_that_is_gone_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pinned, "ATTRIBUTES", (("aiokafka", "AIOKafkaConsumer", "_somewhere"),))
    with pytest.raises(FaustChanged, match="_somewhere is gone"):
        expect_pinned()
