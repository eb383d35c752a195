"""RudderStack: its SDKs' routes, which are Segment's, and its webhook destination with a bearer key.

What differs from Segment: bodies are compressed unless that is switched off, an identify's traits stand in
``context.traits``, and any answer but 200 has the SDKs send a batch again and again. The webhook destination
signs nothing; a header ``Authorization: Bearer …`` is set in its settings.

Source: rudderstack.com/docs/api/http-api, .../destinations/streaming-destinations/webhooks.
"""

from datetime import datetime

from services.intake.request import Request
from services.intake.signatures import bearer
from services.intake.vendor import Answers, Reading, Secrets, Vendor, Verdict
from services.intake.vendors import segment


def authenticate(request: Request, secrets: Secrets, now: datetime) -> Verdict:
    """Look for the destination's bearer key, or for an SDK's write key."""
    if request.target.startswith("/v1/hooks/"):
        return bearer(request, secrets)
    return segment.authenticate(request, secrets, now)


def facts(request: Request, mapping: segment.SegmentMapping) -> Reading:
    """Read a batch or a single call, as Segment's."""
    return segment.facts(request, mapping)


VENDOR = Vendor(
    "rudderstack",
    authenticate,
    facts,
    mapping=segment.SegmentMapping,
    answers=Answers(taken=200, body=b'{"success":true}'),
    body_bytes=4 * 1024 * 1024,
    secret="bearer",  # noqa: S106 - what is needed, no secret
    sdk=True,
    keys_in_body=("writeKey",),
)
