"""Vendors that sign the body with HMAC-SHA256: the digest is gidgethub's to check, its form theirs."""

import hmac
from base64 import b64encode

import pytest
from gidgethub.sansio import validate_event
from hypothesis import given
from hypothesis import strategies as st

from services.intake.registry import vendors
from services.intake.vendor import Authenticity, Secrets
from tests.services.intake.vendors.signing import NOW, posted

SCHEMES = {
    "calcom": ("x-cal-signature-256", "{hexadecimal}"),
    "mautic": ("webhook-signature", "{base64}"),
    "meta": ("x-hub-signature-256", "sha256={hexadecimal}"),
    "tally": ("tally-signature", "{base64}"),
    "typeform": ("typeform-signature", "sha256={base64}"),
}
"""The header by kind, and how the digest is written in it."""


def written(form: str, body: bytes) -> str:
    digest = hmac.digest(b"secret", body, "sha256")
    validate_event(body, signature=f"sha256={digest.hex()}", secret="secret")  # noqa: S106
    return form.format(base64=b64encode(digest).decode(), hexadecimal=digest.hex())


@pytest.mark.parametrize("kind", SCHEMES)
@given(body=st.binary())
def test_a_digest_that_gidgethub_takes_is_authentic(kind: str, body: bytes) -> None:
    header, form = SCHEMES[kind]
    request = posted(kind, body, (header, written(form, body)))
    secrets = Secrets((b"newer", b"secret"))
    assert vendors()[kind].authenticate(request, secrets, NOW).by.endswith("secret 2")


@pytest.mark.parametrize("kind", SCHEMES)
@given(given_signature=st.text(st.characters(max_codepoint=255)))
def test_any_other_text_is_wrong_and_never_raises(kind: str, given_signature: str) -> None:
    request = posted(kind, b"{}", (SCHEMES[kind][0], given_signature))
    verdict = vendors()[kind].authenticate(request, Secrets((b"secret",)), NOW)
    assert verdict.authenticity in (Authenticity.WRONG, Authenticity.MISSING)
