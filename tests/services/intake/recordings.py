"""Recorded requests: one JSON file each in ``recorded/KIND``, with what is to come of it.

``python -m tests.services.intake.recordings FILE`` prints a file with what comes of it today, for whoever
records one; what it says is to be read before it is believed.

    says      what the file shows, as a sentence
    source    secrets and keys (text), verify_token, public_url, mapping, options; all of them may be left out
    now       when the request arrives
    request   method (POST), target, headers (pairs), body (text, or {"base64": …}, or {"json": …})
    signed    true where the signature covers the body: a byte changed makes it wrong
    verdict   authentic, missing, wrong, stale or malformed
    facts     the facts, as CloudEvents; what has its default is left out
    unfit     [reason, detail] of each part that is no fact
    ignored   how many parts are of no interest
"""

import json
import sys
from base64 import b64decode
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from services.intake.compression import decompressed
from services.intake.reading import MOST_BODY_BYTES, read
from services.intake.registry import vendors
from services.intake.request import Request
from services.intake.signatures import key_hash
from services.intake.vendor import Reading, Secrets, Vendor, Verdict

FOLDER = Path(__file__).with_name("recorded")


@dataclass(frozen=True)
class Recording:
    """One recorded request."""

    path: Path
    document: dict[str, Any]

    @property
    def vendor(self) -> Vendor:
        """Whose it is."""
        return vendors()[self.path.parent.name]

    @property
    def now(self) -> datetime:
        """When it arrives."""
        return datetime.fromisoformat(self.document["now"])

    @property
    def secrets(self) -> Secrets:
        """What the source is authenticated with."""
        source = self.document.get("source", {})
        live = tuple(one.encode() for one in source.get("secrets", ()))
        keys = (*live, *(one.encode() for one in source.get("keys", ())))
        token = source.get("verify_token")
        options = self.vendor.options.model_validate(source.get("options", {}))
        return Secrets(live, tuple(map(key_hash, keys)), token and token.encode(), options)

    @property
    def request(self) -> Request:
        """The request as the vendor's functions see it."""
        return self.with_body(body_of(self.document["request"].get("body", "")))

    def with_body(self, body: bytes) -> Request:
        """Return the request with another body."""
        written = self.document["request"]
        headers = tuple((name.lower(), value) for name, value in written.get("headers", ()))
        encoding = next((value for name, value in headers if name == "content-encoding"), None)
        target = written.get("target", f"/v1/hooks/{self.source_name}")
        url = self.document.get("source", {}).get("public_url", f"https://relevo.example{target}")
        return Request(
            self.source_name,
            written.get("method", "POST"),
            target,
            headers,
            body,
            decompressed(body, encoding, MOST_BODY_BYTES),
            self.now,
            url,
        )

    @property
    def source_name(self) -> str:
        """What the source is called."""
        return str(self.document.get("source", {}).get("name", self.path.parent.name))

    def verdict(self) -> Verdict:
        """Return what its signature comes to."""
        return self.vendor.authenticate(self.request, self.secrets, self.now)

    def reading(self) -> Reading:
        """Return what it says."""
        mapping = self.vendor.mapping.model_validate(self.document.get("source", {}).get("mapping", {}))
        return read(self.vendor, self.request, mapping)

    def outcome(self) -> dict[str, Any]:
        """Return what comes of it, as the file says it."""
        verdict = self.verdict()
        found: dict[str, Any] = {"verdict": verdict.authenticity.value}
        if not verdict.is_authentic:
            return found
        reading = self.reading()
        facts = [event.model_dump(mode="json", exclude_defaults=True) for event in reading.facts]
        for event, whole in zip(facts, reading.facts, strict=True):
            event["data"]["fact"]["kind"] = whole.data.fact.kind
        unfit = [[part.reason.value, part.detail] for part in reading.unfit]
        return found | {"facts": facts, "unfit": unfit, "ignored": reading.ignored_count}


def body_of(written: Any) -> bytes:
    """Return a body as it stood on the wire."""
    if isinstance(written, str):
        return written.encode()
    if "base64" in written:
        return b64decode(written["base64"])
    return json.dumps(written["json"], ensure_ascii=False).encode()


def recordings() -> list[Recording]:
    """Return every recording, in the order of their names."""
    return [Recording(path, json.loads(path.read_text())) for path in sorted(FOLDER.glob("*/*.json"))]


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        file = Path(argument).resolve()
        recording = Recording(file, json.loads(file.read_text()))
        shown = recording.document | recording.outcome()
        sys.stdout.write(json.dumps(shown, indent=1, ensure_ascii=False) + "\n")
