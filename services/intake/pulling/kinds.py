"""The kinds of source that are fetched, as the front door knows kinds: nobody calls, so nobody is let in."""

from datetime import datetime

from services.intake.pulling.file_forms import BucketPull, FolderPull
from services.intake.pulling.forms import TablePull
from services.intake.pulling.rows import RowMapping, facts
from services.intake.request import Request
from services.intake.vendor import MISSING, Secrets, Vendor, Verdict


def nobody(request: Request, secrets: Secrets, now: datetime) -> Verdict:  # noqa: ARG001 - whoever it is
    """Let nobody in: a source that is fetched has no hook."""
    return MISSING


SQL = Vendor("sql", nobody, facts, mapping=RowMapping, secret="none", pull=TablePull)  # noqa: S106
CSV_FOLDER = Vendor("csv_folder", nobody, facts, mapping=RowMapping, secret="none", pull=FolderPull)  # noqa: S106
S3 = Vendor("s3", nobody, facts, mapping=RowMapping, secret="none", pull=BucketPull)  # noqa: S106

FETCHED = {vendor.kind: vendor for vendor in (SQL, CSV_FOLDER, S3)}
"""Every kind that is fetched."""
