"""``make chaos``: everything goes wrong for a while; exit code 1 unless nothing came of it.

``make chaos ARGS="--seed 7 --seconds 300"``. The same seed injects the same faults at the same seconds and
says the same things; which commit they hit is up to the machine.
"""

import argparse
import sys
from dataclasses import fields
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.chaos.report import lines
from tests.chaos.run import Dose, run


def main() -> int:
    """Run it as asked."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    for one in fields(Dose):
        name = f"--{one.name.replace('_', '-')}"
        parser.add_argument(name, type=type(one.default), default=one.default, help="default %(default)s")
    dose = Dose(**vars(parser.parse_args()))
    with TemporaryDirectory(prefix="relevo-chaos-") as folder:
        outcome = run(dose, Path(folder))
    sys.stdout.writelines(f"{line}\n" for line in lines(outcome))
    return bool(outcome.wrong)


if __name__ == "__main__":
    sys.exit(main())
