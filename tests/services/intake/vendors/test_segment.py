"""Segment's own Python SDK, pointed at the running gateway: everything arrives, once, without a retry."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from segment.analytics.client import Client

from services.intake.request import Request
from services.intake.vendors.segment import VENDOR, SegmentMapping, when
from tests.services.intake.conftest import Gateways

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


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
        client.track(f"u{number % 50}", "Clicked", {"place": number, "nested": {"a": [1, 2]}})
    client.shutdown()
    return wrong


@pytest.mark.slow
@pytest.mark.parametrize(("count", "gzip"), [(500, False), (10_000, True)])
def test_what_the_sdk_sends_is_counted_to_the_last_event(
    gateways: Gateways, caplog: pytest.LogCaptureFixture, count: int, gzip: bool
) -> None:
    running = gateways()
    with caplog.at_level(logging.WARNING):
        assert send(running.url, count, gzip=gzip) == []
    assert caplog.records == []
    running.stop()
    assert running.counted() == {"facts": count, "dead": 0}


@pytest.mark.parametrize(
    ("call", "batch", "wanted"),
    [
        ({}, {}, NOON),
        ({"timestamp": "2026-03-02T11:00:00Z"}, {}, NOON - timedelta(hours=1)),
        (
            {"timestamp": "2026-03-02T10:59:00Z"},
            {"sentAt": "2026-03-02T11:00:00Z"},
            NOON - timedelta(minutes=1),
        ),
        (
            {"originalTimestamp": "2026-03-02T13:00:00Z", "sentAt": "2026-03-02T13:00:05Z", "timestamp": "x"},
            {"sentAt": "2026-03-02T14:00:00Z"},
            NOON - timedelta(seconds=5),
        ),
        (
            {
                "timestamp": "2026-03-02T11:00:00Z",
                "sentAt": "2026-03-02T11:00:00Z",
                "receivedAt": "2026-03-02T11:30:00Z",
            },
            {},
            NOON - timedelta(minutes=30),
        ),
    ],
)
def test_the_clock_of_the_device_is_corrected(
    call: dict[str, Any], batch: dict[str, Any], wanted: datetime
) -> None:
    assert when(call, batch, NOON) == wanted


@pytest.mark.parametrize("said", ["yesterday", "2026-03-02", 20260302, "2026-03-02T11:00:00"])
def test_a_time_that_is_none_is_a_dead_letter(said: object) -> None:
    body = f'{{"type": "page", "anonymousId": "a", "timestamp": {said!r}}}'.replace("'", '"').encode()
    request = Request("web", "POST", "/v1/page", (), body, body, NOON)
    reading = VENDOR.facts(request, SegmentMapping())
    assert [part.reason.value for part in reading.unfit] == ["bad_instant"]
