"""Where a path leads: to sources, with what may be said before their secrets are looked at.

What a look has found counts until the doors change: a key that is made or revoked opens or closes paths.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.intake.edge.answers import UNKNOWN, UNKNOWN_SOURCE, Sent
from services.intake.edge.paths import FACTS, HOOKS, SDK_CALLS
from services.intake.keys import Doors
from services.intake.sources import Source
from services.intake.vendor import Handshake

_NOBODYS_BYTES = 4 * 1024 * 1024
"""How large a body may be where no source takes any: as anybody's, so that 401 says what is wrong."""


@dataclass(frozen=True, slots=True)
class Route:
    """Where a request may be for."""

    sources: Sequence[Source]
    body_bytes: int
    """How large a body may be, as far as the path tells."""
    handshakes: Mapping[str, Handshake]
    """Other methods, of the first source."""
    scheme: bytes | None = None
    sdk: bool = False

    @property
    def allow(self) -> str:
        """The methods, as ``Allow`` says them."""
        others = ("OPTIONS",) if self.sdk else self.handshakes
        return ", ".join(("POST", *others))


class Routes:
    """Every path that leads somewhere.

    Args:
        doors: The sources, with the keys that open them now.
    """

    def __init__(self, doors: Doors) -> None:
        self._doors = doors
        self._routes: dict[str, Route] = {}
        self._routes_of = -1

    def at(self, path: str) -> Route | Sent:
        """Return where a path leads; what a look has found counts until the doors change."""
        routes = self._routes
        if self._doors.version != self._routes_of:
            self._routes_of = self._doors.version
            routes.clear()
        known = routes.get(path)
        if known is not None:
            return known
        found = self._look_up(path)
        if isinstance(found, Route):
            routes[path] = found
        return found

    def _look_up(self, path: str) -> Route | Sent:
        if path.startswith(HOOKS):
            source = self._doors.source(path.removeprefix(HOOKS))
            if source is None:
                return UNKNOWN_SOURCE.sent()
            scheme = b"Bearer" if source.vendor.secret == "bearer" else None  # noqa: S105 - what is needed
            return _route((source,), source.vendor.handshakes, scheme)
        if path == FACTS:
            return _route(self._doors.facts_sources(), self._doors.facts_vendor.handshakes, b"Bearer")
        if path in SDK_CALLS:
            return _route(self._doors.sdk_sources(), {}, b"Basic", sdk=True)
        return UNKNOWN.sent()


def _route(
    sources: Sequence[Source], handshakes: Mapping[str, Handshake], scheme: bytes | None, *, sdk: bool = False
) -> Route:
    most = max((one.body_bytes for one in sources), default=_NOBODYS_BYTES)
    return Route(sources, most, handshakes, scheme, sdk)
