"""What can go wrong with a store, as a tree; every message is one sentence that ends in the remedy.

    StoreError
    ├── StoreAddressWrong   the URL is none that we can open
    ├── StoreMissing        there is no such store, and none was to be made
    ├── StoreUnusable       it is there and cannot be read or written
    ├── StoreBusy           another process kept it locked for too long
    └── SchemaMismatch      it was made by another version of Relevo

None of these is a bug: they are shown to people as they are, without a traceback.
"""


class StoreError(Exception):
    """The store does not serve; the message says what to do."""


class StoreAddressWrong(StoreError):
    """The URL names no store that we can open."""


class StoreMissing(StoreError):
    """There is no store at that address."""


class StoreUnusable(StoreError):
    """The store cannot be read or written."""


class StoreBusy(StoreError):
    """Another process kept the store locked for longer than we wait."""


class SchemaMismatch(StoreError):
    """The store's tables are those of another version of Relevo."""
