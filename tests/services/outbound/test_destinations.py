"""``destinations.yaml``: read as a whole, every error with its place and the remedy."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.yaml_document import DocumentInvalid
from services.outbound.destinations import load_destinations
from services.outbound.hubspot import HubspotOutlet
from services.outbound.salesforce import SalesforceOutlet
from services.outbound.webhook import WebhookOutlet
from tests.house.tree import ROOT
from tests.services.outbound.conftest import SECRET

HOOK = {"name": "hook", "kind": "webhook", "url": "https://example.com/hook", "secret_env": "HOOK_SECRET"}
ENVIRONMENT = {"HOOK_SECRET": SECRET, "EMPTY": "", "SHORT": "whsec_c2hvcnQ="}
YAML = re.compile(r"^```yaml\n(destinations:.*?)^```", re.MULTILINE | re.DOTALL)


def load(folder: Path, *destinations: dict[str, Any]) -> Any:
    file = folder / "destinations.yaml"
    file.write_text(json.dumps({"destinations": destinations}))
    return load_destinations(file, ENVIRONMENT)


def test_a_destination_is_read_with_its_secrets(tmp_path: Path) -> None:
    ((_, route),) = load(tmp_path, {**HOOK, "kinds": ["sla_breached"], "give_up": "1d", "include": ["email"]})
    assert route.outlet == WebhookOutlet(HOOK["url"], (SECRET,), ("email",))
    assert route.lease == timedelta(seconds=30)
    assert (route.wanted.kinds, route.give_up) == (("sla_breached",), timedelta(days=1))


def test_one_that_may_take_long_is_held_for_longer(tmp_path: Path) -> None:
    ((_, route),) = load(tmp_path, {**HOOK, "timeout": "2m"})
    assert route.lease == timedelta(minutes=4)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"url": "http://example.com/hook"}, "write https://, or insecure: true"),
        ({"url": "ftp://example.com/"}, "destinations[0].url"),
        ({"url": "https://user:pass@example.com/"}, "url"),
        ({"url": "https://example.com:abc/"}, "names no host and port"),
        ({"url": "https://example.com:99999/"}, "names no host and port"),
        ({"url": "https://[::1"}, "names no host and port"),
        ({"url": "https:///hook"}, "names no host and port"),
        ({"secret_env": "NOT_SET"}, "NOT_SET is not set"),
        ({"secret_env": "EMPTY"}, "EMPTY is empty"),
        ({"secret_env": "SHORT"}, "24 bytes or more"),
        ({"kinds": ["stage_change"]}, "'stage_change' is no kind of conclusion"),
        ({"include": ["password"]}, "password"),
        ({"give_up": "soon"}, "like 30s"),
        ({"kind": "fax"}, "fax"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_wrong_is_said_with_its_remedy(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    with pytest.raises(DocumentInvalid, match="1 problem") as raised:
        load(tmp_path, {**HOOK, **change})
    assert said in str(raised.value)


def test_a_bad_shape_hides_nothing_else_that_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(DocumentInvalid) as raised:
        load(
            tmp_path,
            {**HOOK, "url": "ftp://x", "secret_env": ["HOOK_SECRET", "NOT_SET"]},
            {**HOOK, "secret_env": "EMPTY"},
            {**HOOK, "name": "third", "kind": "fax", "secret_env": 7},
            {**HOOK, "name": "fourth", "secret_env": "not a name"},
        )
    assert {(problem.path, problem.message) for problem in raised.value.problems} == {
        ("destinations[0].url", "'ftp://x' does not look right"),
        ("destinations[0]", "the environment variable NOT_SET is not set"),
        ("destinations[1].name", "'hook' stands twice"),
        ("destinations[1]", "the environment variable EMPTY is empty"),
        ("destinations[2].kind", "'fax' is not one of the values"),
        ("destinations[3].secret_env", "'not a name' does not look right"),
    }


def test_crms_are_read_with_their_tokens(tmp_path: Path) -> None:
    written = {"kinds": ["stage_changed"], "properties": {"Stage__c": "stage"}}
    hubspot = {"name": "h", "kind": "hubspot", "token_env": "HOOK_SECRET", **written}
    salesforce = {
        "name": "s",
        "kind": "salesforce",
        "url": "https://acme.my.salesforce.com/",
        "client_id_env": "HOOK_SECRET",
        "client_secret_env": "HOOK_SECRET",
        **written,
    }
    (_, one), (_, other) = load(tmp_path, hubspot, salesforce)
    assert one.outlet == HubspotOutlet(SECRET, {"Stage__c": "stage"})
    url = "https://acme.my.salesforce.com"
    assert other.outlet == SalesforceOutlet(url, SECRET, SECRET, {"Stage__c": "stage"})
    with pytest.raises(DocumentInvalid, match="NOT_SET is not set"):
        load(tmp_path, {**hubspot, "token_env": "NOT_SET"})


def test_http_is_for_this_machine_and_for_who_insists(tmp_path: Path) -> None:
    local = {**HOOK, "url": "http://localhost:9000/hook"}
    insisting = {**HOOK, "name": "inner", "url": "http://inner.example.com/", "insecure": True}
    assert len(load(tmp_path, local, insisting)) == 2


def test_a_name_stands_once(tmp_path: Path) -> None:
    with pytest.raises(DocumentInvalid, match="'hook' stands twice"):
        load(tmp_path, HOOK, HOOK)


def test_what_is_no_document_is_said(tmp_path: Path) -> None:
    file = tmp_path / "destinations.yaml"
    for text in ("", "destinations: [", "- hook"):
        file.write_text(text)
        with pytest.raises(DocumentInvalid, match="no valid destinations file"):
            load_destinations(file, {})


PAGES = ("outbound", "integrations/hubspot_out", "integrations/salesforce_out")


@pytest.mark.parametrize("page", PAGES)
def test_every_example_of_the_pages_is_valid(tmp_path: Path, page: str) -> None:
    file = tmp_path / "destinations.yaml"
    examples = YAML.findall((ROOT / "docs" / f"{page}.md").read_text())
    for text in examples:
        file.write_text(text)
        environment = dict.fromkeys(re.findall(r"\b[A-Z][A-Z0-9_]+\b", text), SECRET)
        assert load_destinations(file, environment)
    assert examples
