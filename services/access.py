"""The table of access rights in ``docs/operations.md``, written from the catalogue of topics.

``python -m services.access`` writes it anew; a test fails while the document says something else.
"""

from pathlib import Path

from infra.kafka.access import WHO, Grant, grants
from infra.kafka.cluster import Cluster
from services.generated_part import with_part

DOCUMENT = Path(__file__).parents[1] / "docs" / "operations.md"

_BEGIN = "<!-- The table is written from schemas/topics.py. -->\n"
_END = "<!-- End of the table. -->\n"
_HEAD = (
    "| who | reads | writes | makes | looks at | group | transactional id |\n|---|---|---|---|---|---|---|\n"
)
_WHOLE = "all"


def table() -> str:
    """Return who needs what, as rows of a Markdown table; names are those of a tenant without a prefix."""
    cluster = Cluster("")
    return _HEAD + "".join(_row(who, grants(cluster, who)) for who in WHO)


def _row(who: str, found: list[Grant]) -> str:
    cells = [
        f"`{who}`",
        _names(found, "READ"),
        _names(found, "WRITE"),
        _WHOLE if _names(found, "CREATE") else "",
        _WHOLE if _names(found, "DESCRIBE_CONFIGS") else "",
        *(", ".join(f"`{one.name}`" for one in found if one.kind == kind) for kind in _KINDS),
    ]
    return f"| {' | '.join(cells)} |\n"


_KINDS = ("group", "transactional-id")


def _names(found: list[Grant], operation: str) -> str:
    return ", ".join(f"`{one.name}`" for one in found if one.kind == "topic" and operation in one.operations)


def written(document: str) -> str:
    """Return the document with the table in its place.

    Raises:
        ValueError: The document has no place for it.
    """
    return with_part(document, table(), begin=_BEGIN, end=_END, name="docs/operations.md")


if __name__ == "__main__":  # pragma: no cover
    DOCUMENT.write_text(written(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
