"""What the gateway takes and answers, as an OpenAPI 3.1 document for people and programs that send.

Made of what routes and answers: the paths, the vendors' declarations, the refusals and the catalogue of
facts. It is the same for every gateway, so it names no source and no secret. ``make docs`` writes
``docs/openapi.json`` with it, and a test fails while that file says something else; operators may ask a
gateway for it (``GET /openapi.json``).

What a request holds is described as it is meant. What does not hold to that is no error to the sender: an
authentic request is taken, and what cannot be read in it becomes a dead letter.
"""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from schemas.facts import FactData, FactEvent
from services.intake.edge.answers import (
    ANYWHERE,
    HIDDEN,
    LOG_AWAY,
    MALFORMED,
    TOO_FAST,
    TOO_LARGE,
    UNAUTHENTIC,
    UNKNOWN_METHOD,
    UNKNOWN_SOURCE,
    Refusal,
)
from services.intake.edge.paths import FACTS, HOOKS, OPERATORS, SDK_CALLS
from services.intake.registry import vendors
from services.intake.vendor import Handshake, Vendor
from services.intake.vendors.cloudevents import BATCH, STRUCTURED

FILE = Path(__file__).parents[3] / "docs" / "openapi.json"
Json = dict[str, Any]

_TAKING = (UNAUTHENTIC, UNKNOWN_METHOD, TOO_LARGE, TOO_FAST, LOG_AWAY)

REFUSALS: dict[str, tuple[Refusal, ...]] = {
    "hook": (*_TAKING, MALFORMED, UNKNOWN_SOURCE),
    "facts": _TAKING,
    "sdk": (*_TAKING, MALFORMED),
    "preflight": (),
    "asked at a hook": (UNKNOWN_METHOD, UNKNOWN_SOURCE),
    "asked at facts": (UNKNOWN_METHOD,),
    "page": (HIDDEN, UNKNOWN_METHOD),
    "ready": (HIDDEN, UNKNOWN_METHOD, LOG_AWAY),
}
"""How each operation may be refused, besides what may come anywhere."""

_TAKEN = "The log has it, on disk. What cannot be read in it becomes a dead letter."


def document() -> Json:
    """Return the document."""
    kinds = list(vendors().values())
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Relevo's front door",
            "version": "1.0.0",
            "description": (
                "What tools send is authenticated, kept as it came, and acknowledged once it is on disk. "
                "Never a redirect, never a 500; every error is an object with `code` and `message`."
            ),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [
            {"url": "http://127.0.0.1:8080", "description": "Where relevo intake listens by default"}
        ],
        "tags": [{"name": name, "description": text} for name, text in _TAGS.items()],
        "paths": {
            HOOKS + "{name}": _hook(kinds),
            FACTS: _facts(vendors()["cloudevents"]),
            **{path: _sdk_call(path, call, kinds) for path, call in SDK_CALLS.items()},
            **{path: _page(path, *told) for path, told in OPERATORS.items()},
        },
        "components": {
            "schemas": _schemas(),
            "responses": _responses(),
            "headers": _HEADERS,
            "securitySchemes": _schemes(kinds),
        },
    }


_TAGS = {
    "hooks": "Vendors' webhooks, as the vendors send them.",
    "facts": "CloudEvents of the catalogue's types.",
    "sdks": "Segment's and RudderStack's SDKs.",
    "operators": "For this machine, and for the networks that server.operators names.",
}


# --- the paths


def _hook(kinds: list[Vendor]) -> Json:
    called = [one for one in kinds if one.signed_in or one.secret == "bearer"]  # noqa: S105 - what is needed
    schemes = dict.fromkeys(name for one in called for name in one.signed_in or ("bearer",))
    post = {
        "operationId": "hook",
        "tags": ["hooks"],
        "summary": "Take a vendor's webhook",
        "description": f"Kinds of sources: {', '.join(one.kind for one in kinds)}. See docs/integrations.",
        "security": [*({name: []} for name in schemes), *_in_body(kinds)],
        "requestBody": {"required": True, "content": {"*/*": {}}},
        "responses": _taken(kinds) | _refused("hook"),
    }
    asked = [(method, shake) for one in kinds for method, shake in one.handshakes.items()]
    shakes = {
        method.lower(): _handshake(f"hook-{method.lower()}", shake, "asked at a hook")
        for method, shake in asked
    }
    name = {"name": "name", "in": "path", "required": True, "description": "The source's, in sources.yaml."}
    schema = {"type": "string", "pattern": "^[a-z0-9][a-z0-9_.-]{0,62}$"}
    return {"parameters": [name | {"schema": schema}], "post": post, **shakes}


def _facts(vendor: Vendor) -> Json:
    event = {"$ref": "#/components/schemas/FactEvent"}
    content = {
        STRUCTURED: {"schema": event, "example": _EVENT},
        BATCH: {"schema": {"type": "array", "items": event}, "example": [_EVENT]},
        "application/json": {"schema": {"$ref": "#/components/schemas/FactData"}, "example": _EVENT["data"]},
    }
    post = {
        "operationId": "facts",
        "tags": ["facts"],
        "summary": "Take facts as CloudEvents: structured, a batch, or binary",
        "description": "The content type says which; `application/json` is binary, with `ce-` headers.",
        "security": [{"bearer": []}],
        "parameters": [_ce_header(name, text) for name, text in _CE_HEADERS.items()],
        "requestBody": {"required": True, "content": content},
        "responses": _taken([vendor]) | _refused("facts"),
    }
    shakes = {
        name.lower(): _handshake("facts-asked", one, "asked at facts")
        for name, one in vendor.handshakes.items()
    }
    return {"post": post, **shakes}


_EVENT: Json = {
    "specversion": "1.0",
    "id": "e1",
    "source": "partner",
    "type": "relevo.lead.captured",
    "time": "2026-03-02T09:00:00Z",
    "data": {"subject": {"email": "ana@example.com"}, "fact": {"kind": "captured", "origin": "fair"}},
}
_CE_HEADERS = {
    "ce-specversion": "Of an event in binary mode: 1.0",
    "ce-id": "The event's id: with its source, what a repeat is known by",
    "ce-source": "The tool's name",
    "ce-type": "relevo.lead. and the kind of the fact",
    "ce-time": "When it happened, with an offset",
}


def _ce_header(name: str, text: str) -> Json:
    return {"name": name, "in": "header", "description": f"{text}.", "schema": {"type": "string"}}


def _sdk_call(path: str, call: str, kinds: list[Vendor]) -> Json:
    speaking = [one for one in kinds if one.sdk]
    keys = {
        name: {"type": "string", "description": "The write key, where no header carries it."}
        for name in {name for one in speaking for name in one.keys_in_body}
    }
    batch = {"batch": {"type": "array", "items": {"type": "object"}}} if call == "batch" else {}
    schema = {"type": "object", "properties": keys | batch}
    name = path.rpartition("/")[2]
    post = {
        "operationId": f"sdk-{name}",
        "tags": ["sdks"],
        "summary": f"Take {call}" + ("" if name == call else f", as {path} for short"),
        "description": "The source is the one whose write key is sent.",
        "security": [{"writeKey": []}, *_in_body(speaking)],
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}, "*/*": {}}},
        "responses": _taken(speaking) | _refused("sdk"),
    }
    preflight = {
        "operationId": f"sdk-{name}-preflight",
        "tags": ["sdks"],
        "summary": "A browser asks whether a page may send",
        "security": [],
        "responses": {"200": {"description": "The headers say so where server.cors_origins has the page."}}
        | _refused("preflight"),
    }
    return {"post": post, "options": preflight}


def _page(path: str, summary: str, media_type: str) -> Json:
    schema = {"type": "string"} if media_type.startswith("text/") else {"type": "object"}
    found = {"200": {"description": summary + ".", "content": {media_type: {"schema": schema}}}}
    operation = {
        "tags": ["operators"],
        "summary": summary,
        "security": [],
        "responses": found | _refused("ready" if path == "/readyz" else "page"),
    }
    name = path.strip("/").partition(".")[0]
    return {"get": operation | {"operationId": name}, "head": operation | {"operationId": f"{name}-head"}}


def _handshake(name: str, shake: Handshake, refusals: str) -> Json:
    asks = [{"name": one, "in": shake.asks_in, "schema": {"type": "string"}} for one in shake.asks]
    told: Json = {str(status): {"description": text} for status, text in shake.says.items()}
    for status in told:
        if status >= "400":
            told[status]["content"] = {"application/json": {"schema": _REFUSAL}}
    if shake.media_type:
        told["200"]["content"] = {shake.media_type: {"schema": {"type": "string"}}}
    if shake.headers:
        told["200"]["headers"] = {one: {"schema": {"type": "string"}} for one in shake.headers}
    return {
        "operationId": name,
        "tags": ["facts" if name.startswith("facts") else "hooks"],
        "summary": shake.summary,
        "security": [],
        "parameters": asks,
        "responses": told | _refused(refusals),
    }


# --- the answers


def _taken(kinds: Iterable[Vendor]) -> Json:
    """Return the answers to what is taken, by status."""
    found: dict[str, dict[str, list[str]]] = {}
    for one in kinds:
        bodies = found.setdefault(str(one.answers.taken), {})
        bodies.setdefault(one.answers.body.decode(), []).append(one.kind)
    return {status: _taken_with(bodies) for status, bodies in sorted(found.items())}


def _taken_with(bodies: Mapping[str, list[str]]) -> Json:
    examples = {" ".join(kinds): {"value": json.loads(body)} for body, kinds in bodies.items()}
    schema = {"enum": [json.loads(body) for body in bodies]}
    return {"description": _TAKEN, "content": {"application/json": {"schema": schema, "examples": examples}}}


def _refused(operation: str) -> Json:
    """Return the answers to what an operation does not take, by status."""
    found = _by_status(REFUSALS[operation])
    return {str(status): {"$ref": f"#/components/responses/{_named(ones)}"} for status, ones in found.items()}


def _responses() -> Json:
    """Return every answer to what is not taken, by its name."""
    groups = [ones for refusals in REFUSALS.values() for ones in _by_status(refusals).values()]
    return {_named(ones): _response(ones) for ones in groups}


def _by_status(refusals: tuple[Refusal, ...]) -> dict[int, list[Refusal]]:
    found: dict[int, list[Refusal]] = {}
    for one in (*refusals, *ANYWHERE):
        found.setdefault(one.status, []).append(one)
    return dict(sorted(found.items()))


def _named(refusals: list[Refusal]) -> str:
    return "-or-".join(one.code for one in refusals)


def _response(refusals: list[Refusal]) -> Json:
    said = {one.code: json.loads(one.body(one.example)) for one in refusals}
    schema = {
        "allOf": [_REFUSAL],
        "properties": {"code": {"enum": list(said)}},
    }
    answer: Json = {
        "description": "; or ".join(body["message"] for body in said.values()),
        "content": {
            "application/json": {
                "schema": schema,
                "examples": {code: {"value": body} for code, body in said.items()},
            }
        },
    }
    headers = {
        name: one for name, one in _HEADERS.items() if name.lower() in {one.header for one in refusals}
    }
    return answer | ({"headers": {name: _header(name) for name in headers}} if headers else {})


_REFUSAL = {"$ref": "#/components/schemas/Refusal"}


def _header(name: str) -> Json:
    return {"$ref": f"#/components/headers/{name}"}


_HEADERS: Json = {
    "Allow": {"description": "The methods that there are.", "required": True, "schema": {"type": "string"}},
    "Retry-After": {
        "description": "In how many seconds to come again.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
    },
    "WWW-Authenticate": {
        "description": "How a key is sent; missing where requests are signed.",
        "schema": {"enum": ["Bearer", "Basic"]},
    },
}


# --- the parts


def _schemas() -> Json:
    """Return the models: those of the catalogue, and the one shape of errors."""
    found: Json = {
        "Refusal": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"type": "string", "description": "What programs tell it by."},
                "message": {"type": "string", "description": "What to do."},
            },
        }
    }
    for model in (FactData, FactEvent):
        schema = TypeAdapter(model).json_schema(ref_template="#/components/schemas/{model}")
        found |= schema.pop("$defs") | {model.__name__: schema}
    return dict(sorted(found.items()))


def _schemes(kinds: list[Vendor]) -> Json:
    signed = {
        name: {"type": "apiKey", "in": "header", "name": name, "description": _signers(name, kinds)}
        for one in kinds
        for name in one.signed_in
    }
    bearer = {"type": "http", "scheme": "bearer", "description": "A key of the source."}
    write_key = {"type": "http", "scheme": "basic", "description": "The write key, as the user's name."}
    return {"bearer": bearer, "writeKey": write_key, **signed}


def _signers(name: str, kinds: list[Vendor]) -> str:
    signing = ", ".join(one.kind for one in kinds if name in one.signed_in)
    return f"A signature over the body, not a key ({signing}); docs/integrations says how it is made."


def _in_body(kinds: list[Vendor]) -> list[Json]:
    """Return the requirement of no header where a key may stand in the body instead."""
    return [{}] if any(one.keys_in_body for one in kinds) else []


@cache
def described() -> bytes:
    """Return the document as a gateway sends it."""
    return json.dumps(document(), separators=(",", ":")).encode()


def written() -> str:
    """Return the document as it is committed."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":  # pragma: no cover
    FILE.write_text(written(), encoding="utf-8")
