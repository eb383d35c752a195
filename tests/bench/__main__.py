"""``make bench``: the figures of docs/performance.md, measured again on this machine.

``make bench ARGS="--facts 1000000 --olist FOLDER"``. Absolute figures of a shared machine say little; look at
ratios, and at the CPU seconds beside the wall's.
"""

import argparse
from pathlib import Path

from tests.bench import clock, intake, line


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--facts", type=int, default=20_000, help="facts through the whole line")
    parser.add_argument("--timers", type=int, default=10_000, help="timers that fall due together")
    parser.add_argument("--olist", type=Path, help="the folder with the two Olist files")
    parser.add_argument("--requests", type=int, default=10_000, help="requests to the front door")
    asked = parser.parse_args()
    line.bench_line(asked.facts)
    line.bench_timers(asked.timers)
    if asked.olist is not None:
        line.bench_olist(asked.olist)
    clock.main()
    intake.bench_intake(asked.requests)


if __name__ == "__main__":
    main()
