"""Fit: who the lead is, as far as facts have said.

An attribute is what the latest fact that names it said; a null forgets it. What tools **state** goes before
what the sequencer **derived** from personal data. Of both, a lead keeps for each fact only what no later fact
has said anew: so a fact heard out of order, or at the same instant as another, finds its own place among
them, and what is kept is bounded by the attributes that the agreement reads.
"""

from collections.abc import Iterable

from schemas.entries import Entry
from schemas.facts import Captured, Enriched
from schemas.scoring import Centipoints
from schemas.vocabulary import Name, Scalar
from services.scoring.book import NEVER, Book
from services.scoring.state import Mark, Profile, Saying, Values

_NOTHING: Values = {}


def said_by(entry: Entry, book: Book) -> tuple[Values, Values]:
    """Return the attributes that an entry speaks of and the agreement reads: stated, and derived."""
    fact = entry.fact
    stated = _read(fact.attributes, book) if isinstance(fact, Captured | Enriched) else _NOTHING
    return stated, _read(entry.traits, book)


def _read(said: Values, book: Book) -> Values:
    if not said:
        return _NOTHING
    return {name: value for name, value in said.items() if name in book.attributes}


def heard(profile: Profile, mark: Mark, stated: Values, derived: Values) -> Profile:
    """Return the profile with what one more fact said, in that fact's place."""
    if not stated and not derived:
        return profile
    return Profile(_placed(profile.stated, mark, stated), _placed(profile.derived, mark, derived))


def _placed(sayings: tuple[Saying, ...], mark: Mark, values: Values) -> tuple[Saying, ...]:
    place = len(sayings)
    while place and sayings[place - 1][:3] > mark:
        place -= 1
        values = _without(values, sayings[place][3])
    if not values:
        return sayings
    earlier = ((*saying[:3], _without(saying[3], values)) for saying in sayings[:place])
    return (*(saying for saying in earlier if saying[3]), (*mark, values), *sayings[place:])


def _without(values: Values, names: Values) -> Values:
    return {name: value for name, value in values.items() if name not in names}


def attributes_of(profile: Profile) -> Values:
    """Return the attributes as they stand; what is unknown is not among them."""
    return {
        name: value
        for sayings in (profile.derived, profile.stated)
        for saying in sayings
        for name, value in saying[3].items()
        if value is not None
    }


def alike(before: Profile, after: Profile, names: Iterable[Name]) -> bool:
    """Say whether these attributes are the same of two profiles to any condition: true is not 1."""
    if before is after:
        return True
    pairs = ((_attribute(before, name), _attribute(after, name)) for name in names)
    return all(old == new and type(old) is type(new) for old, new in pairs)


def _attribute(profile: Profile, name: Name) -> Scalar | None:
    for sayings in (profile.stated, profile.derived):
        for saying in sayings:
            if (value := saying[3].get(name)) is not None:
                return value
    return None


def fit_of(profile: Profile, book: Book) -> Centipoints:
    """Return what the rules that hold come to: each group within ± its cap, the whole from 0 to its own."""
    attributes = attributes_of(profile)
    groups: dict[str, int] = {}
    for rule in book.fit:
        if rule.when.holds(attributes):
            groups[rule.group] = groups.get(rule.group, 0) + rule.points
    total = 0
    for group, points in groups.items():
        cap = book.fit_caps.get(group, NEVER)
        total += min(max(points, -cap), cap)
    return min(max(total, 0), book.fit_cap)
