"""Text that a terminal shows and does not obey: a name must not steer the terminal of who reads it."""

import re

_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What a terminal obeys instead of showing it, but for line feed and tab: C0, DEL, C1, turns of direction."""


def printable(text: str) -> str:
    r"""Return a text with its control characters shown as JSON escapes them: ``\u001b``; lines stay lines."""
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text.replace("\r\n", "\n"))
