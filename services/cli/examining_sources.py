"""What the doctor says of ``sources.yaml``: whether it may be used, and who believes more than need be."""

from collections.abc import Mapping
from pathlib import Path

from infra.yaml_document import DocumentInvalid
from services.cli.examining import Finding
from services.cli.terminal import counted
from services.intake.registry import kinds
from services.intake.sources import Source, load_sources

CHECK = "sources"


def examine_sources(path: Path, environment: Mapping[str, str]) -> Finding:
    """Look at a sources file.

    Args:
        path: The file; one that is not there is no failing.
        environment: Where its secrets are.
    """
    if not path.exists():
        return Finding(CHECK, "ok", f"there is no {path}; --config names another")
    try:
        sources = load_sources(path, kinds(), environment)
    except (DocumentInvalid, OSError) as error:
        return Finding(CHECK, "fail", str(error), "correct it; relevo intake and relevo pull refuse it")
    named = [_told(one) for one in sources.by_name.values()]
    return Finding(CHECK, "ok", f"{path} has {counted(len(named), 'source')}: {'; '.join(named) or 'none'}")


def _told(source: Source) -> str:
    weakness = source.vendor.weakness(source.secrets.options)
    return f"{source.name} ({source.vendor.kind})" + (f" {weakness}" if weakness else "")
