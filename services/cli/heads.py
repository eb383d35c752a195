"""How many leads, in words: every place that counts leads says which ones it counts."""

from collections.abc import Iterator

from infra.store.reading.head_count import HeadCount
from services.cli.terminal import counted


def everybody(heads: HeadCount) -> str:
    """Write all leads of a store: ``1,978 captured leads (+ 5 never captured, 18 tests, 28 merged away)``."""
    others = ", ".join(_others(heads))
    return counted(heads.captured, "captured lead") + (f" (+ {others})" if others else "")


def who_counts(heads: HeadCount) -> str:
    """Write which leads the shared numbers are of; empty, where all of them are captured."""
    if heads.total == heads.captured and not heads.forgotten:
        return ""
    said = f"The numbers are of {counted(heads.captured, 'captured lead')}"
    if heads.forgotten:
        said += f" ({heads.forgotten:,} of them forgotten)"
    if heads.never_captured:
        said += f"; stages are also of {heads.never_captured:,} never captured"
    left_out = ", ".join((*_tests(heads), *_merged(heads)))
    return f"{said}; left out: {left_out}." if left_out else f"{said}."


def _others(heads: HeadCount) -> Iterator[str]:
    if heads.never_captured:
        yield f"{heads.never_captured:,} never captured"
    yield from _tests(heads)
    yield from _merged(heads)


def _tests(heads: HeadCount) -> Iterator[str]:
    if heads.tests:
        yield counted(heads.tests, "test")


def _merged(heads: HeadCount) -> Iterator[str]:
    if heads.merged:
        yield f"{heads.merged:,} merged away"
