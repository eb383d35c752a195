"""What a browser is told, so that a page of another origin may send to the SDKs' routes (Fetch, 3.3).

Before a request with headers of its own a browser asks whether it may send every one of them, and sends
nothing unless it may. SDKs have such headers (RudderStack's ``SentAt`` and ``RSA-Retry-Attempt``), and other
ones with each version, so that none is left out here: all that a page gets in by is its key, and no cookie.
"""

from collections.abc import Iterable

from services.intake.edge.asked import Asked

_Headers = tuple[tuple[bytes, bytes], ...]

_PREFLIGHT: _Headers = (
    (b"access-control-allow-methods", b"POST, OPTIONS"),
    (b"access-control-max-age", b"600"),
    (b"vary", b"origin, access-control-request-headers"),
)
_ANSWER: _Headers = (
    (b"access-control-expose-headers", b"retry-after"),  # a page's SDK waits for as long as it says
    (b"vary", b"origin"),
)


class Pages:
    """The pages whose browsers may send.

    Args:
        origins: Theirs, as ``https://example.com``; ``*`` is any.
    """

    def __init__(self, origins: Iterable[str]) -> None:
        self._origins = frozenset(origins)

    def headers(self, asked: Asked) -> _Headers:
        """Return what the answer to a page's request says to its browser; nothing where it is no page's."""
        origin = asked.header("origin")
        if origin is None or not self._origins & {"*", origin}:
            return ()
        allowed = "*" if "*" in self._origins else origin
        told = ((b"access-control-allow-origin", allowed.encode("latin-1")),)
        if asked.method != "OPTIONS":
            return told + _ANSWER
        wanted = asked.header("access-control-request-headers")
        if wanted is None:
            return told + _PREFLIGHT
        return (*told, (b"access-control-allow-headers", wanted.encode("latin-1")), *_PREFLIGHT)
