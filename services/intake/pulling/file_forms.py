"""What ``pull:`` says of CSV files: where they stand, which are meant, and how they are written."""

from datetime import timedelta
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from services.imports.tables import Delimiter, Encoding
from services.intake.pulling.forms import Pull, one_or_several
from services.intake.vendor import EnvName
from services.spans import Span


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
    delimiter: Delimiter = ","
    encoding: Encoding = "utf-8"


class FolderPull(FilesPull):
    """A folder of CSV files."""

    folder: Annotated[str, StringConstraints(min_length=1, max_length=1024)]
    settle: Span = timedelta(seconds=30)
    """For how long a file must not have been written to."""


class BucketPull(FilesPull):
    """A bucket of CSV files that speaks S3."""

    bucket: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$")]
    prefix: Annotated[str, StringConstraints(max_length=1024)] = ""
    endpoint: Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+/?$")] | None = None
    """Whose S3 it is; null: Amazon's."""
    region: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,64}$")] = "us-east-1"
    access_key_env: EnvName | None = None
    secret_key_env: EnvName | None = None
    """Both null: what the machine has been given (an instance's role, ``AWS_…`` in the environment)."""

    @model_validator(mode="after")
    def _both_halves(self) -> Self:
        if (self.access_key_env is None) != (self.secret_key_env is None):
            raise ValueError("a key has two halves; name both access_key_env and secret_key_env, or neither")
        return self
