"""Webhooks as the specification's own library reads them, and nothing personal that was not asked for."""

import json

import pytest
from standardwebhooks import Webhook

from infra.time_source import system_time
from services.outbound.outlet import HttpAnswer, Message, Session, judged
from services.outbound.webhook import WebhookOutlet, key_of
from tests.services.outbound.conftest import SECRET, Outside

OTHER = "whsec_" + "b2xkZXIgc2VjcmV0IG9mIHRoZSBiaWxscw=="
ANA = {"name": "Ana", "email": "ana@example.com", "external_ids": '{"crm": "17"}', "stage": "mql"}


def test_every_live_secret_signs_as_the_specifications_library_reads_it() -> None:
    message = Message(
        "c1.1", "c1", "L1", "stage_changed", "said", system_time(), "b2b-1", {"to_stage": "sql"}, None, ANA
    )
    outlet = WebhookOutlet("https://example.com/hook", (SECRET, OTHER))
    request = outlet.request([message], Session(), message.at)
    for secret in (SECRET, OTHER):
        payload = Webhook(secret).verify(request.body, dict(request.headers))
        assert payload["type"] == "relevo.lead.stage_changed"
    assert b"ana@example.com" not in request.body


def test_what_the_destination_asks_for_of_the_lead_goes_with_the_message(outside: Outside) -> None:
    outside.know("L1", **ANA)
    outside.conclude("L1")
    outside.outlet = WebhookOutlet(outside.receiver.url, (SECRET,), ("email", "external_ids"))
    outside.deliver()
    data = outside.receiver.came[0].document["data"]
    assert data["lead"] == {"email": "ana@example.com", "external_ids": {"crm": "17"}}
    assert (data["lead_id"], data["to_stage"], data["change"]) == ("L1", "mql", "said")


def test_of_who_was_forgotten_nothing_goes(outside: Outside) -> None:
    outside.know("L1", **{**ANA, "erased": True})
    outside.conclude("L1")
    outside.outlet = WebhookOutlet(outside.receiver.url, (SECRET,), ("email", "stage"))
    outside.deliver()
    assert outside.receiver.came[0].document["data"]["lead"] == {"email": None, "stage": None}


@pytest.mark.parametrize("secret", ["secret", "whsec_%%%", "whsec_c2hvcnQ="])
def test_a_secret_of_another_form_is_refused(secret: str) -> None:
    with pytest.raises(ValueError, match="whsec_"):
        key_of(secret)


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (200, "sent"),
        (204, "sent"),
        (302, "away"),
        (400, "refused"),
        (401, "away"),
        (404, "away"),
        (408, "away"),
        (410, "gone"),
        (422, "refused"),
        (429, "away"),
        (500, "away"),
    ],
)
def test_a_status_says_whether_one_message_or_the_destination_is_meant(status: int, verdict: str) -> None:
    assert judged(HttpAnswer(status)).verdict == verdict


def test_a_wait_that_is_no_number_and_no_date_is_not_one() -> None:
    assert judged(HttpAnswer(429, {"retry-after": "soon"})).retry_after is None
    assert HttpAnswer(200, {}, b"no json").document is None
    assert HttpAnswer(200, {}, json.dumps([1]).encode()).document == [1]
