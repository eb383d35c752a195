"""How hard properties are tried: a little on every run, ten times as much where ``CI=true``.

Hypothesis has two profiles. ``dev`` explores afresh on each run, and remembers what failed; ``ci`` draws the
same examples every time, so that a red build is red because of the change and not because of the draw.
Neither has a deadline: a slow machine is no bug.
"""

import os

from hypothesis import HealthCheck, settings

CI = os.environ.get("CI") == "true"
MORE = 10 if CI else 1
EXAMPLES = 15 * MORE
"""Of a property that says nothing else."""


def choose_profile() -> None:
    """Make every property that says nothing else try as many examples as this run is to try."""
    slow = [HealthCheck.too_slow]
    settings.register_profile("dev", deadline=None, max_examples=EXAMPLES, suppress_health_check=slow)
    settings.register_profile("ci", settings.get_profile("dev"), derandomize=True, print_blob=True)
    settings.load_profile("ci" if CI else "dev")


def examples(few: int) -> settings:
    """Return the settings of a property whose examples are costly: so many on every run, more on CI."""
    return settings(max_examples=few * MORE)
