"""The table of metrics in ``docs/metrics.md``, written from the catalogue.

``python -m services.metrics.document`` writes it anew; a test fails while the document says something else
than the catalogue.
"""

from pathlib import Path

from services.generated_part import with_part
from services.metrics.catalogue import CATALOGUE
from services.metrics.metric import Metric

DOCUMENT = Path(__file__).parents[2] / "docs" / "metrics.md"

_BEGIN = "<!-- The table is written from services/metrics/catalogue.py. -->\n"
_END = "<!-- End of the table. -->\n"
_HEAD = "| metric | unit | basis | told apart by | what it is | source |\n|---|---|---|---|---|---|\n"


def table() -> str:
    """Return every metric as a row of a Markdown table."""
    return _HEAD + "".join(_row(metric) for metric in CATALOGUE)


def _row(metric: Metric) -> str:
    cells = (
        f"`{metric.name}`",
        metric.unit.format(currency="CUR"),
        "now" if metric.now else "cohort, period",
        metric.by or "",
        metric.definition,
        metric.source,
    )
    return f"| {' | '.join(cells)} |\n"


def written(document: str) -> str:
    """Return the document with the table in its place.

    Raises:
        ValueError: The document has no place for it.
    """
    return with_part(document, table(), begin=_BEGIN, end=_END, name="docs/metrics.md")


def write(path: Path) -> None:
    """Write the document at a path anew."""
    path.write_text(written(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":  # pragma: no cover
    write(DOCUMENT)
