"""Keys that vendors send inside their bodies are not kept; all else is, to the byte."""

import gzip
import json
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from infra.arrivals import Original
from infra.store.opening import open_store
from infra.store.tables.front_door import originals
from infra.store.tables.read_model import dead_letters
from services.intake.reading import request_of
from services.intake.redacting import NOT_KEPT, redacted, without
from tests.services.intake.arriving import NOON
from tests.services.intake.conftest import Gateways, Running

KEYS = ("writeKey",)
ADS = {"name": "ads", "kind": "google_ads", "secret_env": ["CRM_KEY"]}
WEB = {"name": "web", "kind": "segment", "secret_env": ["WEB_KEY"]}


def original(body: bytes, *headers: tuple[str, str]) -> Original:
    return Original(NOON, "web", "segment", "d", "POST", "/v1/batch", headers, body, "write key in the body")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (b'{"writeKey": "abc", "a":  1}', b'{"writeKey": "(not kept)", "a":  1}'),
        (b'{"batch":[{"writeKey":"a\\"b"}]}', b'{"batch":[{"writeKey":"(not kept)"}]}'),
        (b'{"writeKey" :\n"abc', b'{"writeKey" :\n"(not kept)"'),
        (b'{"write\\u004bey": "abc", "a": NaN}', b'{"writeKey": "(not kept)", "a": NaN}'),
        (b'{"writeKey": "\\u0061bc", "n": "\\u00e9"}', b'{"writeKey": "(not kept)", "n": "\\u00e9"}'),
        (b'{"writeKey": null, "text": "writeKey"}', b'{"writeKey": null, "text": "writeKey"}'),
    ],
)
def test_the_value_goes_however_it_is_written_and_the_rest_stays(sent: bytes, kept: bytes) -> None:
    assert without(sent, KEYS) == kept
    assert without(kept, KEYS) == kept


def test_a_compressed_body_is_compressed_again() -> None:
    content = b'{"writeKey":"secret","userId":"u"}'
    sent = original(gzip.compress(content), ("content-encoding", "GZIP"), ("x", "y"))
    kept = redacted(sent, content, KEYS)
    assert kept.headers == (("content-encoding", "gzip"), ("x", "y"))
    assert request_of(kept).content == content.replace(b"secret", NOT_KEPT.encode())
    assert kept.verified == sent.verified


def test_what_holds_no_key_is_kept_to_the_byte() -> None:
    content = b'{"userId":"u"}'
    sent = original(gzip.compress(content), ("content-encoding", "gzip"))
    assert redacted(sent, content, KEYS) is sent


def everything_kept(running: Running) -> list[bytes]:
    with open_store(f"sqlite:///{running.file}") as database, database.reading() as connection:
        texts = connection.execute(select(originals.c.headers, originals.c.target)).all()
        bodies = connection.execute(select(originals.c.body)).scalars().all()
        letters = connection.execute(select(dead_letters.c.original)).scalars().all()
    return [*bodies, *letters, *(f"{row.headers}{row.target}".encode() for row in texts)]


@pytest.mark.slow
def test_no_key_stands_in_the_store_and_what_was_sent_is_read_all_the_same(gateways: Gateways) -> None:
    running = gateways({"sources": [ADS, WEB]})
    lead: dict[str, Any] = {"lead_id": "1", "google_key": "key-of-the-crm", "user_column_data": []}
    column = {"column_id": "EMAIL", "string_value": "ana@example.com"}
    call = {"writeKey": "write-key", "type": "identify", "userId": "u", "traits": {"email": "b@example.com"}}
    with httpx.Client(base_url=running.url, timeout=20) as client:
        assert client.post("/v1/hooks/ads", json=lead | {"user_column_data": [column]}).status_code == 200
        assert client.post("/v1/hooks/ads", json=lead | {"lead_id": ""}).status_code == 200
        assert client.post("/v1/i", json=call).status_code == 200
        assert client.post("/v1/t", json=call | {"type": "nonsense"}).status_code == 200
        zipped = gzip.compress(
            json.dumps({"batch": [call | {"type": "alias"}], "writeKey": "write-key"}).encode()
        )
        answer = client.post("/v1/b", content=zipped, headers={"Content-Encoding": "gzip"})
        assert answer.status_code == 200
    counts = running.counted()
    assert (counts["facts"] >= 2, counts["dead"] >= 2) == (True, True)
    kept = everything_kept(running)
    kept += [gzip.decompress(one) for one in kept if one.startswith(b"\x1f\x8b")]
    assert [one for one in kept if b"write-key" in one or b"key-of-the-crm" in one] == []
    assert sum(NOT_KEPT.encode() in one for one in kept) >= 5
