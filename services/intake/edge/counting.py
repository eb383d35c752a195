"""What the gateway counts for its operators, and how Prometheus reads it.

Strangers are counted by source and by why they were refused; nothing else of them is kept.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from services.intake.sources import Source
from services.intake.vendor import Verdict


@dataclass(slots=True)
class Counts:
    """Counters since the gateway started."""

    by_status: Counter[int] = field(default_factory=Counter)
    by_source: Counter[str] = field(default_factory=Counter)
    by_refusal: Counter[tuple[str, str]] = field(default_factory=Counter)

    def answered(self, status: int) -> None:
        """Count an answer."""
        self.by_status[status] += 1

    def taken(self, source: str) -> None:
        """Count a request that the log has."""
        self.by_source[source] += 1

    def refused(self, sources: Sequence[Source], verdict: Verdict) -> None:
        """Count a request that is not authentic; where it could be for several sources, for none of them."""
        name = sources[0].name if len(sources) == 1 else ""
        self.by_refusal[name, verdict.authenticity.value] += 1


def exposition(counts: Counts, gauges: Mapping[str, float]) -> bytes:
    """Return the counters and gauges in Prometheus' text format."""
    lines = [*_counters(counts), *_gauges(gauges)]
    return ("\n".join(lines) + "\n").encode()


def _counters(counts: Counts) -> Iterator[str]:
    yield "# TYPE relevo_intake_answers_total counter"
    for status, count in sorted(counts.by_status.items()):
        yield f'relevo_intake_answers_total{{status="{status}"}} {count}'
    yield "# TYPE relevo_intake_taken_total counter"
    for source, count in sorted(counts.by_source.items()):
        yield f'relevo_intake_taken_total{{source="{source}"}} {count}'
    yield "# TYPE relevo_intake_unauthentic_total counter"
    for (source, reason), count in sorted(counts.by_refusal.items()):
        yield f'relevo_intake_unauthentic_total{{source="{source}",reason="{reason}"}} {count}'


def _gauges(gauges: Mapping[str, float]) -> Iterator[str]:
    for name, value in gauges.items():
        kind = "counter" if name.endswith("_total") else "gauge"
        yield f"# TYPE relevo_intake_{name} {kind}"
        yield f"relevo_intake_{name} {value:g}"
