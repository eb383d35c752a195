"""The OpenAPI document: fresh, whole, and true of what a running gateway answers."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.intake.edge import answers
from services.intake.edge.answers import Refusal
from services.intake.edge.openapi import FILE, document, written
from services.intake.registry import vendors
from tests.services.intake.conftest import ROOT, Gateways, Running
from tests.services.intake.recordings import Recording, recordings

AUTHENTIC = [one for one in recordings() if one.document["verdict"] == "authentic"]
HOOKS = "/v1/hooks/{name}"


def references(node: Any) -> set[str]:
    """Return every ``$ref`` in a document."""
    if isinstance(node, list):
        return {found for one in node for found in references(one)}
    if not isinstance(node, dict):
        return set()
    here = {node["$ref"]} if "$ref" in node else set()
    return here.union(*(references(one) for one in node.values()))


def test_what_is_committed_is_what_would_be_written() -> None:
    assert FILE.read_text(encoding="utf-8") == written()


def test_every_reference_leads_somewhere_and_every_part_is_used() -> None:
    whole = document()
    parts = whole["components"]
    known = {f"#/components/{sort}/{name}" for sort, found in parts.items() for name in found}
    assert references(whole) == {one for one in known if "/securitySchemes/" not in one}
    required = {name for path in whole["paths"].values() for one in path.values() for name in schemes_of(one)}
    assert required == set(parts["securitySchemes"])


def schemes_of(operation: Any) -> set[str]:
    security = operation.get("security", []) if isinstance(operation, dict) else []
    return {name for alternative in security for name in alternative}


def test_every_way_of_refusing_is_in_the_document_and_every_status_on_the_page() -> None:
    refusals = [one for one in vars(answers).values() if isinstance(one, Refusal)]
    shown = json.dumps(document()["components"]["responses"])
    assert [one.code for one in refusals if f'"{one.code}"' not in shown] == ["unknown_path"]
    page = (ROOT / "docs" / "intake.md").read_text(encoding="utf-8")
    rows = " ".join(line.partition("|")[2].partition("|")[0] for line in page.splitlines())
    assert [one.status for one in refusals if str(one.status) not in rows] == []


@pytest.mark.parametrize("recording", AUTHENTIC, ids=lambda one: f"{one.path.parent.name}/{one.path.stem}")
def test_a_request_proves_itself_where_its_vendor_declares(recording: Recording) -> None:
    vendor = recording.vendor
    carried = {name for name, _ in recording.request.headers}
    signed = carried & {name.lower() for name in vendor.signed_in}
    in_body = any(name.encode() in recording.request.content for name in vendor.keys_in_body)
    assert signed or "authorization" in carried or in_body


def test_every_vendor_declares_how_it_proves_itself() -> None:
    by_header = {one.kind for one in vendors().values() if one.signed_in}
    by_bearer = {one.kind for one in vendors().values() if one.secret == "bearer"}  # noqa: S105 - no secret
    assert vendors().keys() - by_header - by_bearer == {"google_ads"}  # whose key stands in the body


def test_operators_may_ask_a_gateway_for_it_and_it_names_no_source(client: httpx.Client) -> None:
    answer = client.get("/openapi.json")
    assert answer.json() == document()
    assert client.get("/openapi.json", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 403


def test_without_any_source_strangers_get_401_and_the_handshake_is_answered(gateways: Gateways) -> None:
    running = gateways({"sources": []})
    with httpx.Client(base_url=running.url, timeout=20) as client:
        for path in ("/v1/facts", "/v1/batch"):
            assert client.post(path, content=b"x" * 1_000_000).status_code == 401
        asked = {"WebHook-Request-Origin": "eventgrid.azure.net"}
        assert (
            client.options("/v1/facts", headers=asked).headers["webhook-allowed-origin"] == asked.popitem()[1]
        )


SETTINGS = """
[phases]
stateful.enabled = false

[auth.openapi.bearer]
bearer = "key-of-the-events"

[auth.openapi.writeKey]
username = "write-key"
password = ""

# What is authentic is taken, whatever it holds; and nothing is made here that could be asked for.
[checks]
negative_data_rejection.enabled = false
positive_data_acceptance.enabled = false
missing_required_header.enabled = false
use_after_free.enabled = false
ensure_resource_availability.enabled = false
object_level_authorization.enabled = false

# Which methods a hook has goes by its source's kind; the document lists those of all of them.
[[operations]]
include-path = "/v1/hooks/{name}"
checks.allow_header_conformance.enabled = false

# Every boundary of every fact would be 3,000 requests; so many chosen at random instead.
[[operations]]
include-name = "POST /v1/facts"
phases.coverage.enabled = false
generation.max-examples = 100
"""


@pytest.mark.slow
def test_a_running_gateway_answers_as_the_document_says(gateways: Gateways, tmp_path: Path) -> None:
    running = gateways()
    asked = document()
    asked["paths"][HOOKS]["parameters"][0]["schema"]["enum"] = ["crm", "web", "bills", "events", "nobody"]
    (tmp_path / "openapi.json").write_text(json.dumps(asked))
    (tmp_path / "schemathesis.toml").write_text(SETTINGS)
    done = schemathesis(running, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    with httpx.Client(base_url=running.url, timeout=20) as client:
        counted = client.get("/metrics").text
    for status in (200, 202, 401, 404, 405):
        assert f'answers_total{{status="{status}"}}' in counted
    assert running.counted()["facts"] > 0


def schemathesis(running: Running, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Let schemathesis ask a gateway everything that a document in a folder allows, and more."""
    tool = ROOT / ".venv" / "bin" / "schemathesis"
    bounds = ["--max-examples", "10", "--seed", "1", "--generation-database", "none", "--no-color"]
    bounds += ["--suppress-health-check", "too_slow", "--request-timeout", "60"]  # a slow machine is no bug
    return subprocess.run(
        [tool, "run", "openapi.json", "--url", running.url, *bounds],
        cwd=folder,
        env=os.environ | {"NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
