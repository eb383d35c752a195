"""What the doctor says of ``sources.yaml``: whether it may be used, and who believes more than need be.

A doubt keeps nobody from working, so it is a warning: secrets that could be guessed, and proxies or operators
that could be anybody.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from infra.yaml_document import DocumentInvalid
from services.cli.examining import Finding
from services.cli.failures import said_of_a_file
from services.cli.terminal import counted
from services.intake.registry import kinds
from services.intake.sources import Source, Sources, load_sources

CHECK = "sources"

LEAST_SECRET_BYTES = 16
"""A shorter one cannot hold 128 bits, the least strength that OWASP ASVS 5.0.0 asks for (11.2.3)."""


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
        problem = said_of_a_file(error) if isinstance(error, OSError) else str(error)
        return Finding(CHECK, "fail", problem, "correct it; relevo intake and relevo pull refuse it")
    doubts = dict((*_short_secrets(sources), *_everybody(sources)))
    named = [_told(one) for one in sources.by_name.values()]
    detail = f"{path} has {counted(len(named), 'source')}: {'; '.join(named) or 'none'}"
    if not doubts:
        return Finding(CHECK, "ok", detail)
    return Finding(CHECK, "warn", "; ".join((detail, *doubts)), "; ".join(dict.fromkeys(doubts.values())))


def _told(source: Source) -> str:
    weakness = source.vendor.weakness(source.secrets.options)
    return f"{source.name} ({source.vendor.kind})" + (f" {weakness}" if weakness else "")


def _short_secrets(sources: Sources) -> Iterator[tuple[str, str]]:
    """Yield each source with a secret that is too short, and what to do."""
    for one in sources.by_name.values():
        if any(len(secret) < LEAST_SECRET_BYTES for secret in one.secrets.live):
            doubt = f"{one.name} has a secret of less than {LEAST_SECRET_BYTES} bytes, which can be guessed"
            yield doubt, "make a longer one (openssl rand -hex 32), and set it on both sides"


def _everybody(sources: Sources) -> Iterator[tuple[str, str]]:
    """Yield each list of networks that has the whole internet in it, and what to do."""
    meanings = {
        "trusted_proxies": "whoever asks may say where the request comes from",
        "operators": "whoever asks may read /metrics",
    }
    for name, meaning in meanings.items():
        for network in getattr(sources.server, name):
            if network.prefixlen == 0:
                remedy = f"name in server.{name} the networks that are yours"
                yield f"server.{name} has {network}: {meaning}", remedy
