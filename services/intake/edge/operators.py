"""What operators ask: is it alive, is it ready, what does it count. Only from here, or from named networks.

A proxy in front of the gateway makes everybody look like loopback, so a request that carries a forwarding
header is believed to be from loopback only if the proxy is one that the configuration trusts, and then it
is judged by the address that the proxy names.
"""

from collections.abc import Callable
from ipaddress import ip_network

from infra.arrivals import Headers
from infra.embedded.front_desk import FrontDesk
from services.intake.edge.answers import HIDDEN, LOG_AWAY, Scope, Sent, method_not_allowed
from services.intake.edge.counting import Counts, exposition
from services.intake.edge.openapi import described
from services.intake.edge.protocol import WireLimits, is_among
from services.intake.edge.rates import patience
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

    def answer(self, scope: Scope) -> Sent:
        """Answer an operator."""
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
        address = self.address(scope, headers)
        if address is None or not is_among(address, LOOPBACK + self._server.operators):
            return HIDDEN.sent()
        if scope["method"] not in ("GET", "HEAD"):
            return method_not_allowed("GET, HEAD")
        return self._pages[scope["path"]]()

    def address(self, scope: Scope, headers: Headers) -> str | None:
        """Return where a request comes from; None if a proxy that is not trusted has passed it on."""
        address = scope["client"][0] if scope["client"] else "127.0.0.1"
        if not any(name in FORWARDING for name, _ in headers):
            return address
        if not is_among(address, self._server.trusted_proxies):
            return None
        hops = [
            hop.strip() for name, value in headers if name == "x-forwarded-for" for hop in value.split(",")
        ]
        strangers = [hop for hop in hops if not is_among(hop, self._server.trusted_proxies)]
        return strangers[-1] if strangers else None

    def scheme(self, scope: Scope, headers: Headers) -> str:
        """Return the scheme that the sender used, as far as it can be known."""
        if scope["client"] and is_among(scope["client"][0], self._server.trusted_proxies):
            said = next((value for name, value in headers if name == "x-forwarded-proto"), "")
            if said.lower() in ("http", "https"):
                return said.lower()
        return str(scope["scheme"])

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
