"""Which origin a kind is read through."""

from collections.abc import Callable

from infra.time_source import TimeSource
from services.intake.pulling.files import bucket_origin, folder_origin
from services.intake.pulling.origin import Origin
from services.intake.pulling.table import TableOrigin
from services.intake.sources import Source

_ORIGINS: dict[str, Callable[[Source, TimeSource], Origin]] = {
    "sql": TableOrigin,
    "csv_folder": folder_origin,
    "s3": bucket_origin,
}


def open_origin(source: Source, now: TimeSource) -> Origin:
    """Open what a source is fetched from.

    Raises:
        SourceUnfit: It is not as ``sources.yaml`` says.
    """
    return _ORIGINS[source.vendor.kind](source, now)
