"""What stands around a sign in a text, found in one pass: both sides of an ``@``, a name and its value.

One expression for all three parts would try every place at which the first part may begin: of a megabyte
without a blank, each character as often as that part may be long. So the sign is looked for, which is
quick, and its two sides are read from there.
"""

import re
from collections.abc import Iterator

FURTHEST = 64
"""How far before a sign is looked: a local part is no longer (RFC 5321, 4.5.3.1.1)."""


def around(
    text: str, sign: re.Pattern[str], before: re.Pattern[str], after: re.Pattern[str]
) -> Iterator[tuple[str, str]]:
    """Yield what stands before and after each sign that has both, from left to right, none within another.

    Args:
        text: Of any length; the time taken grows with it.
        sign: What they stand around, of one character.
        before: Matches backwards from the sign; its first group is what is yielded.
        after: Matches onwards from the sign; its first group is what is yielded.
    """
    end = 0
    for found in sign.finditer(text):
        at = found.start()
        if at < end:
            continue
        behind = before.match(text[max(end, at - FURTHEST) : at][::-1])
        ahead = after.match(text, found.end()) if behind else None
        if behind and ahead:
            yield behind[1][::-1], ahead[1]
            end = ahead.end()
