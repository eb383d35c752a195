"""Calendly's scheme is Stripe's, whose own library signs here."""

from hypothesis import given
from hypothesis import strategies as st
from stripe import WebhookSignature

from services.intake.vendor import Authenticity, Secrets
from services.intake.vendors.calendly import authenticate
from tests.services.intake.vendors.signing import NOW, SECONDS, posted

SECRETS = Secrets((b"newer", b"secret"))


def verdict_on(body: str, signed_at: int) -> Authenticity:
    header = WebhookSignature.generate_signature_header(body, "secret", signed_at)
    request = posted("calendly", body.encode(), ("calendly-webhook-signature", header))
    return authenticate(request, SECRETS, NOW).authenticity


@given(st.text(st.characters(codec="utf-8")), st.integers(-180, 60))
def test_what_stripes_library_signs_is_authentic_for_three_minutes(body: str, seconds: int) -> None:
    assert verdict_on(body, int(SECONDS) + seconds) is Authenticity.AUTHENTIC


@given(st.one_of(st.integers(-(10**9), -181), st.integers(61, 10**9)))
def test_what_is_older_or_further_ahead_is_stale(seconds: int) -> None:
    assert verdict_on("{}", int(SECONDS) + seconds) is Authenticity.STALE


@given(st.text(st.characters(max_codepoint=255)))
def test_any_other_header_never_raises(header: str) -> None:
    request = posted("calendly", b"{}", ("calendly-webhook-signature", header))
    assert not authenticate(request, SECRETS, NOW).is_authentic
