"""Where tests keep what they fetch once: the broker's jars, the packages that pages load."""

import os
from pathlib import Path


def cache() -> Path:
    """Return the folder, in the user's cache; it may not be there yet."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "relevo-tests"
