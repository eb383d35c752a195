"""A bucket that speaks S3 as a shelf of files, read through ``obstore``.

A version is an ETag and a size. An object appears whole or not at all, and is fetched under its ETag
into a temporary file before anything of it is read, so that a slow reader keeps no connection open and a
new version in the midst of it is another file.
"""

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

import obstore
from obstore.exceptions import (
    BaseError,
    NotFoundError,
    PermissionDeniedError,
    PreconditionError,
    UnauthenticatedError,
)
from obstore.store import S3Store

from infra.elsewhere.away import FileChanged, SourceAway, SourceUnfit
from infra.elsewhere.shelf import Entry

if TYPE_CHECKING:
    from obstore.store import S3Config

IN_MEMORY_BYTES = 8 * 1024 * 1024
"""What is larger waits on the disk."""
_GONE = (FileNotFoundError, NotFoundError)
"""The library raises either."""
_NO_LEAVE = (*_GONE, PermissionDeniedError, UnauthenticatedError)


@dataclass(frozen=True, slots=True)
class BucketForm:
    """Where a bucket is, and the key that opens it (None: what the machine has been given)."""

    bucket: str
    prefix: str
    region: str
    endpoint: str | None = None
    access_key: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)


class Bucket:
    """A bucket.

    Args:
        form: Where it is.
        patterns: Which names are meant, as ``PurePath.match`` has it.
    """

    def __init__(self, form: BucketForm, patterns: Sequence[str]) -> None:
        self._form = form
        self._patterns = patterns
        self._store = _opened(form)

    def entries(self) -> list[Entry]:
        """Return the files that are meant, those that were written first coming first."""
        found: list[Entry] = []
        with _explained(self._form):
            for some in obstore.list(self._store, prefix=self._form.prefix or None):
                for one in some:
                    if any(PurePosixPath(one["path"]).match(pattern) for pattern in self._patterns):
                        version = f"{one['e_tag'] or one['last_modified'].isoformat()}:{one['size']}"
                        found.append(Entry(one["path"], version, one["last_modified"]))
        return sorted(found, key=lambda one: (one.changed_at, one.name))

    @contextmanager
    def opened(self, entry: Entry) -> Iterator[BinaryIO]:
        """Fetch a file, and give it to be read from the start."""
        with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as file:
            self._fetch(entry, file)  # type: ignore[arg-type]
            file.seek(0)
            yield file  # type: ignore[misc]

    def _fetch(self, entry: Entry, file: BinaryIO) -> None:
        e_tag = entry.version.rpartition(":")[0]
        try:
            got = obstore.get(self._store, entry.name, options={"if_match": e_tag})
            file.writelines(got.stream(min_chunk_size=1024 * 1024))
        except (*_GONE, PreconditionError) as error:
            raise FileChanged(f"{entry.name} is another since it was listed") from error
        except BaseError as error:
            raise FileChanged(f"{entry.name} cannot be read: {_first_line(error)}") from error


def _opened(form: BucketForm) -> S3Store:
    config: S3Config = {"region": form.region}
    if form.access_key is not None and form.secret_key is not None:
        config |= {"access_key_id": form.access_key, "secret_access_key": form.secret_key}
    if form.endpoint is not None:
        config |= {"endpoint": form.endpoint.rstrip("/")}
    return S3Store(
        form.bucket,
        config=config,
        client_options={"allow_http": (form.endpoint or "").startswith("http://"), "connect_timeout": "5s"},
        retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=15)},
    )


@contextmanager
def _explained(form: BucketForm) -> Iterator[None]:
    try:
        yield
    except _NO_LEAVE as error:
        raise SourceUnfit(f"bucket {form.bucket}: {_first_line(error)}") from error
    except BaseError as error:
        said = _first_line(error)
        if "invalid path" in said:  # the library lists nothing behind it
            remedy = "rename the object, or name a prefix beside it"
            raise SourceUnfit(f"bucket {form.bucket}: {said.partition(' Debug ')[0]}; {remedy}") from error
        unfit = SourceUnfit if any(code in said for code in _REFUSALS) else SourceAway
        raise unfit(f"bucket {form.bucket}: {said}") from error


_REFUSALS = (
    "NoSuchBucket",
    "AccessDenied",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "AllAccessDisabled",
)
"""What S3 calls that which no waiting mends."""


def _first_line(error: BaseException) -> str:
    """Return S3's own code and sentence, or else what the library says first."""
    text = " ".join(str(error).split())
    code, message = (re.search(f"<{name}>([^<]+)", text) for name in ("Code", "Message"))
    return f"{code[1]}: {message[1] if message else ''}"[:200] if code else text[:200]
