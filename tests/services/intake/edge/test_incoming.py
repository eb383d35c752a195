"""Requests that offer another protocol: they are read as what they are, and nothing of them as another."""

import pytest

from tests.services.intake.conftest import Running
from tests.services.intake.edge.test_protocol import HOOK, LAST, STRANGER, TAKEN, said_to, statuses

OFFER = b"connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAEAAEAAAAIAAAAB\r\n"
HIDDEN = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"
WITH_LENGTH = HOOK + OFFER + b"content-length: %d\r\n\r\n" % len(HIDDEN) + HIDDEN
IN_CHUNKS = (
    HOOK + OFFER + b"transfer-encoding: chunked\r\n\r\n%x\r\n" % len(HIDDEN) + HIDDEN + b"\r\n0\r\n\r\n"
)
WITHOUT = b"GET /healthz HTTP/1.1\r\nhost: x\r\n" + OFFER + b"\r\n"


@pytest.mark.parametrize("offering", [WITH_LENGTH, IN_CHUNKS], ids=["length", "chunks"])
def test_a_body_under_an_offer_is_a_body(shared: Running, offering: bytes) -> None:
    whole = TAKEN + offering + offering + STRANGER + LAST
    assert statuses(said_to(shared, whole)) == [202, 202, 202, 401, 200]
    assert statuses(said_to(shared, *(bytes([one]) for one in whole))) == [202, 202, 202, 401, 200]


def test_hundreds_of_offers_in_one_piece_are_all_answered(shared: Running) -> None:
    assert statuses(said_to(shared, WITHOUT * 1000 + LAST)) == [200] * 1001


@pytest.mark.parametrize(
    ("offering", "status"),
    [
        (HOOK.replace(b"host: x\r\n", b"") + OFFER + b"content-length: 2\r\n\r\n{}", 400),
        (HOOK + OFFER + b"content-length: 2\r\ncontent-length: 2\r\n\r\n{}", 400),
        (HOOK + OFFER + b"content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n{}", 400),
        (HOOK + OFFER + b"x-long: " + b"a" * 40_000 + b"\r\n\r\n", 431),
        (b"CONNECT x:80 HTTP/1.1\r\nhost: x\r\n" + OFFER + b"\r\n", 400),
        (b"CONNECT x:80 HTTP/1.1\r\nhost: x\r\n\r\n", 400),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    ],
    ids=["no host", "two lengths", "length and chunks", "long", "tunnel and offer", "tunnel", "HTTP/2"],
)
def test_an_offer_excuses_nothing(shared: Running, offering: bytes, status: int) -> None:
    assert statuses(said_to(shared, TAKEN + offering + HIDDEN)) == [202, status]


@pytest.mark.parametrize(
    ("offering", "why"),
    [
        (WITHOUT.replace(b"host: x\r\n", b"host: x\r\nhost: y\r\n"), b"name one Host"),
        (b"CONNECT x:80 HTTP/1.1\r\nhost: x\r\n" + OFFER + b"\r\n", b"there is no way through here"),
    ],
    ids=["two hosts", "tunnel"],
)
def test_who_offers_is_told_why_it_is_refused(shared: Running, offering: bytes, why: bytes) -> None:
    said = said_to(shared, offering)
    assert (statuses(said), why in said) == ([400], True)
