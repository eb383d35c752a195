"""What metrics keeps of a lead: enough to say, at any time and without an agreement, what of it is counted.

Two kinds of thing. What may still change (where the lead stands, who has it, its open hand-off) is kept as it
is, and counted as it is now. What has happened for good is a **mark**: a measure on a day, which takes the
lead's dimensions when it is counted unless it has its own. Days, segments and reasons are resolved when they
are decided, under the agreement then in force.

Bounded: each tuple below has a limit (``services.metrics.marks``, ``.attribution``, ``.wins``), beyond which
the oldest are put together, so that sums stay exact and only their days blur. Parts are named tuples, which
are arrays in JSON, because a lead's summary is written whenever it changes.
"""

from datetime import date, datetime
from typing import NamedTuple

from schemas.metrics import UNKNOWN, Measure
from schemas.records import record
from schemas.vocabulary import Scalar

Attributes = tuple[tuple[str, Scalar], ...]
"""Attributes by name, sorted."""


class Pair(NamedTuple):
    """Where a touch came from."""

    origin: str
    campaign: str


class Holder(NamedTuple):
    """Who has something in hand."""

    team: str
    owner: str


NOWHERE = Pair(UNKNOWN, UNKNOWN)
NOBODY = Holder(UNKNOWN, UNKNOWN)


class Mark(NamedTuple):
    """Something counted for good. A holder or a pair that is null is the lead's."""

    measure: Measure
    detail: str
    on: date
    amount: int = 1
    bucket: int | None = None
    holder: Holder | None = None
    pair: Pair | None = None


class Touches(NamedTuple):
    """How often a pair touched the lead."""

    pair: Pair
    times: int


class Touched(NamedTuple):
    """The first touch, the last, and all of them by pair; of a lead that nothing touched there is neither."""

    first: Pair | None
    last: Pair | None
    by_pair: tuple[Touches, ...]


class Reached(NamedTuple):
    """When the lead first entered a stage."""

    stage: str
    at: datetime
    on: date


class Win(NamedTuple):
    """A win: on its first day, with its latest amount."""

    opportunity_id: str | None
    on: date
    amount_minor: int
    touched: Touched | None = None
    """What had touched the lead by then; null where the win is one of long ago."""


class Early(NamedTuple):
    """Outcomes at one instant, of a lead that had not been captured by then."""

    at: datetime
    on: date
    amount: int = 1


class Handoff(NamedTuple):
    """The latest hand-off; its holder has it now, or had it when it was closed."""

    handoff_id: str
    opened_at: datetime
    opened_on: date
    holder: Holder
    accepted_on: date | None = None
    rejected_on: date | None = None
    rejected_reason: str = UNKNOWN
    touched_on: date | None = None
    speed: int = 0
    """Bucket of the seconds to the first touch."""
    speed_working: int | None = None
    """The same in opening hours; null when nobody's are known."""
    closed_on: date | None = None
    sent_back: str | None = None
    """How it came back to marketing: rejected, expired or recycled."""


class Overdue(NamedTuple):
    """A clock that is open past its deadline."""

    subject: str
    clock: str
    on: date
    holder: Holder


class Stall(NamedTuple):
    """The stay that is stalled now."""

    stage: str
    on: date


@record(frozen=True, slots=True)
class LeadSummary:
    """One lead in the numbers. While it has no fact but tests, it has no ``first_at`` and counts nothing."""

    first_at: datetime | None = None
    first_on: date | None = None
    captured_at: datetime | None = None
    captured_on: date | None = None
    pair: Pair = NOWHERE
    """Of the first captured fact."""
    segment: str = UNKNOWN
    holder: Holder = NOBODY
    """Who has the lead now, or had it when it was first won."""
    attributes: Attributes = ()
    traits: Attributes = ()
    stage: str | None = None
    entered_on: date | None = None
    cycle: int = 1
    cycle_stages: tuple[str, ...] = ()
    """Stages entered in this cycle."""
    reached: tuple[Reached, ...] = ()
    won_at: datetime | None = None
    won_on: date | None = None
    won_by_fact: bool = False
    """A won fact was the first win, and not a move to a stage that means won."""
    early: tuple[Early, ...] = ()
    """Outcomes before anything was known of a capture, in their order."""
    wins: tuple[Win, ...] = ()
    first_touch: Pair | None = None
    last_touch: Pair | None = None
    touches: tuple[Touches, ...] = ()
    opportunity_at: datetime | None = None
    """Of the opportunity that is open."""
    handed_over_at: datetime | None = None
    handed_over_on: date | None = None
    handoff: Handoff | None = None
    overdue: tuple[Overdue, ...] = ()
    stalled: Stall | None = None
    first_stalled_on: date | None = None
    marks: tuple[Mark, ...] = ()


EMPTY = LeadSummary()
"""A lead of which nothing is known."""
