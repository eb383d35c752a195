"""Which addresses may be called: none of this network's own, unless the destination says that it is one.

A URL whose host names an inner address (a metadata service, a database's console) would make Relevo knock
where its owner cannot. So a host is looked up before each request, all its addresses must be public, and
the request goes to the one that was looked at, whatever the name says a moment later. This machine
may be named outright (``localhost``), for tests and sidecars.
"""

import socket
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


class AddressRefused(Exception):
    """The host's address is not one that may be called."""


class HostUnknown(Exception):
    """The host has no address now."""


@dataclass(frozen=True, slots=True)
class Reached:
    """Where a request goes: the URL's host and the address that was looked at."""

    host: str
    address: str


def is_this_machine(url: str) -> bool:
    """Say whether a URL names this machine outright."""
    return (urlsplit(url).hostname or "") in _THIS_MACHINE


def reach(url: str, *, private: bool) -> Reached:
    """Look a URL's host up.

    Args:
        url: Where to.
        private: Whether the destination says that it is an inner one.

    Raises:
        AddressRefused: One of its addresses is not public.
        HostUnknown: It has none.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        found = socket.getaddrinfo(host, parts.port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise HostUnknown(f"{host} cannot be found: {error}") from error
    addresses = [str(one[4][0]).partition("%")[0] for one in found]
    if not private and not is_this_machine(url):
        inner = [one for one in addresses if not ip_address(one).is_global]
        if inner:
            raise AddressRefused(
                f"{host} is at {inner[0]}, an inner address; if it is meant, say private: true"
            )
    return Reached(host, addresses[0])
