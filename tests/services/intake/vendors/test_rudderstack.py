"""RudderStack's own Python SDK, pointed at the running gateway: everything arrives, once, without a retry."""

import logging

import pytest
from rudderstack.analytics.client import Client

from tests.services.intake.conftest import Gateways

SOURCES = {"sources": [{"name": "web", "kind": "rudderstack", "secret_env": ["WEB_KEY"]}]}


def send(url: str, count: int, *, gzip: bool) -> list[Exception]:
    """Send events with the SDK, and return what went wrong."""
    wrong: list[Exception] = []
    client = Client(
        "write-key",
        host=url,
        gzip=gzip,
        max_queue_size=count + 10,
        on_error=lambda error, _: wrong.append(error),
        upload_interval=0.1,
    )
    client.identify("u0", {"email": "ana@example.com", "employees": 120})
    for number in range(1, count):
        client.track(f"u{number % 50}", "Clicked", {"place": number})
    client.shutdown()
    return wrong


@pytest.mark.slow
@pytest.mark.parametrize(("count", "gzip"), [(10, False), (30, True), (300, False), (10_000, True)])
def test_what_the_sdk_sends_is_counted_to_the_last_event(
    gateways: Gateways, caplog: pytest.LogCaptureFixture, count: int, gzip: bool
) -> None:
    running = gateways(SOURCES)
    with caplog.at_level(logging.WARNING):
        assert send(running.url, count, gzip=gzip) == []
    assert caplog.records == []
    running.stop()
    assert running.counted() == {"facts": count, "dead": 0}
