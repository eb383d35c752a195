"""Facts drawn by hypothesis: any words that a tool may say, in any of the forms that it may say them in."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from schemas.facts import (
    TYPE_PREFIX,
    Accepted,
    AgreementSigned,
    Assigned,
    Captured,
    ConsentChanged,
    Engaged,
    Enriched,
    Erased,
    Fact,
    FactData,
    FactEvent,
    Heartbeat,
    ImportClosed,
    ImportOpened,
    Lost,
    Merged,
    OpportunityOpened,
    Recycled,
    Rejected,
    Reopened,
    StageClaimed,
    Subject,
    Touched,
    Unmerged,
    Won,
)
from schemas.vocabulary import Actor, EngagementChannel, Money, Side, TouchChannel

CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
"""Everything that may stand in text: no half characters, no NUL."""

names = st.text(CHARACTERS, min_size=1, max_size=20)
texts = st.text(CHARACTERS, max_size=40)
integers = st.integers(-(2**63) + 1, 2**63 - 1)
scalars = st.booleans() | integers | st.floats(allow_nan=False, allow_infinity=False) | texts
attributes = st.dictionaries(names, st.none() | scalars, max_size=4)
amounts = st.builds(Money, amount_minor=integers, currency=st.sampled_from(["EUR", "USD"]))
actors = st.builds(Actor, side=st.sampled_from(Side), owner=st.none() | names)
subjects = st.builds(
    Subject,
    email=st.none() | texts,
    phone=st.none() | texts,
    name=st.none() | texts,
    company=st.none() | texts,
    anonymous_id=st.none() | names,
    external_ids=st.dictionaries(names, names, max_size=2),
)
instants = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
facts: st.SearchStrategy[Fact] = st.one_of(
    st.builds(Captured, origin=st.none() | names, landing_page=st.none() | texts, attributes=attributes),
    st.builds(Enriched, attributes=attributes),
    st.builds(Engaged, channel=st.sampled_from(EngagementChannel), action=names, name=st.none() | texts),
    st.builds(Touched, channel=st.sampled_from(TouchChannel), by=st.none() | actors),
    st.builds(Accepted, by=st.none() | actors, handoff_id=st.none() | names),
    st.builds(Rejected, reason=names),
    st.builds(Assigned, owner=st.none() | names, team=st.none() | names),
    st.builds(StageClaimed, stage=names),
    st.builds(OpportunityOpened, amount=st.none() | amounts),
    st.builds(Won, amount=st.none() | amounts, by=st.none() | actors),
    st.builds(Lost, reason=st.none() | names),
    st.builds(Recycled, reason=st.none() | names),
    st.builds(Reopened),
    st.builds(Merged, other=subjects),
    st.builds(Unmerged, other=subjects),
    st.builds(ConsentChanged, channel=st.sampled_from(["email", "phone", "any"]), granted=st.booleans()),
    st.builds(Erased),
    st.builds(ImportOpened, import_id=names),
    st.builds(ImportClosed, import_id=names),
    st.builds(AgreementSigned, document=texts),
    st.builds(Heartbeat),
)


@st.composite
def events(draw: Any) -> FactEvent:
    """Draw a whole event."""
    fact = draw(facts)
    data = FactData(
        subject=draw(subjects), fact=fact, test=draw(st.booleans()), import_id=draw(st.none() | names)
    )
    time = draw(st.none() | instants)
    return FactEvent(id=draw(names), source=draw(names), type=TYPE_PREFIX + fact.kind, time=time, data=data)
