"""What the gateway answers, over real sockets: each status where it belongs, and never another."""

import gzip
import json

import httpx
import pytest

from tests.services.intake.conftest import CRM, EVENTS, Running
from tests.waiting import wait_for

FACT = {
    "specversion": "1.0",
    "id": "e1",
    "source": "urn:tool",
    "type": "relevo.lead.captured",
    "data": {"subject": {"email": "ana@example.com"}, "fact": {"kind": "captured"}},
}
WRITE_KEY = httpx.BasicAuth("write-key", "")


def test_a_hook_takes_what_is_authentic(client: httpx.Client) -> None:
    answer = client.post("/v1/hooks/crm", json={"email": "ana@example.com"}, headers=CRM)
    assert (answer.status_code, answer.json()) == (202, {"status": "accepted"})


def test_what_cannot_be_read_is_taken_all_the_same(client: httpx.Client) -> None:
    assert client.post("/v1/hooks/crm", content=b"\xff{not json", headers=CRM).status_code == 202


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic x"}])
def test_strangers_get_401_and_what_they_may_use(client: httpx.Client, headers: dict[str, str]) -> None:
    answer = client.post("/v1/hooks/crm", json={}, headers=headers)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert set(answer.json()) == {"code", "message"}


def test_an_unsigned_webhook_gets_401(client: httpx.Client) -> None:
    assert client.post("/v1/hooks/bills", json={}).status_code == 401


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v1/hooks/", "/v1/hooks/nobody", "/v1/hooks/crm/", "/docs", "/v1/factsx"]
)
def test_other_paths_are_unknown_and_nothing_redirects(client: httpx.Client, path: str) -> None:
    assert client.post(path, json={}, headers=CRM).status_code == 404


@pytest.mark.parametrize(
    ("path", "allow"),
    [("/v1/hooks/crm", "POST"), ("/v1/hooks/events", "POST, OPTIONS"), ("/v1/facts", "POST, OPTIONS")],
)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "HEAD"])
def test_other_methods_are_told_which_to_use(
    client: httpx.Client, method: str, path: str, allow: str
) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allow)


@pytest.mark.parametrize("path", ["/v1/track", "/v1/t", "/v1/batch", "/v1/b"])
def test_sdk_routes_answer_exactly_200(client: httpx.Client, path: str) -> None:
    answer = client.post(path, json={"userId": "u1", "event": "Clicked"}, auth=WRITE_KEY)
    assert answer.status_code == 200


def test_an_sdk_that_sends_what_is_unreadable_gets_200_too(client: httpx.Client) -> None:
    assert client.post("/v1/batch", content=b"[", auth=WRITE_KEY).status_code == 200


def test_a_key_inside_an_unreadable_body_is_malformed(client: httpx.Client) -> None:
    answer = client.post("/v1/track", content=b'{"writeKey": "write-key"')
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


def test_a_write_key_of_nobody_gets_401_with_code_and_message(client: httpx.Client) -> None:
    answer = client.post("/v1/track", json={"writeKey": "other"})
    assert (answer.status_code, set(answer.json())) == (401, {"code", "message"})


def test_browsers_may_send_to_sdk_routes(client: httpx.Client) -> None:
    asked = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    preflight = client.options("/v1/p", headers=asked)
    assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (200, "*")
    sent = client.post("/v1/p", content=b'{"writeKey":"write-key","anonymousId":"a"}', headers=asked)
    assert (sent.status_code, sent.headers["access-control-allow-origin"]) == (200, "*")
    assert sent.headers["access-control-expose-headers"] == "retry-after"


def test_browsers_may_not_send_elsewhere(client: httpx.Client) -> None:
    answer = client.post("/v1/hooks/crm", json={}, headers={**CRM, "Origin": "https://shop.example"})
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("name", ["crm", "web", "bills"])
def test_a_body_over_its_limit_gets_413(client: httpx.Client, name: str) -> None:
    most = {"web": 4 * 1024 * 1024}.get(name, 256 * 1024)
    answer = client.post(f"/v1/hooks/{name}", content=b"x" * (most + 1), headers=CRM)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_body_in_chunks_is_measured_as_it_comes(client: httpx.Client) -> None:
    chunks = (b"x" * 65536 for _ in range(8))
    assert client.post("/v1/hooks/crm", content=chunks, headers=CRM).status_code == 413


def test_a_gzip_bomb_gets_413(client: httpx.Client) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    assert len(bomb) < 100_000
    answer = client.post("/v1/hooks/crm", content=bomb, headers={**CRM, "Content-Encoding": "gzip"})
    assert answer.status_code == 413


def test_gzip_is_undone(client: httpx.Client) -> None:
    body = gzip.compress(json.dumps({"batch": [{"type": "page", "anonymousId": "a"}]}).encode())
    answer = client.post("/v1/batch", content=body, auth=WRITE_KEY, headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 200


@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_compression_that_cannot_be_undone_is_a_dead_letter(client: httpx.Client, encoding: str) -> None:
    headers = {**CRM, "Content-Encoding": encoding}
    assert client.post("/v1/hooks/crm", content=b"not compressed", headers=headers).status_code == 202


def test_facts_are_taken_as_cloudevents(client: httpx.Client) -> None:
    structured = {**EVENTS, "Content-Type": "application/cloudevents+json"}
    assert client.post("/v1/facts", content=json.dumps(FACT), headers=structured).status_code == 202
    batch = {**EVENTS, "Content-Type": "application/cloudevents-batch+json"}
    assert client.post("/v1/facts", content=json.dumps([FACT]), headers=batch).status_code == 202


def test_the_handshake_of_cloudevents_is_answered(client: httpx.Client) -> None:
    asked = {"WebHook-Request-Origin": "eventgrid.azure.net", "WebHook-Request-Rate": "120"}
    for path in ("/v1/facts", "/v1/hooks/events"):
        answer = client.options(path, headers=asked)
        assert (answer.status_code, answer.headers["webhook-allowed-origin"]) == (200, "eventgrid.azure.net")
        assert answer.headers["webhook-allowed-rate"] == "120"


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_operators_ask_from_this_machine(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_whoever_comes_through_a_proxy_is_no_operator(client: httpx.Client, header: str) -> None:
    assert client.get("/metrics", headers={header: "127.0.0.1"}).status_code == 403


@pytest.mark.slow
def test_keys_are_made_and_revoked_while_the_gateway_runs(shared: Running, client: httpx.Client) -> None:
    made = json.loads(shared.relevo("sources", "key", "create", "partner", "--json").stdout)
    headers = {"Authorization": f"Bearer {made['key']}", "Content-Type": "application/cloudevents+json"}
    wait_for("the key to open", lambda: status_with(client, headers) == 202)
    assert shared.relevo("sources", "key", "revoke", made["id"]).returncode == 0
    wait_for("the key to open no more", lambda: status_with(client, headers) == 401)
    listed = json.loads(shared.relevo("sources", "key", "list", "--json").stdout)
    assert [(one["source"], one["revoked_at"] is None) for one in listed] == [("partner", False)]
    assert made["key"] not in json.dumps(listed)


def status_with(client: httpx.Client, headers: dict[str, str]) -> int:
    """Return what a fact is answered."""
    return client.post("/v1/facts", content=json.dumps(FACT), headers=headers).status_code


def test_an_answer_without_content_says_no_length(client: httpx.Client) -> None:
    answer = client.options("/v1/facts")
    assert (answer.status_code, "content-length" in answer.headers) == (204, False)
    assert client.get("/healthz").status_code == 200  # on the same connection
