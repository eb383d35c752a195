"""Leaving out of what is kept the keys that vendors send inside their bodies.

A signature is worth nothing to a thief of the store; a key in clear opens the door. So the text of such a key
is replaced in the bytes before they are kept, and with them in every dead letter and every fact that is made
of them: all of these are read from what is kept. The rest of the body stays byte for byte, and what the
request's authenticity rested on is noted beside it, so that it can be read again. A body that came compressed
is compressed again.
"""

import gzip
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from infra.arrivals import Headers, Original
from infra.json_text import JsonRefused, read_tolerantly

NOT_KEPT = "(not kept)"


def redacted(original: Original, content: bytes, names: Sequence[str]) -> Original:
    """Return an original without the values of some names.

    Args:
        original: As it came.
        content: Its body, decompressed.
        names: What the vendor calls its keys.
    """
    left = without(content, names) if names else content
    if left == content:
        return original
    if content == original.body:
        return replace(original, body=left)
    return replace(original, body=gzip.compress(left, 1, mtime=0), headers=_as_gzip(original.headers))


def without(content: bytes, names: Sequence[str]) -> bytes:
    """Return a JSON text, or what was meant for one, with the text values of some names replaced."""
    left = _pattern(tuple(names)).sub(rb'\1"' + NOT_KEPT.encode() + b'"', content)
    # A name may be written with escapes, which no pattern sees; no vendor does, and nobody shall profit.
    return _rewritten(left, names) if b"\\u" in left else left


@cache
def _pattern(names: tuple[str, ...]) -> re.Pattern[bytes]:
    either = "|".join(map(re.escape, names))
    # A string that nobody closed ends with the text; possessive, so that nothing is read twice.
    return re.compile(rf'("(?:{either})"\s*+:\s*+)"(?:[^"\\]|\\.)*+"?'.encode(), re.DOTALL)


def _rewritten(content: bytes, names: Sequence[str]) -> bytes:
    try:
        document = read_tolerantly(content)
    except JsonRefused:
        return content
    cleaned = _cleaned(document, names)
    return content if cleaned is document else json.dumps(cleaned).encode()


def _cleaned(part: Any, names: Sequence[str]) -> Any:
    """Return a document with the values replaced; the very same one where there are none."""
    if isinstance(part, list):
        members = [_cleaned(one, names) for one in part]
        return part if all(new is old for new, old in zip(members, part, strict=True)) else members
    if not isinstance(part, dict):
        return part
    values = {
        name: NOT_KEPT
        if name in names and isinstance(value, str) and value != NOT_KEPT
        else _cleaned(value, names)
        for name, value in part.items()
    }
    return part if all(values[name] is part[name] for name in part) else values


def _as_gzip(headers: Headers) -> Headers:
    return tuple((name, "gzip" if name == "content-encoding" else value) for name, value in headers)
