"""What a request asks for, as far as its head tells: all that the edge knows before it has the body.

The names of headers are in lower case and everything is latin-1, as HTTP has it. It is made once a request,
by the connection (``protocol.py``), and read by the gateway and by what operators ask.
"""

from infra.arrivals import Headers
from schemas.records import record


@record(frozen=True, slots=True)
class Asked:
    """The head of a request.

    Attributes:
        method: In capitals.
        path: Its percent-encoding undone: what is looked up.
        target: Path and query as they stood in the request: what is signed.
        headers: In the order of the request.
        address: The other end of the connection; blank if it has gone.
    """

    method: str
    path: str
    target: str
    headers: Headers
    address: str

    def header(self, name: str) -> str | None:
        """Return the first value of a header (its name in lower case), if there is one."""
        for known, value in self.headers:
            if known == name:
                return value
        return None
