"""What operators ask: is it alive, is it ready, what does it count. Only from here, or from named networks.

A proxy in front of the gateway makes everybody look like loopback, so a request that carries a forwarding
header is believed to be from loopback only if the proxy is one that the configuration trusts, and then it
is judged by the address that the proxy names.
"""

from collections.abc import Callable
from ipaddress import ip_network

from infra.embedded.front_desk import FrontDesk
from services.intake.edge.answers import HIDDEN, LOG_AWAY, Sent, method_not_allowed
from services.intake.edge.asked import Asked
from services.intake.edge.counting import Counts, exposition
from services.intake.edge.openapi import described
from services.intake.edge.rates import patience
from services.intake.edge.wire_limits import WireLimits, is_among
from services.intake.sources import ServerForm

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
TEXT = ((b"content-type", b"text/plain; version=0.0.4; charset=utf-8"),)
FORWARDING = frozenset(("forwarded", "x-forwarded-for", "x-real-ip"))


class Operators:
    """The paths for operators."""

    def __init__(self, server: ServerForm, desk: FrontDesk, counts: Counts, wire: WireLimits) -> None:
        self._server = server
        self._desk = desk
        self._counts = counts
        self._wire = wire
        self._pages: dict[str, Callable[[], Sent]] = {
            "/healthz": lambda: Sent(200, b'{"status":"alive"}'),
            "/readyz": self._ready,
            "/metrics": self._metrics,
            "/openapi.json": lambda: Sent(200, described()),
        }

    def knows(self, path: str) -> bool:
        """Say whether a path is an operators'."""
        return path in self._pages

    def answer(self, asked: Asked) -> Sent:
        """Answer an operator."""
        address = self.address(asked)
        if address is None or not is_among(address, LOOPBACK + self._server.operators):
            return HIDDEN.sent()
        if asked.method not in ("GET", "HEAD"):
            return method_not_allowed("GET, HEAD")
        return self._pages[asked.path]()

    def address(self, asked: Asked) -> str | None:
        """Return where a request comes from; None if a proxy that is not trusted has passed it on."""
        if not any(name in FORWARDING for name, _ in asked.headers):
            return asked.address
        if not is_among(asked.address, self._server.trusted_proxies):
            return None
        said = [value for name, value in asked.headers if name == "x-forwarded-for"]
        hops = [hop.strip() for value in said for hop in value.split(",")]
        strangers = [hop for hop in hops if not is_among(hop, self._server.trusted_proxies)]
        return strangers[-1] if strangers else None

    def scheme(self, asked: Asked) -> str:
        """Return the scheme that the sender used, as far as it can be known; here it is plain HTTP."""
        if is_among(asked.address, self._server.trusted_proxies):
            said = (asked.header("x-forwarded-proto") or "").lower()
            if said in ("http", "https"):
                return said
        return "http"

    def _ready(self) -> Sent:
        if self._desk.away_seconds is None:
            return Sent(200, b'{"status":"ready"}')
        return LOG_AWAY.sent(value=patience(self._desk.away_seconds))

    def _metrics(self) -> Sent:
        desk = self._desk.counts
        gauges = {
            "kept_total": desk.kept_count,
            "commits_total": desk.commit_count,
            "facts_total": desk.made_count,
            "dead_letters_total": desk.dead_count,
            "unsent": desk.unsent_count,
            "log_failures_total": desk.failure_count,
            "log_away_seconds": self._desk.away_seconds or 0.0,
            "connections": sum(self._wire.open_by_address.values()),
            "connections_cut_total": self._wire.cut_count,
        }
        return Sent(200, exposition(self._counts, gauges), TEXT)
