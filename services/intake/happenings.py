"""What a vendor's named events come to: a booking, a cancellation, a page hit, each as facts of a mapping.

A mapping gives every name of an event its facts; paths begin at the document that the vendor's page
describes. An event that it does not name is of no interest. ``[]`` silences one.
"""

from collections.abc import Mapping
from typing import Any

from services.intake.findings import Findings
from services.intake.picking import FactForm, holding, picked

Happenings = dict[str, tuple[FactForm, ...]]
"""Facts by the name of the event that says them."""


def happenings(written: Mapping[str, Any]) -> Happenings:
    """Return a vendor's defaults, checked as a team's own mapping is."""
    return {name: tuple(FactForm.model_validate(one) for one in many) for name, many in written.items()}


def meeting(action: str, name: str) -> dict[str, Any]:
    """Return the fact that a lead did something about a meeting; ``name`` is a path."""
    fields = {"channel": {"constant": "event"}, "action": {"constant": action}, "name": name}
    return {"kind": "engaged", "fields": fields}


def say_happening(
    findings: Findings,
    part: object,
    forms: tuple[FactForm, ...] | None,
    *,
    known_by: str,
    subject: Mapping[str, Any],
    document: object,
    time: object,
) -> None:
    """Say the facts that an event is mapped to.

    Args:
        findings: Where they go.
        part: The event, for a dead letter.
        forms: Its facts; none at all is of no interest.
        known_by: The event's own id.
        subject: Whom it is about.
        document: Where the facts' paths begin.
        time: When it happened, where a fact names no path of its own.
    """
    said = list(holding(forms or (), document))
    for form, name in said:
        findings.say(
            part,
            event_id=f"{known_by}:{name}",
            fact=form.read(document),
            subject=subject,
            time=picked(form.time, document) or time,
        )
    if not said:
        findings.ignore()
