"""What a replay comes to, in words and as data."""

from typing import TYPE_CHECKING, Any

from services.cli.effect_told import effect_told, write_effect
from services.cli.terminal import counted, tell, write_line

if TYPE_CHECKING:
    from services.intake.replaying import Replay
    from services.trial import Effect


def replay_told(found: "Replay", effect: "Effect | None", said_count: int | None) -> dict[str, Any]:
    """Return a replay as data.

    Args:
        found: What was read.
        effect: What it changes; None: the store cannot be copied to try it on.
        said_count: How many facts were said; None: they were only tried.
    """
    return {
        "original_count": found.original_count,
        "new_count": len(found.new),
        "new_by_kind": dict(sorted(found.kinds.items())),
        "same_count": found.same_count,
        "corrected_count": found.corrected_count,
        "different_count": found.different_count,
        "unfit_by_reason": dict(sorted(found.unfit.items())),
        "mended_count": len(found.mended),
        "effect": effect and effect_told(effect),
        "applied": said_count is not None,
        "said_count": said_count or 0,
    }


def write_replay(told: dict[str, Any]) -> None:
    """Write it for people."""
    write_line(
        f"{counted(told['original_count'], 'request')} read again: {counted(told['new_count'], 'new fact')}"
        f"{_listed(told['new_by_kind'])}, {told['same_count']:,} as they were said."
    )
    if told["corrected_count"]:
        write_line(f"{told['corrected_count']:,} of the new ones say again what is known of a person.")
    if told["different_count"]:
        write_line(
            f"{told['different_count']:,} would say something else about what happened; they stay as said."
        )
    if told["unfit_by_reason"]:
        write_line(
            f"{sum(told['unfit_by_reason'].values()):,} read as no fact{_listed(told['unfit_by_reason'])}."
        )
    if told["mended_count"]:
        write_line(f"{counted(told['mended_count'], 'dead letter')} can be read now.")
    if told["effect"] is None:
        tell(
            "What that changes is not shown: it is tried on a copy, which takes a store in a file of SQLite."
        )
    else:
        write_effect(told["effect"])
    if told["applied"]:
        closed = told["mended_count"]
        rest = (
            f"; {counted(closed, 'dead letter')} {'waits' if closed == 1 else 'wait'} no longer"
            if closed
            else ""
        )
        tell(f"Said {counted(told['said_count'], 'fact')}{rest}.")
    elif told["new_count"] or told["mended_count"]:
        tell("Nothing has been changed; do it with --apply.")


def _listed(counts: dict[str, int]) -> str:
    return f" ({', '.join(f'{count:,} {name}' for name, count in counts.items())})" if counts else ""
