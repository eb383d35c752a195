"""What ``pull:`` says of CSV files: where they stand, which are meant, and how they are written."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from services.imports.tables import Encoding
from services.intake.pulling.forms import Pull, Span, one_or_several


def _inside(pattern: str) -> str:
    if ".." in pattern.split("/"):
        raise ValueError("a pattern leads into the folder, never out of it; leave out ..")
    return pattern


Pattern = Annotated[str, StringConstraints(pattern=r"^[^/].*$", max_length=256), AfterValidator(_inside)]
Patterns = Annotated[tuple[Pattern, ...], BeforeValidator(one_or_several), Field(min_length=1, max_length=20)]


class FilesPull(Pull):
    """What is said of CSV files, wherever they stand."""

    patterns: Patterns = ("*.csv", "*.csv.gz")
    """Which names are meant, as a shell has it."""
    delimiter: Literal[",", ";", "|", "\t"] = ","
    encoding: Encoding = "utf-8"


class FolderPull(FilesPull):
    """A folder of CSV files."""

    folder: Annotated[str, StringConstraints(min_length=1, max_length=1024)]
    settle: Span = timedelta(seconds=30)
    """For how long a file must not have been written to."""
