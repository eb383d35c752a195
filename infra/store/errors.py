"""What can go wrong with a store, as a tree; every message is one sentence that ends in the remedy.

    StoreError
    ├── StoreAddressWrong   the URL is none that we can open
    ├── StoreMissing        there is no such store, and none was to be made
    ├── StoreUnusable       it is there and cannot be read or written
    ├── StoreUnavailable    not now: whoever waits and tries again will find it serving
    │   ├── StoreBusy       another process kept it locked, or two stood in each other's way
    │   ├── StoreAway       its server cannot be reached, is starting, stopping, or has no place left
    │   └── StoreFull       the disk is full
    └── SchemaMismatch      it was made by another version of Relevo

None of these is a bug: they are shown to people as they are, without a traceback. A command ends with the
sentence. What runs for days waits on ``StoreUnavailable``, and on nothing else: the rest waits for a person.
"""


class StoreError(Exception):
    """The store does not serve; the message says what to do."""


class StoreAddressWrong(StoreError):
    """The URL names no store that we can open."""


class StoreMissing(StoreError):
    """There is no store at that address."""


class StoreUnusable(StoreError):
    """The store cannot be read or written."""


class StoreUnavailable(StoreError):
    """The store does not serve now; nothing was lost, and what was begun may be tried again."""


class StoreBusy(StoreUnavailable):
    """Another process kept the store locked for longer than we wait."""


class StoreAway(StoreUnavailable):
    """The store's server cannot be reached, or broke off."""


class StoreFull(StoreUnavailable):
    """The disk on which the store stands is full."""


class SchemaMismatch(StoreError):
    """The store's tables are those of another version of Relevo."""
