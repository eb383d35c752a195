"""The limits that lie below HTTP: header size, how long a request may take to come, connections an address.

Who is over one is told so and cut off by the connection (``protocol.py``); here they are kept and counted,
for all connections of a server.
"""

from collections import Counter
from dataclasses import dataclass, field
from ipaddress import ip_address

from services.intake.sources import Networks


@dataclass(slots=True)
class WireLimits:
    """What a connection may do, and how many each address has open."""

    header_bytes: int
    read_seconds: float
    connections_per_address: int
    trusted_proxies: Networks = ()
    open_by_address: Counter[str] = field(default_factory=Counter)
    cut_count: int = 0
    """Connections that were closed because of a limit, or of what is no HTTP."""

    def is_proxy(self, address: str) -> bool:
        """Say whether an address is a trusted proxy's, behind which there are many."""
        return is_among(address, self.trusted_proxies)

    def opened(self, address: str) -> bool:
        """Count a connection; say whether its address has too many."""
        self.open_by_address[address] += 1
        return self.open_by_address[address] > self.connections_per_address and not self.is_proxy(address)

    def may_linger(self, address: str) -> bool:
        """Say whether a connection that was refused may hear why, though it has not sent all that it is to.

        Who comes in such numbers that half of its connections are refused for that is not waited for.
        """
        return self.open_by_address[address] <= 2 * self.connections_per_address or self.is_proxy(address)

    def closed(self, address: str) -> None:
        """Forget a connection."""
        self.open_by_address[address] -= 1
        if self.open_by_address[address] <= 0:
            del self.open_by_address[address]


def is_among(address: str, networks: Networks) -> bool:
    """Say whether an address lies in one of the networks; what is no address does not."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return any(found in network for network in networks)
