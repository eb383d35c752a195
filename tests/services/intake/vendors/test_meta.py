"""Meta's question when the webhook is set up."""

import json
from dataclasses import replace

import pytest

from services.intake.vendor import Answer, Secrets
from services.intake.vendors.meta import VENDOR
from tests.services.intake.vendors.signing import posted

ASKED = "/v1/hooks/ads?hub.mode=subscribe&hub.verify_token=t%C3%B3ken&hub.challenge=1158201444"


def answer_to(target: str, token: bytes | None = "tóken".encode()) -> Answer:
    request = replace(posted("meta", b""), method="GET", target=target)
    return VENDOR.handshakes["GET"].answer(request, Secrets((b"secret",), verify_token=token))


def test_the_challenge_is_given_back_to_who_knows_the_token() -> None:
    answer = answer_to(ASKED)
    assert (answer.status, answer.body) == (200, b"1158201444")


@pytest.mark.parametrize(
    "target",
    [
        ASKED.replace("ken", "kem"),
        ASKED.replace("subscribe", "unsubscribe"),
        ASKED.replace("hub.verify_token", "verify_token"),
        ASKED + "&hub.verify_token=other",
        "/v1/hooks/ads",
    ],
)
def test_anybody_else_is_refused(target: str) -> None:
    assert answer_to(target).status == 403
    assert set(json.loads(answer_to(target).body)) == {"code", "message"}


def test_without_a_token_nobody_is_answered() -> None:
    assert answer_to(ASKED.replace("t%C3%B3ken", ""), None).status == 403
