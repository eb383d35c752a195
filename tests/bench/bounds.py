"""What is left of the line's cost when its rules cost nothing: ``python -m tests.bench.bounds``.

What rules, identification, views and counts return is kept from one run over a log and given back, call by
call, in the next one over the same log; what that run still costs, no better rule could save. A run without
either stands beside them, since the machine's speed drifts.
"""

import argparse
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import services.sequencer
from infra.embedded.host import EmbeddedHost
from infra.store.opening import open_store
from infra.worker import Worker
from services.pipeline import WORKERS
from tests.bench.line import UNTIL, decide, due_together, filled, year

OF_A_WORKER = ("step", "matters", "rows", "said_rows", "counts", "settle")
OF_THE_SEQUENCER = ("identify", "find", "is_forgotten", "step")

Call = Callable[..., Any]
Wrap = Callable[[str, Call], Call]


@dataclass
class Tape:
    """What functions returned, by name, in the order of the calls."""

    kept: dict[str, list[Any]] = field(default_factory=dict)

    def recording(self, name: str, of: Call) -> Call:
        """Return the function, so that what it returns is kept."""
        kept = self.kept[name] = []

        def recorded(*arguments: Any) -> Any:
            kept.append(returned := of(*arguments))
            return returned

        return recorded

    def playing(self, name: str, _: Call) -> Call:
        """Return what gives back what was kept, whatever it is asked."""
        following: Iterator[Any] = iter(self.kept[name])
        return lambda *_: next(following)


def wrapped(wrap: Wrap) -> tuple[list[Worker], Any]:
    """Return the line's workers and the sequencer's rule with every function wrapped."""

    def of(name: str, part: object, functions: Sequence[str]) -> dict[str, Any]:
        found = {one: getattr(part, one) for one in functions}
        return {one: wrap(f"{name}.{one}", call) for one, call in found.items() if call is not None}

    workers = [replace(one, **of(one.name, one, OF_A_WORKER)) for one in WORKERS]
    return workers, SimpleNamespace(**of("sequencer", services.sequencer, OF_THE_SEQUENCER))


def compare(what: str, log: Path, count: int) -> None:
    """Print what three runs over a log take: as it is, keeping what rules return, giving it back."""
    tape = Tape()
    show(f"{what}, as it is", log, WORKERS, services.sequencer, count)
    show(f"{what}, keeping what rules return", log, *wrapped(tape.recording), count)
    show(f"{what}, rules for nothing", log, *wrapped(tape.playing), count)


def show(what: str, log: Path, workers: Sequence[Worker], sequencer: Any, count: int) -> None:
    """Print at what rate a copy of the log is decided."""
    file = shutil.copy(log, log.with_name("copy.db"))
    with open_store(f"sqlite:///{file}") as database:
        run = decide(EmbeddedHost(database, workers, sequencer, lambda: UNTIL), count)
    print(f"{what}: {count / run.cpu_seconds:,.0f} a CPU second", flush=True)


def main() -> None:
    """Measure facts of a year as they arrive, and timers that fall due together."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bounds", description=__doc__)
    parser.add_argument("--facts", type=int, default=8_000)
    parser.add_argument("--timers", type=int, default=5_000)
    asked = parser.parse_args()
    # A log's store has its secret once it was filled, so that each run over it has the same ids.
    with tempfile.TemporaryDirectory() as place:
        log = Path(place) / "facts.db"
        with filled(year(asked.facts), log) as (_, _, count):
            pass
        compare("facts", log, count)
    with tempfile.TemporaryDirectory() as place:
        log = Path(place) / "timers.db"
        with due_together(asked.timers, log):
            pass
        compare("timers", log, asked.timers)


if __name__ == "__main__":
    main()
