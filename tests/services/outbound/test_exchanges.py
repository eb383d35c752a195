"""Writing back to CRMs: exchanges in the form that the vendors document, played by a server on this machine.

A file in ``exchanges/KIND`` says which leads have something concluded of them, which requests must come and
what each is answered, and what becomes of each lead's message:

    says        what the file shows, as a sentence
    leads       by lead, its ids in other systems
    exchanges   request (method, path, headers, json or form) and answer (status, headers, json or body), in
                order; ``after_seconds``: time comes on first
    statuses    by lead, what became of its message
    told        words that people are told
"""

import json
from pathlib import Path
from typing import Any

import pytest

from services.intake.reading import read
from services.intake.registry import vendors
from services.intake.request import Request
from services.intake.vendor import Reading
from services.outbound.hubspot import HubspotOutlet
from services.outbound.outlet import HttpAnswer, Message, Outlet, Session, Verdict
from services.outbound.salesforce import SalesforceOutlet
from tests.services.outbound.conftest import NOON, Outside
from tests.services.outbound.receiving import Answer, Came

FOLDER = Path(__file__).with_name("exchanges")
PROPERTIES = {"relevo_stage": "stage", "relevo_owner": "owner"}


def outlet(kind: str, url: str) -> Outlet:
    if kind == "hubspot":
        return HubspotOutlet("token", PROPERTIES, url=url)
    return SalesforceOutlet(url, "id", "secret", PROPERTIES)


def answer(written: dict[str, Any]) -> Answer:
    body = json.dumps(written["json"]) if "json" in written else written["body"]
    return Answer(written["status"], written.get("headers", {}), body)


def expect(came: Came, wanted: dict[str, Any]) -> None:
    assert (came.method, came.path) == (wanted["method"], wanted["path"])
    assert {name: came.headers[name] for name in wanted.get("headers", {})} == wanted.get("headers", {})
    if "form" in wanted:
        assert came.body.decode() == wanted["form"]
    else:
        assert came.document == wanted["json"]


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*/*.json")), ids=named)
def test_an_exchange_comes_to_what_is_written(outside: Outside, path: Path) -> None:
    written = json.loads(path.read_text())
    exchanges = written["exchanges"]
    outside.outlet = outlet(path.parent.name, outside.receiver.url.removesuffix("/hook"))
    outside.receiver.script(*(answer(one["answer"]) for one in exchanges))
    for lead_id, ids in written["leads"].items():
        outside.know(lead_id, external_ids=json.dumps(ids), stage="mql", owner="lucia")
        outside.conclude(lead_id)
    courier = outside.courier()
    outside.deliver(courier)
    for exchange in exchanges:
        if "after_seconds" in exchange:
            outside.later(seconds=exchange["after_seconds"])
            outside.deliver(courier)
    assert len(outside.receiver.came) == len(exchanges)
    for came, exchange in zip(outside.receiver.came, exchanges, strict=True):
        expect(came, exchange["request"])
    assert {one.lead_id: one.status for one in outside.log()} == written["statuses"]
    assert written.get("told", "") in " ".join(outside.told)


@pytest.mark.parametrize(
    "body",
    [
        "[" * 200_000,
        "NaN",
        '["a", 1, null]',
        '{"results": {"a": 1}, "errors": ["x"]}',
        '{"results": ["a", null], "errors": 5}',
        '{"results": [], "errors": [{"context": [1], "category": null, "message": null}]}',
        '{"results": [], "errors": [{"context": {"ids": 5}}]}',
        '[{"success": false, "errors": ["x"]}]',
        '[{"success": false, "errors": {"a": 1}}]',
    ],
)
@pytest.mark.parametrize("kind", ["hubspot", "salesforce"])
@pytest.mark.parametrize("status", [200, 207, 400])
def test_an_answer_of_any_form_comes_to_something(kind: str, status: int, body: str) -> None:
    known = {"external_ids": json.dumps({kind: "512"})}
    message = Message("c.1", "c", "L1", "stage_changed", "said", NOON, "test-1", {}, None, known)
    (outcome,) = outlet(kind, "https://crm.test").outcomes(HttpAnswer(status, {}, body.encode()), [message])
    assert outcome.verdict in (Verdict.REFUSED, Verdict.SENT)


def test_a_property_without_a_value_is_cleared(outside: Outside) -> None:
    outside.know("L1", external_ids='{"hubspot": "512"}', stage="mql")
    outside.conclude("L1")
    outside.outlet = outlet("hubspot", outside.receiver.url.removesuffix("/hook"))
    outside.deliver()
    assert outside.receiver.came[0].document["inputs"][0]["properties"] == {
        "relevo_stage": "mql",
        "relevo_owner": "",
    }


def test_a_207_that_cannot_be_read_is_tried_again(outside: Outside) -> None:
    outside.know("L1", external_ids='{"hubspot": "512"}')
    outside.conclude("L1")
    outside.receiver.script(Answer(207, body="<html>"))
    outside.outlet = outlet("hubspot", outside.receiver.url.removesuffix("/hook"))
    outside.deliver()
    assert outside.log()[0].status == "waiting"


def came_back(kind: str, document: Any, **mapping: Any) -> Reading:
    """Return what the front door reads in a change that came back."""
    body = json.dumps(document).encode()
    vendor = vendors()[kind]
    request = Request("crm", "POST", "/v1/hooks/crm", (), body, body, NOON)
    return read(vendor, request, vendor.mapping.model_validate(mapping))


def test_what_was_written_to_salesforce_is_left_out_when_it_comes_back() -> None:
    request = SalesforceOutlet("https://acme.my.salesforce.com", "id", "secret", PROPERTIES).request(
        [], Session("token", "https://acme.my.salesforce.com"), NOON
    )
    header = {
        "entityName": "Lead",
        "recordIds": ["00Q5f000006k0ABEAY"],
        "changeType": "UPDATE",
        "changedFields": ["Title"],
        "transactionKey": "t1",
    }
    own = header | {"changeOrigin": f"com/salesforce/api/rest/62.0;{request.headers['sforce-call-options']}"}
    others = header | {"changeOrigin": "com/salesforce/api/rest/62.0;client=somebody"}
    assert came_back("salesforce", {"ChangeEventHeader": own, "Title": "x"}) == Reading(ignored_count=1)
    assert len(came_back("salesforce", {"ChangeEventHeader": others, "Title": "x"}).facts) == 1


def test_what_was_written_to_hubspot_is_left_out_when_it_comes_back() -> None:
    event = {
        "eventId": 1,
        "subscriptionType": "contact.propertyChange",
        "objectId": 512,
        "propertyName": "jobtitle",
        "propertyValue": "x",
        "occurredAt": 1772445600000,
        "sourceId": "54321",
    }
    assert came_back("hubspot", [event], own_sources=["54321"]) == Reading(ignored_count=1)
    assert len(came_back("hubspot", [event]).facts) == 1
