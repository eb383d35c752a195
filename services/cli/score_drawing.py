"""Why a lead has its score: each contribution with what decay and caps took from it, and the sum."""

from typing import TYPE_CHECKING

from schemas.agreement import Agreement
from services.cli import wording
from services.cli.terminal import counted, screen, table
from services.cli.wall import Wall
from services.scoring.explain import Contribution, Explanation

if TYPE_CHECKING:
    from rich.table import Table


def draw_why(why: Explanation | None, agreement: Agreement, wall: Wall) -> None:
    """Draw the account of a score; of the same instant as the score on the lead's card."""
    if why is None:
        screen().print("No score has been concluded yet.")
        return
    for name, total, found in (
        ("Fit", why.fit, why.fit_contributions),
        ("Engagement", why.engagement, why.engagement_contributions),
    ):
        title = f"{name} {wording.points(total)} as of {wall(why.at)}"
        if found:
            screen().print(_contributions(wall.over(title), total, found, wall))
        else:
            screen().print(f"{title}: nothing counts\n", style="bold")
    screen().print(f"Cell {why.cell}, band {why.band}; rules of agreement {agreement.version}.\n")


def _contributions(title: str, total: int, found: tuple[Contribution, ...], wall: Wall) -> "Table":
    heads = ("raw", "after decay", "cut by caps", "points")
    drawn = table(title, "rule", "because of", "on", *heads, right=heads, whole=("rule", "on"))
    for one in found:
        because = f"{one.source} {one.event_id}" if one.source else counted(one.count, "fact")
        drawn.add_row(
            one.rule,
            because,
            wall(one.at),
            wording.points(one.raw),
            wording.points(one.decayed),
            wording.points(-one.cut) if one.cut else "",
            wording.points(one.points),
        )
    drawn.add_section()
    drawn.add_row("together", "", "", "", "", "", wording.points(total))
    return drawn
