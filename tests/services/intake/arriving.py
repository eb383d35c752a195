"""Requests as the gateway keeps them, without a gateway: for tests of what becomes of them."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from infra.arrivals import Original
from infra.store.database import Database
from infra.store.originals import keep_mappings, keep_originals
from services.intake.registry import vendors
from services.intake.sources import Limits, Source
from services.intake.vendor import Secrets

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def generic_source(**mapping: Any) -> Source:
    """Return a source of kind ``generic`` with a mapping."""
    vendor = vendors()["generic"]
    return Source("crm", vendor, Secrets(), vendor.mapping.model_validate(mapping), None, Limits())


def keep(database: Database, source: Source, bodies: Sequence[object], at: datetime = NOON) -> None:
    """Keep requests with these bodies: JSON, or bytes as they are."""
    contents = [body if isinstance(body, bytes) else json.dumps(body).encode() for body in bodies]
    arrived = [
        Original(
            at,
            source.name,
            source.vendor.kind,
            source.mapping_digest,
            "POST",
            f"/v1/hooks/{source.name}",
            (("content-type", "application/json"),),
            content,
            "bearer key",
        )
        for content in contents
    ]
    with database.writing() as connection:
        keep_mappings(connection, {source.mapping_digest: source.mapping_document})
        keep_originals(connection, arrived)
