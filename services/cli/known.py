"""Names that people give to options, held against those there are: a slip is never answered with nothing.

A name is known when the agreement has it or some lead does, because an agreement changes and history stays.
The store is asked only when nothing was found, so a name that is right costs nothing.
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING

from services.cli.failures import Refused

if TYPE_CHECKING:
    from schemas.agreement import Agreement
    from services.cli.looking import Looking

MOST_NAMED = 12


def check_known(looking: "Looking", asked: Mapping[str, str | None]) -> None:
    """See that every name asked for is one there is; call it when nothing was found.

    Args:
        looking: At a store.
        asked: The names by what they name, a column of ``leads``; none, or an empty one, is passed over.

    Raises:
        Refused: One of them is unknown; the sentence names those there are.
    """
    from infra.store.reading.leads import values_of

    for what, name in asked.items():
        if name:
            known = dict.fromkeys((*_agreed(looking.agreement, what), *values_of(looking.connection, what)))
            check_among(f"--{what} {name}", name, list(known))


def check_among(option: str, name: str, known: list[str], most: int = MOST_NAMED) -> None:
    """See that a name is among those known.

    Args:
        option: The option as it was given, for the sentence.
        name: Its value.
        known: The names there are.
        most: How many of them to tell.

    Raises:
        Refused: It is not; the sentence names the nearest, or those there are.
    """
    if name in known:
        return
    near = get_close_matches(name, known, n=1)
    if near:
        raise Refused(f"{option}: nothing is called that; did you mean {near[0]}?")
    more = f" and {len(known) - most} more" if len(known) > most else ""
    there_are = f"there are {', '.join(known[:most])}{more}" if known else "there are none yet"
    raise Refused(f"{option}: nothing is called that; {there_are}")


def _agreed(agreement: "Agreement", what: str) -> Iterator[str]:
    match what:
        case "stage":
            yield from (stage.id for stage in agreement.lifecycle.stages)
        case "owner":
            yield from (owner.id for owner in agreement.owners)
        case "team":
            yield from (team.id for team in agreement.teams)
        case "band":
            yield from agreement.scoring.bands
        case "segment":
            yield from (segment.id for segment in agreement.segments)
        case "campaign":
            yield from (campaign.id for campaign in agreement.campaigns)
        case "outcome":
            yield from ("won", "lost", "recycled")
        case _:
            return
