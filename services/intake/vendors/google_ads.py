"""Google Ads: the answers to a lead form of an ad.

Google signs nothing: the key that was typed into the form's settings comes back in the body as
``google_key``, so that a body that cannot be read cannot be authenticated either, and is answered with 400.
Leads that somebody sends from the settings to try the webhook say ``is_test``, and are kept out of the
numbers. ``lead_id`` is unique across all forms; a column is known by its id and by what the form asks.

Source: developers.google.com/google-ads/webhook/docs/implementation.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pydantic import Field

from infra.json_text import JsonRefused, no_object, read_tolerantly
from schemas.dead_letters import DeadReason
from schemas.vocabulary import Name
from services.intake.findings import Findings
from services.intake.forms import Answered, Filled, FormMapping, say_form
from services.intake.picking import as_text, at
from services.intake.request import Request
from services.intake.signatures import known_key
from services.intake.vendor import MALFORMED, MISSING, Answers, Reading, Secrets, Vendor, Verdict


class GoogleAdsMapping(FormMapping):
    """What lead forms say."""

    system: Name = "google_ads"
    """The system in whose name a lead's id is an external id."""
    origin: str | None = "google_ads"
    campaigns: dict[str, Name] = Field(default_factory=dict)
    """Campaigns by their id in Google Ads; one that is not named here is known by its id."""


def authenticate(request: Request, secrets: Secrets, now: datetime) -> Verdict:  # noqa: ARG001 - no timestamp
    """Compare ``google_key``."""
    try:
        document = read_tolerantly(request.content)
    except JsonRefused:
        return MALFORMED
    key = at(document, "google_key")
    if not isinstance(key, str) or not key:
        return MISSING
    return known_key("google_key", key.encode("utf-8", "surrogatepass"), secrets)


def facts(request: Request, mapping: GoogleAdsMapping) -> Reading:
    """Read a lead."""
    document = read_tolerantly(request.content)
    findings = Findings(request)
    if not isinstance(document, dict):
        findings.refuse(request.content, DeadReason.SCHEMA, no_object(document))
        return findings.reading()
    lead = {name: value for name, value in document.items() if name != "google_key"}
    if findings.is_spoiled(document):
        return findings.reading()
    if not lead.get("lead_id"):
        findings.refuse(lead, DeadReason.SCHEMA, "lead_id: expected an id")
        return findings.reading()
    say_form(findings, lead, _filled(lead, mapping), _answers(lead), mapping)
    return findings.reading()


def _filled(lead: dict[str, Any], mapping: GoogleAdsMapping) -> Filled:
    campaign = as_text(lead["campaign_id"]) if lead.get("campaign_id") else None
    return Filled(
        id=lead["lead_id"],
        time=lead.get("lead_submit_time") or None,
        title=f"form {as_text(lead['form_id'])}" if lead.get("form_id") else None,
        channel="ad",
        ids={mapping.system: as_text(lead["lead_id"])[:128]},
        captured={"campaign": campaign and mapping.campaigns.get(campaign, campaign)},
        test=lead.get("is_test") is True,
    )


_TYPES = {"EMAIL": "email", "WORK_EMAIL": "email", "PHONE_NUMBER": "phone", "WORK_PHONE": "phone"}


def _answers(lead: dict[str, Any]) -> Iterator[Answered]:
    columns = lead.get("user_column_data")
    for one in columns if isinstance(columns, list) else ():
        column = at(one, "column_id")
        names = tuple(name for name in (column, at(one, "column_name")) if isinstance(name, str))
        yield Answered(names, at(one, "string_value"), _TYPES.get(str(column), ""))


VENDOR = Vendor(
    "google_ads",
    authenticate,
    facts,
    mapping=GoogleAdsMapping,
    answers=Answers(taken=200, body=b"{}"),
    keys_in_body=("google_key",),
)
