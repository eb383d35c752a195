"""Which keys open which source: those of ``sources.yaml`` and those made on the command line.

A key is 256 random bits, shown once; the store keeps its digest. A running gateway looks at the store's keys
again every second, so that a new key opens at once and a revoked one does not for long. While the store is
away the keys last seen count.
"""

import secrets as chance
import time
from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import datetime

from infra.arrivals import KeyRow
from infra.store.access_keys import keys_of
from infra.store.database import Database
from infra.store.errors import StoreError
from services.intake.signatures import key_hash
from services.intake.sources import Limits, Source, Sources
from services.intake.vendor import NoMapping, Secrets, Vendor

LOOK_SECONDS = 1.0
PREFIX = "rlv_"
_SAY_FACTS = ("cloudevents", "generic")
"""Kinds whose keys may say any fact of the catalogue."""


def new_key(source: str, now: datetime) -> tuple[str, KeyRow]:
    """Return a new key of a source, and what is to be kept of it."""
    key = PREFIX + urlsafe_b64encode(chance.token_bytes(32)).decode().rstrip("=")
    return key, KeyRow(chance.token_hex(4), source, key_hash(key.encode()), now)


class Doors:
    """The sources with the keys that open them now.

    Args:
        sources: As ``sources.yaml`` says.
        facts_vendor: How ``/v1/facts`` is read.
        database: Where keys are kept.
    """

    def __init__(self, sources: Sources, facts_vendor: Vendor, database: Database) -> None:
        self._sources = sources
        self.facts_vendor = facts_vendor
        self._database = database
        self._looked_at = float("-inf")
        self._version = 0
        self._made: dict[str, tuple[bytes, ...]] = {}
        self._open: dict[str, Source] = dict(sources.by_name)
        self._facts: tuple[Source, ...] = ()

    @property
    def version(self) -> int:
        """A number that changes when another key opens something, or none does any more."""
        self._look()
        return self._version

    def source(self, name: str) -> Source | None:
        """Return a source by its name."""
        return self._open.get(name)

    def sdk_sources(self) -> tuple[Source, ...]:
        """Return those that SDKs may mean."""
        return tuple(self._open[one.name] for one in self._sources.speaking_sdk)

    def facts_sources(self) -> tuple[Source, ...]:
        """Return those whose keys open ``/v1/facts``."""
        return self._facts

    def _look(self) -> None:
        now = time.monotonic()
        if now - self._looked_at < LOOK_SECONDS:
            return
        self._looked_at = now
        made = self._from_store()
        if made != self._made or not self._version:
            self._version += 1
            self._made = made
            self._open = {name: self._with_keys(one) for name, one in self._sources.by_name.items()}
            self._facts = tuple(self._saying_facts())

    def _from_store(self) -> dict[str, tuple[bytes, ...]]:
        try:
            with self._database.reading() as connection:
                rows = keys_of(connection, live_only=True)
        except StoreError:
            return self._made
        found: dict[str, tuple[bytes, ...]] = {}
        for row in rows:
            found[row.source] = (*found.get(row.source, ()), row.hash)
        return found

    def _with_keys(self, source: Source) -> Source:
        hashes = (*source.secrets.key_hashes, *self._made.get(source.name, ()))
        return replace(source, secrets=replace(source.secrets, key_hashes=hashes))

    def _saying_facts(self) -> "list[Source]":
        configured = [one for one in self._open.values() if one.vendor.kind in _SAY_FACTS]
        found = [replace(one, vendor=self.facts_vendor, mapping=NoMapping()) for one in configured]
        for name in self._made.keys() - self._open.keys():
            secrets = Secrets(key_hashes=self._made[name])
            found.append(Source(name, self.facts_vendor, secrets, NoMapping(), None, Limits()))
        return found
