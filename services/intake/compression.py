"""Undoing a body's compression without ever holding more than may come out of it.

A gzip bomb is a kilobyte that becomes a gigabyte; here it stops at the limit, however it is nested in
members. Only gzip and deflate are taken; a body in any other encoding cannot be read.
"""

import zlib

_AUTOMATIC = zlib.MAX_WBITS | 32
"""gzip or zlib, whichever the header says."""

MOST_MEMBERS = 16
"""Each costs a copy of what is left: a body of nothing but empty members would take minutes."""


class TooMuch(Exception):
    """A body would be larger, decompressed, than it may be."""


class BadEncoding(ValueError):
    """A body is not compressed as its header says, or in a way that is not taken."""


def decompressed(body: bytes, encoding: str | None, most_bytes: int) -> bytes:
    """Return a body with its compression undone.

    Args:
        body: As it stood on the wire.
        encoding: The value of ``Content-Encoding``, if there is one.
        most_bytes: What may come out.

    Raises:
        TooMuch: More would come out.
        BadEncoding: It cannot be undone.
    """
    match (encoding or "identity").strip().lower():
        case "identity" | "":
            return body
        case "gzip" | "x-gzip" | "deflate":
            return _inflated(body, most_bytes)
        case other:
            raise BadEncoding(f"Content-Encoding is {other[:40]!a}; send gzip, deflate or none")


def _inflated(body: bytes, most_bytes: int) -> bytes:
    found, rest = bytearray(), body
    for _ in range(MOST_MEMBERS):
        member = zlib.decompressobj(_AUTOMATIC)
        try:
            found += member.decompress(rest, most_bytes + 1 - len(found))
        except zlib.error as error:
            raise BadEncoding(f"the body is not compressed as it says ({error})") from error
        if len(found) > most_bytes:
            raise TooMuch(f"decompressed it is over {most_bytes:,} bytes")
        if not member.eof:
            raise BadEncoding("the compressed body ends early")
        rest = member.unused_data
        if not rest:
            return bytes(found)
    raise BadEncoding(f"the compressed body has more than {MOST_MEMBERS} members")
