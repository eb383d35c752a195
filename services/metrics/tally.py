"""Sums of one group, by measure, detail and bucket: what every formula reads."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from schemas.metrics import Measure, Sum

_Buckets = Counter[int | None]


class Tally:
    """What is known of one group: how much of each measure and detail is in which bucket."""

    def __init__(self) -> None:
        self._found: defaultdict[Measure, defaultdict[str, _Buckets]] = defaultdict(
            lambda: defaultdict(Counter)
        )

    def add(self, found: Sum) -> None:
        """Take in a sum."""
        self._found[found.measure][found.detail][found.bucket] += found.value

    def details(self, measures: Iterable[Measure]) -> list[str]:
        """Return the details that these measures are known of, in order."""
        return sorted({detail for measure in measures for detail in self._found.get(measure, ())})

    def amount(self, measures: Iterable[Measure], detail: str | None = None) -> int:
        """Return how much it is altogether; of one detail, or of all."""
        return sum(counts.total() for counts in self._of(measures, detail))

    def durations(self, measures: Iterable[Measure], detail: str | None = None) -> dict[int, int]:
        """Return buckets to how many; of one detail, or of all."""
        found: Counter[int] = Counter()
        for counts in self._of(measures, detail):
            found.update({bucket: amount for bucket, amount in counts.items() if bucket is not None})
        return dict(found)

    def _of(self, measures: Iterable[Measure], detail: str | None) -> Iterator[_Buckets]:
        for measure in measures:
            for its, counts in self._found.get(measure, {}).items():
                if detail is None or its == detail:
                    yield counts
