"""HubSpot: properties of contacts, written back in batches, a lead a contact.

What is written is how the lead stands when the request is built, so that a message that comes late writes
nothing stale. HubSpot answers a batch with 207 when some of it failed, and refuses it whole (400) for one
property that it does not know; the courier then sends its members one by one. Changes that Relevo makes
come back as webhooks with the app's id as ``sourceId``: the source's ``own_sources`` leaves them out.

Source: developers.hubspot.com, CRM API v3, "Update a batch of contacts"; "Error handling".
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.outbound.outlet import (
    HttpAnswer,
    HttpRequest,
    Message,
    Outcome,
    Session,
    Verdict,
    judged,
    objects,
    plain,
    said_by,
)

PATH = "/crm/v3/objects/contacts/batch/update"
MOST = 100
"""HubSpot's limit of a batch."""
_NOT_FOUND = "OBJECT_NOT_FOUND"


@dataclass(frozen=True, slots=True)
class HubspotOutlet:
    """A HubSpot account.

    Attributes:
        token: Of a private app with ``crm.objects.contacts.write``.
        properties: Fields of the lead by the properties they are written to.
        system: In whose name a lead has the contact's id.
        url: HubSpot's.
    """

    token: str = field(repr=False)
    properties: Mapping[str, str]
    system: str = "hubspot"
    url: str = "https://api.hubapi.com"
    most: int = MOST

    def login(self) -> HttpRequest | None:
        """A token is all it takes."""
        return None

    def session(self, answer: HttpAnswer) -> Session | Outcome:
        """Nobody logs in."""
        return Session()

    def wants(self, message: Message) -> Outcome | None:
        """A lead that is no contact has nothing to be written to."""
        if message.record_in(self.system) is None:
            return Outcome(Verdict.NOWHERE, f"the lead has no id in {self.system}")
        return None

    def request(self, messages: Sequence[Message], session: Session, at: datetime) -> HttpRequest:
        """Build the request that writes a batch."""
        inputs = [{"id": one.record_in(self.system), "properties": self._properties(one)} for one in messages]
        headers = {"authorization": f"Bearer {self.token}", "content-type": "application/json"}
        return HttpRequest("POST", self.url + PATH, headers, json.dumps({"inputs": inputs}).encode())

    def outcomes(self, answer: HttpAnswer, messages: Sequence[Message]) -> list[Outcome]:
        """Read the answer: 200 when all was taken, 207 when some was.

        A contact that was merged into another is written under the other's id, and told by that.
        """
        whole, document = judged(answer), answer.document
        if answer.status == 404 and isinstance(document, dict) and document.get("category") == _NOT_FOUND:
            whole = Outcome(Verdict.NOWHERE if len(messages) == 1 else Verdict.REFUSED, said_by(answer))
        if answer.status != 207:
            return [whole] * len(messages)
        if not isinstance(document, dict):
            unread = Outcome(Verdict.REFUSED, f"what failed cannot be read: {said_by(answer)}"[:200])
            return [unread] * len(messages)
        taken = [str(one.get("id")) for one in objects(document.get("results"))]
        failed = _failures(document)
        named = sum(one.record_in(self.system) in failed for one in messages)
        rest = failed.get("")
        if rest is None and named + len(taken) >= len(messages):
            rest = Outcome(Verdict.SENT, "written, to the contact that it was merged into")
        return [self._outcome(one, taken, failed, rest) for one in messages]

    def _outcome(
        self, message: Message, taken: Sequence[str], failed: Mapping[str, Outcome], rest: Outcome | None
    ) -> Outcome:
        record = message.record_in(self.system) or ""
        if record in failed:
            return failed[record]
        if record in taken:
            return Outcome(Verdict.SENT, f"contact {record} written")
        return rest or Outcome(Verdict.REFUSED, f"nothing was said of contact {record}")

    def _properties(self, message: Message) -> dict[str, str]:
        """Return what is written; every value is text, and empty text clears a property."""
        found = {name: plain(message.lead, known) for name, known in self.properties.items()}
        return {name: "" if value is None else str(value) for name, value in found.items()}


def _failures(document: Mapping[str, Any]) -> dict[str, Outcome]:
    """Return what became of contacts that failed, by their ids; under "" where no id is named."""
    found: dict[str, Outcome] = {}
    for error in objects(document.get("errors")):
        is_gone = error.get("category") == _NOT_FOUND
        verdict = Verdict.NOWHERE if is_gone else Verdict.REFUSED
        outcome = Outcome(verdict, str(error.get("message", "refused"))[:200])
        context = error.get("context")
        ids = context.get("ids") if isinstance(context, dict) else None
        for record in ids if isinstance(ids, list) and ids else [""]:
            found[str(record)] = outcome
    return found
