"""Pages of other origins: what their browsers are told, and the vendors' own browser SDKs in a real one."""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from services.intake.edge.asked import Asked
from services.intake.edge.cors import Pages
from tests.servers.browser import browsing
from tests.servers.npm import Package
from tests.services.intake.conftest import Gateways, Running
from tests.waiting import wait_for

SHOP = ("origin", "https://shop.example")

SEGMENT = Package(
    "@segment/analytics-next",
    "1.84.3",
    "sha512-5l7cPBzScxhfJ0zdcKQI4daDvMIWWUk7hClT1xGRelnHUltIEoQ9w8+ZpFPoWJMpX8D7IA1nVAfJbpiKi3XaKw==",
)
RUDDERSTACK = Package(
    "@rudderstack/analytics-js",
    "3.34.1",
    "sha512-cci768CvaM64Wr/MDDtLF8K49aPy7TwwfwL9G1a2SSfgwL4XfVfGNVT//Mv8yph0a14pPc/Nf5HDWhVjAD5vQg==",
)

SOURCES = {
    "sources": [
        {"name": "web", "kind": "segment", "secret_env": ["WEB_KEY"]},
        {"name": "product", "kind": "rudderstack", "secret_env": ["CRM_KEY"]},
    ]
}

SEGMENT_PAGE = """<script src="/sdk.js"></script><script>
const host = { apiKey: "write-key", apiHost: "%(address)s/v1", protocol: "http", %(strategy)s };
const analytics = AnalyticsNext.AnalyticsBrowser.load(
  { writeKey: "write-key", cdnSettings: { integrations: { "Segment.io": host } } });
analytics.identify("u1", { email: "ana@example.com" });
analytics.track("Demo Requested", { plan: "team" });
analytics.page("Pricing");
analytics.group("g1", { name: "ACME" });
</script>"""

RUDDERSTACK_PAGE = """<script src="/sdk.js"></script><script>
const source = { id: "s", name: "s", writeKey: "key-of-the-crm", workspaceId: "w", enabled: true, config: {},
                 connections: [], destinations: [] };
const analytics = new rudderanalytics.RudderAnalytics();
analytics.load("key-of-the-crm", "http://%(address)s",
               { getSourceConfig: () => ({ source, updatedAt: "" }), %(strategy)s });
analytics.identify("u1", { email: "ana@example.com" });
analytics.track("Demo Requested", { plan: "team" });
analytics.page("Pricing");
analytics.group("g1", { name: "ACME" });
</script>"""


def told(pages: Pages, method: str, *headers: tuple[str, str]) -> dict[str, str]:
    """Return what a browser is told, by header."""
    asked = Asked(method, "/v1/track", "/v1/track", headers, "127.0.0.1")
    return {name.decode(): value.decode() for name, value in pages.headers(asked)}


def test_a_preflight_allows_every_header_that_is_asked_for() -> None:
    wanted = "authorization,content-type,rsa-retry-attempt,sentat"
    found = told(Pages(["*"]), "OPTIONS", SHOP, ("access-control-request-headers", wanted))
    assert found["access-control-allow-headers"] == wanted
    assert found["access-control-allow-origin"] == "*"
    assert found["vary"] == "origin, access-control-request-headers"


def test_a_preflight_that_asks_for_no_headers_is_told_of_none() -> None:
    assert "access-control-allow-headers" not in told(Pages(["*"]), "OPTIONS", SHOP)


def test_a_page_that_is_named_is_named_in_the_answer() -> None:
    found = told(Pages(["https://shop.example"]), "POST", SHOP)
    assert (found["access-control-allow-origin"], found["vary"]) == ("https://shop.example", "origin")


@pytest.mark.parametrize("headers", [(), (("origin", "https://other.example"),), (("origin", "null"),)])
def test_nobody_else_is_told_anything(headers: Sequence[tuple[str, str]]) -> None:
    assert told(Pages(["https://shop.example"]), "POST", *headers) == {}


@pytest.mark.browser
@pytest.mark.parametrize("strategy", ["", 'deliveryStrategy: { strategy: "batching", config: { size: 4 } }'])
def test_segments_own_sdk_sends_from_a_page(gateways: Gateways, tmp_path: Path, strategy: str) -> None:
    sdk = SEGMENT.file("dist/umd/index.js")
    assert sent_by(gateways, tmp_path, SEGMENT_PAGE, sdk, strategy) == four_calls()


@pytest.mark.browser
@pytest.mark.parametrize("strategy", ["", "queueOptions: { batch: { enabled: true, maxItems: 4 } }"])
def test_rudderstacks_own_sdk_sends_from_a_page(gateways: Gateways, tmp_path: Path, strategy: str) -> None:
    sdk = RUDDERSTACK.file("dist/npm/modern/bundled/umd/index.js")
    assert sent_by(gateways, tmp_path, RUDDERSTACK_PAGE, sdk, strategy) == four_calls()


def four_calls() -> list[tuple[str, str | None]]:
    """Return what both pages say: the kind of each fact, and the page or event that it names."""
    return [
        ("captured", None),
        ("engaged", "/"),
        ("engaged", "Demo Requested"),
        ("enriched", None),
    ]


def sent_by(
    gateways: Gateways, folder: Path, page: str, sdk: bytes, strategy: str
) -> list[tuple[str, str | None]]:
    """Show a page to a browser until four facts have come; return them, sorted."""
    running = gateways(SOURCES)
    address = running.url.removeprefix("http://")
    content = (page % {"address": address, "strategy": strategy}).encode()
    with browsing(content, {"/sdk.js": sdk}, folder) as heard:
        wait_for("four facts of the page", lambda: bool(heard) or running.counted()["facts"] >= 4)
    assert heard == []
    running.stop()
    assert running.counted() == {"facts": 4, "dead": 0}
    return sorted(map(named, facts_of(running)), key=str)


def facts_of(running: Running) -> list[dict[str, Any]]:
    """Return the facts that were made of what came."""
    with closing(sqlite3.connect(running.file)) as store:
        said = [json.loads(value)["data"]["fact"] for (value,) in store.execute("SELECT value FROM records")]
    return [fact for fact in said if fact["kind"] != "agreement_signed"]


def named(fact: dict[str, Any]) -> tuple[str, str | None]:
    """Return a fact's kind, and the page or event that it names."""
    return fact["kind"], fact.get("name") or fact.get("action")
