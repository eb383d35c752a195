"""Instants as the wall clock of one zone shows them, and the zone's name said once over each table.

The zone is the agreement's, or the office's whose hours are drawn. Where the wall shows one time twice,
because the clocks go back, the offset stands beside it; in a table that lies on both sides of a change
every instant has its offset (``alike`` says whether that is needed), so that rows can be added up by hand.
JSON never comes through here: it has instants in UTC.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from services.cli.terminal import NOTHING
from services.zones import zone_info


@dataclass(frozen=True, slots=True)
class Wall:
    """How instants are written: in one zone, to the minute."""

    zone_name: str

    @property
    def zone(self) -> ZoneInfo:
        """The zone."""
        return zone_info(self.zone_name)

    def __call__(self, at: datetime | None) -> str:
        """Write an instant: ``2026-03-02 09:30``; with its offset where the wall shows that twice."""
        if at is None:
            return NOTHING
        local = at.astimezone(self.zone)
        again = local.replace(fold=1 - local.fold).utcoffset()
        return self.exact(at) if again != local.utcoffset() else f"{local:%Y-%m-%d %H:%M}"

    def exact(self, at: datetime) -> str:
        """Write an instant with its offset: ``2026-10-25 02:30 +01:00``; with seconds where it has some."""
        local = at.astimezone(self.zone)
        return f"{local:%Y-%m-%d %H:%M}{_seconds(local)} {offset_text(local)}"

    def to_the_second(self, at: datetime) -> str:
        """Write an instant with its seconds, where it has some: ``2026-03-02 09:30:15``."""
        local = at.astimezone(self.zone)
        return f"{local:%Y-%m-%d %H:%M}{_seconds(local)}"

    def alike(self, instants: Iterable[datetime]) -> bool:
        """Say whether the zone has one offset at all of these instants."""
        return len({at.astimezone(self.zone).utcoffset() for at in instants}) <= 1

    def over(self, title: str) -> str:
        """Return a table's title with the zone that its times are of."""
        return f"{title} (times in {self.zone_name})"


def offset_text(local: datetime) -> str:
    """Write an aware instant's offset: ``+01:00``."""
    text = f"{local:%z}"
    return f"{text[:3]}:{text[3:5]}"


def _seconds(local: datetime) -> str:
    return f":{local:%S}" if local.second else ""
