"""What a check found."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Checked:
    """One check: what it holds, of how many things, and of which not."""

    what: str
    count: int
    wrong: tuple[str, ...] = ()
