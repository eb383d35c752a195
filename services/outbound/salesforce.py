"""Salesforce: fields of records, written back as an sObject collection, a lead a record.

What is written is how the lead stands when the request is built. Each record is taken or refused by itself
(``allOrNone: false``), and the answer lists them in their order. The session comes from the client
credentials flow and is renewed when Salesforce says that it is over. Requests name themselves
(``Sforce-Call-Options: client=relevo``), so that Change Data Capture's ``changeOrigin`` names them too, and
the source's ``own_clients`` leaves them out.

Source: developer.salesforce.com, REST API Developer Guide, "Update Records Using sObject Collections" and
"Status Codes and Error Responses"; OAuth 2.0 Client Credentials Flow.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

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

MOST = 200
"""Salesforce's limit of a collection."""
_GONE = (
    "CANNOT_UPDATE_CONVERTED_LEAD",
    "ENTITY_IS_DELETED",
    "INVALID_CROSS_REFERENCE_KEY",
    "MALFORMED_ID",
    "NOT_FOUND",
)
"""Of records that nobody writes, however often one asks; what is left of a converted lead is read-only."""


@dataclass(frozen=True, slots=True)
class SalesforceOutlet:
    """A Salesforce organisation.

    Attributes:
        url: Its own domain: ``https://acme.my.salesforce.com``.
        client_id: Of a connected app with the client credentials flow.
        client_secret: Of the same.
        properties: Fields of the lead by the fields they are written to.
        object: The object whose records leads are.
        system: In whose name a lead has the record's id.
        version: Of the API.
        client: What requests call themselves.
    """

    url: str
    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    properties: Mapping[str, str]
    object: str = "Lead"
    system: str = "salesforce"
    version: str = "v62.0"
    client: str = "relevo"
    most: int = MOST

    def login(self) -> HttpRequest | None:
        """Return the request for a session."""
        form = {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
        }
        headers = {"content-type": "application/x-www-form-urlencoded"}
        return HttpRequest("POST", f"{self.url}/services/oauth2/token", headers, urlencode(form).encode())

    def session(self, answer: HttpAnswer) -> Session | Outcome:
        """Read the answer to it; the records are written where this organisation's domain is."""
        said = answer.document
        if answer.status == 200 and isinstance(said, dict) and isinstance(said.get("access_token"), str):
            return Session(said["access_token"], self.url)
        described = said.get("error_description") if isinstance(said, dict) else None
        return Outcome(Verdict.AWAY, f"no session: {described or said_by(answer)}"[:200])

    def wants(self, message: Message) -> Outcome | None:
        """A lead that is no record has nothing to be written to."""
        if message.record_in(self.system) is None:
            return Outcome(Verdict.NOWHERE, f"the lead has no id in {self.system}")
        return None

    def request(self, messages: Sequence[Message], session: Session, at: datetime) -> HttpRequest:
        """Build the request that writes a collection."""
        headers = {
            "authorization": f"Bearer {session.token}",
            "content-type": "application/json",
            "sforce-call-options": f"client={self.client}",
        }
        body = {"allOrNone": False, "records": [self._record(one) for one in messages]}
        path = f"/services/data/{self.version}/composite/sobjects"
        return HttpRequest("PATCH", session.url + path, headers, json.dumps(body).encode())

    def outcomes(self, answer: HttpAnswer, messages: Sequence[Message]) -> list[Outcome]:
        """Read the answer: a result a record, in the order of the request."""
        if answer.status == 401:
            return [Outcome(Verdict.LOGIN, said_by(answer))] * len(messages)
        listed = objects(answer.document)
        if answer.status != 200 or len(listed) != len(messages):
            whole = judged(answer)
            unread = Outcome(Verdict.REFUSED, f"the answer is no list of results: {said_by(answer)}"[:200])
            return [unread if whole.verdict is Verdict.SENT else whole] * len(messages)
        return [_outcome(one) for one in listed]

    def _record(self, message: Message) -> dict[str, Any]:
        written = {name: plain(message.lead, known) for name, known in self.properties.items()}
        return {"attributes": {"type": self.object}, "id": message.record_in(self.system), **written}


def _outcome(result: Mapping[str, Any]) -> Outcome:
    if result.get("success"):
        return Outcome(Verdict.SENT, f"record {result.get('id')} written")
    error: Mapping[str, Any] = next(iter(objects(result.get("errors"))), {})
    code = str(error.get("statusCode", "refused"))
    verdict = Verdict.NOWHERE if code in _GONE else Verdict.REFUSED
    return Outcome(verdict, f"{code}: {error.get('message', '')}"[:200])
