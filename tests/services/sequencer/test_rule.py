"""The sequencer's rule: what is admitted, with which number and stamp, and what the workers are told."""

import copy
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.dead_letters import DeadReason
from schemas.entries import Entry
from schemas.facts import (
    Captured,
    Enriched,
    Erased,
    Fact,
    Lost,
    Merged,
    OpportunityOpened,
    Subject,
    Unmerged,
    Won,
)
from schemas.sequencing import Received, Sequenced
from schemas.vocabulary import Flag, LeadId, Money
from services.sequencer import identify, step
from services.sequencer.rule import new_lead_id
from tests.builders import instant
from tests.effort import examples
from tests.infra.saying import event_of
from tests.services.sequencer.at_desk import ANA, CRM, VIEW, AtDesk, merged, told, why

# --- what is not taken


@pytest.mark.parametrize(
    ("fact", "about", "reason", "detail"),
    [
        (None, {}, DeadReason.NO_IDENTITY, "data.subject names nobody"),
        (None, {"name": "Ana", "company": "Ribera"}, DeadReason.NO_IDENTITY, "data.subject names nobody"),
        (None, {"email": "  ", "phone": ""}, DeadReason.NO_IDENTITY, "data.subject names nobody"),
        (None, {"email": "ana"}, DeadReason.BAD_IDENTITY, "data.subject.email is not an e-mail address"),
        (
            None,
            {"phone": "12"},
            DeadReason.BAD_IDENTITY,
            "data.subject.phone is not a phone number that ES or the world knows",
        ),
        (
            None,
            {"email": "ana", "phone": "1"},
            DeadReason.BAD_IDENTITY,
            "data.subject.email is not an e-mail address; data.subject.phone is not",
        ),
        (Merged(other=Subject()), ANA, DeadReason.NO_IDENTITY, "data.fact.other names nobody"),
        (Unmerged(other=Subject(name="Bo")), ANA, DeadReason.NO_IDENTITY, "data.fact.other names nobody"),
        (Merged(other=Subject(email="bo")), ANA, DeadReason.BAD_IDENTITY, "data.subject.email is not"),
        (
            Won(amount=Money(amount_minor=1, currency="USD")),
            ANA,
            DeadReason.CURRENCY,
            "data.fact.amount.currency is USD; the agreement's is EUR",
        ),
        (
            OpportunityOpened(amount=Money(amount_minor=1, currency="GBP")),
            ANA,
            DeadReason.CURRENCY,
            "data.fact.amount.currency is GBP; the agreement's is EUR",
        ),
        (None, ANA | {"import_id": "i1"}, DeadReason.UNKNOWN_IMPORT, "import i1 was never opened"),
        (None, ANA | {"import_id": "i2"}, DeadReason.UNKNOWN_IMPORT, "import i2 is closed; open another"),
        (
            None,
            ANA | {"time": "9999-01-01 00:00"},
            DeadReason.BAD_INSTANT,
            "time is 9999-01-01T00:00:00+00:00",
        ),
        (
            None,
            ANA | {"time": "1969-12-31 23:59"},
            DeadReason.BAD_INSTANT,
            "expected an instant between 1970",
        ),
        (Unmerged(other=Subject(**CRM)), ANA, DeadReason.NOT_MERGED, "are no lead that was merged"),
    ],
)
def test_what_only_the_line_can_know_is_wrong_has_its_reason(
    fact: Fact | None, about: dict[str, Any], reason: DeadReason, detail: str
) -> None:
    desk = AtDesk()
    desk.desk.imports["i2"] = False
    found = why(desk.say(fact, **about))
    assert found[0] is reason
    assert detail in found[1]
    assert desk.desk.seq == 0


def test_a_dead_letter_is_admitted_once_it_is_fixed() -> None:
    desk = AtDesk()
    assert why(desk.say(id="e1"))[0] is DeadReason.NO_IDENTITY
    assert desk.place(id="e1", **ANA).seq == 1
    assert desk.say(id="e1", **ANA) == Sequenced()


def test_a_bad_address_beside_something_good_is_flagged() -> None:
    desk = AtDesk()
    assert desk.place(email="ana", **CRM).flags == (Flag.UNUSABLE_IDENTITY,)
    assert desk.place(**CRM).flags == ()


def test_a_letter_keeps_the_names_of_events_short() -> None:
    dead = AtDesk().say(id="e" * 256, source="s" * 256).dead
    assert dead is not None
    assert (dead.event_id, dead.source) == ("e" * 128, "s" * 128)


def test_money_of_the_agreement_is_taken() -> None:
    won = Won(amount=Money(amount_minor=95_000, currency="EUR"))
    assert AtDesk().place(won, **ANA).fact == won


# --- repeats


def test_a_repeat_changes_nothing_whatever_it_says() -> None:
    desk = AtDesk()
    desk.say(id="e1", source="web", **ANA)
    assert desk.say(id="e1", source="web", **CRM) == Sequenced()
    assert desk.say(id="e1", source="crm", **ANA).placed is not None


def test_events_whose_names_only_look_alike_are_two() -> None:
    one, other = event_of(source="a\nb", id="c"), event_of(source="a", id="b\nc")
    assert new_lead_id(one) != new_lead_id(other)


# --- its place


def test_numbers_have_no_gaps_and_begin_with_one() -> None:
    desk = AtDesk()
    placed = [desk.say(**about).placed for about in (ANA, {}, CRM, {"email": "no"}, ANA)]
    assert [one.seq if one else None for one in placed] == [1, None, 2, None, 3]


def test_a_stamp_never_goes_back_though_the_machines_clock_does() -> None:
    desk = AtDesk(now="2026-03-02 09:00")
    first = desk.place(**ANA)
    desk.now = instant("2026-03-02 08:00")
    second = desk.place(**ANA)
    assert (first.stamp, second.stamp) == (instant("2026-03-02 09:00"), instant("2026-03-02 09:00"))
    assert second.at == instant("2026-03-02 08:00")
    desk.now = instant("2026-03-02 10:00")
    assert desk.place(**ANA).stamp == instant("2026-03-02 10:00")


def test_a_lead_is_named_after_its_first_fact() -> None:
    lead_id = AtDesk().lead(id="x", source="web", **ANA)
    assert lead_id == AtDesk().lead(id="x", source="web", **ANA)
    assert lead_id != AtDesk().lead(id="y", source="web", **ANA)
    assert (lead_id[0], len(lead_id)) == ("L", 17)


def test_an_entry_holds_the_stripped_fact_in_its_place() -> None:
    desk = AtDesk()
    fact = Captured(attributes={"country": "ES", "shoe_size": 44, "job_title": "CEO"})
    (entry,) = desk.say(fact, id="x", test=True, time="2026-03-02 08:00", email="ana@gmail.com").entries
    assert entry == Entry(
        new_lead_id(event_of(id="x")),
        1,
        instant("2026-03-02 08:00"),
        instant("2026-03-02 09:00"),
        1,
        Captured(attributes={"country": "ES"}),
        "web",
        "x",
        test=True,
        traits={"free_mail": True, "seniority": "chief"},
    )


@pytest.mark.parametrize("outcome", [Won(), Lost(), OpportunityOpened()])
def test_an_outcome_before_the_first_contact_is_kept_and_flagged(outcome: Fact) -> None:
    desk = AtDesk()
    desk.say(time="2026-03-01 09:00", **ANA)
    assert desk.place(outcome, time="2026-03-01 08:59", **ANA).flags == (Flag.BEFORE_CAPTURE,)
    assert desk.place(outcome, time="2026-03-01 09:00", **ANA).flags == ()
    assert desk.place(VIEW, time="2026-03-01 08:00", **ANA).flags == ()


def test_an_outcome_of_a_lead_that_was_never_captured_is_not_flagged() -> None:
    desk = AtDesk()
    desk.say(VIEW, **ANA)
    assert desk.place(Won(), time="2026-03-01 08:00", **ANA).flags == ()


def test_an_outcome_that_merges_is_held_against_the_capture_of_either() -> None:
    desk = AtDesk()
    desk.say(VIEW, time="2026-01-01 09:00", **CRM)
    desk.say(time="2026-03-01 09:00", **ANA)
    assert desk.place(Won(), time="2026-02-01 09:00", **ANA, **CRM).flags == (Flag.BEFORE_CAPTURE,)


# --- merging


def test_the_survivor_is_the_lead_with_the_earliest_fact() -> None:
    desk = AtDesk()
    late = desk.lead(time="2026-02-02 09:00", **ANA)
    early = desk.lead(time="2026-02-01 09:00", **CRM)
    decided = desk.say(**ANA, **CRM)
    assert decided.merged == ((late, early),)
    assert decided.placed is not None
    assert decided.placed.lead_id == early
    assert desk.desk.files[late].merged_into == early


def test_of_two_that_began_at_once_the_first_to_be_heard_of_survives() -> None:
    desk = AtDesk()
    first, second = desk.lead(**CRM), desk.lead(**ANA)
    assert desk.say(**ANA, **CRM).merged == ((second, first),)


def test_a_late_fact_may_make_a_lead_the_earlier_one() -> None:
    desk = AtDesk()
    first, second = desk.lead(**ANA), desk.lead(**CRM)
    desk.say(time="2026-01-01 09:00", **CRM)
    assert desk.say(**ANA, **CRM).merged == ((first, second),)


def test_the_absorbed_folds_to_nothing_and_the_survivor_over_both() -> None:
    desk = AtDesk()
    first, second = desk.lead(**ANA), desk.lead(**CRM)
    desk.say(**CRM)
    decided = desk.say(**ANA, **CRM)
    assert told(decided) == [(second, 3, True), (first, 2, True)]
    assert [one.fact is None for one in decided.entries] == [True, False]
    assert {one.seq for one in decided.entries} == {4}


def test_what_is_known_of_the_absorbed_is_known_of_the_survivor() -> None:
    desk = AtDesk()
    first = desk.lead(VIEW, **CRM)
    desk.say(time="2026-03-02 08:59", phone="600111222", **ANA)
    absorbed = desk.lead(**ANA)
    desk.say(Merged(other=Subject(**CRM)), **ANA)
    file = desk.desk.files[absorbed]
    assert file.known_by == ("email", "external_id:crm", "phone")
    assert file.captured_at == instant("2026-03-02 08:59")
    assert desk.desk.files[first].merged_into == absorbed


def test_a_merged_fact_joins_whom_it_names() -> None:
    desk = AtDesk()
    ana, bo = desk.lead(**ANA), desk.lead(email="bo@example.com")
    decided = desk.say(Merged(other=Subject(email="bo@example.com")), **ANA)
    assert decided.merged == ((bo, ana),)
    assert decided.placed is not None
    assert decided.placed.fact == Merged(other=Subject())


def test_a_merged_fact_about_somebody_unknown_makes_the_name_known() -> None:
    desk = AtDesk()
    ana = desk.lead(**ANA)
    assert desk.say(Merged(other=Subject(**CRM)), **ANA).merged == ()
    assert desk.lead(**CRM) == ana


def test_a_lead_that_no_worker_was_told_of_need_not_be_untold() -> None:
    desk = AtDesk()
    desk.desk.imports["i"] = True
    live, imported = desk.lead(**ANA), desk.lead(import_id="i", **CRM)
    decided = desk.say(**ANA, **CRM)
    assert decided.merged == ((imported, live),)
    assert told(decided) == [(live, 2, True)]


# --- facts of an import


def test_what_an_import_says_is_not_told_before_its_close() -> None:
    desk = AtDesk()
    desk.desk.imports["i"] = True
    decided = desk.say(import_id="i", **ANA)
    assert decided.placed is not None
    assert decided.entries == ()
    assert desk.desk.files[decided.placed.lead_id].version == 0


def test_a_merge_within_an_import_is_told_at_once_to_those_who_know_of_either() -> None:
    desk = AtDesk()
    desk.desk.imports["i"] = True
    live = desk.lead(**ANA)
    desk.say(import_id="i", time="2026-01-01 09:00", **CRM)
    survivor = desk.lead(import_id="i", **CRM)
    decided = desk.say(import_id="i", **ANA, **CRM)
    assert told(decided) == [(live, 2, True), (survivor, 1, True)]
    assert desk.say(import_id="i", **ANA).entries == ()


def test_a_merge_into_a_lead_that_is_known_has_it_told_again() -> None:
    desk = AtDesk()
    desk.desk.imports["i"] = True
    live = desk.lead(**ANA)
    desk.say(import_id="i", **CRM)
    assert told(desk.say(import_id="i", **ANA, **CRM)) == [(live, 2, True)]


# --- being forgotten


def test_an_erasure_is_told_and_leaves_the_lead_closed() -> None:
    desk = AtDesk()
    lead_id = desk.lead(**ANA)
    decided = desk.say(Erased(), **ANA)
    assert decided.erased == (lead_id,)
    assert [one.fact for one in decided.entries] == [Erased()]
    assert desk.desk.files[lead_id].erased


def test_somebody_nobody_knew_may_be_erased_beforehand() -> None:
    desk = AtDesk()
    assert len(desk.say(Erased(), **ANA).erased) == 1
    assert why(desk.say(**ANA)) == (DeadReason.ERASED, "the subject is a lead that was erased")


@pytest.mark.parametrize("fact", [None, Erased(), Won(), Merged(other=Subject(email="bo@example.com"))])
def test_nothing_more_is_taken_of_whoever_was_erased(fact: Fact | None) -> None:
    desk = AtDesk()
    desk.say(Erased(), **ANA)
    assert why(desk.say(fact, **ANA))[0] is DeadReason.ERASED


@pytest.mark.parametrize("kind", [Merged, Unmerged])
def test_nobody_is_merged_with_whoever_was_erased(kind: Any) -> None:
    desk = AtDesk()
    desk.say(email="bo@example.com")
    desk.say(Erased(), **ANA)
    assert why(desk.say(kind(other=Subject(**ANA)), email="bo@example.com"))[0] is DeadReason.ERASED


def test_a_lead_is_erased_with_all_that_it_absorbed() -> None:
    desk = AtDesk()
    merged(desk)
    desk.say(Erased(), **ANA)
    assert why(desk.say(**CRM))[0] is DeadReason.ERASED
    assert why(desk.say(Unmerged(other=Subject(**CRM)), **ANA))[0] is DeadReason.ERASED


# --- what is always so

subjects = st.sampled_from(
    [ANA, CRM, ANA | CRM, {"email": "bo@example.com"}, {"anonymous_id": "c"}, ANA | {"anonymous_id": "c"}, {}]
)
facts = st.sampled_from(
    [None, VIEW, Won(), Enriched(), Erased(), Merged(other=Subject(**CRM)), Unmerged(other=Subject(**CRM))]
)


@examples(6)
@given(st.lists(st.tuples(facts, subjects, st.integers(-90, 90), st.booleans()), max_size=15))
def test_what_the_workers_are_told_has_no_gaps(history: list[tuple[Fact | None, Any, int, bool]]) -> None:
    desk = AtDesk()
    desk.desk.imports["i"] = True
    versions: dict[LeadId, int] = {}
    stamp, seq = instant("1970-01-01 00:00"), 0
    for fact, about, minutes, deferred in history:
        desk.now += timedelta(minutes=minutes)
        decided = desk.say(fact, **about, **({"import_id": "i"} if deferred else {}))
        for entry in decided.entries:
            assert entry.version == versions.get(entry.lead_id, 0) + 1
            versions[entry.lead_id] = entry.version
        if decided.placed is not None:
            assert decided.placed.seq == seq + 1
            assert decided.placed.stamp >= stamp
            assert decided.placed.at <= decided.placed.stamp
            seq, stamp = decided.placed.seq, decided.placed.stamp
    assert {one: file.version for one, file in desk.desk.files.items() if file.version} == versions


def test_a_desk_is_read_and_not_changed() -> None:
    desk = AtDesk()
    desk.say(**ANA)
    desk.say(**CRM)
    before = copy.deepcopy(desk.desk)
    event = event_of(id="new", **ANA, **CRM)
    identified = identify(event.data.subject, {}, "ES")
    assert step(desk.desk, Received(event, desk.now, identified), desk.agreement).merged
    assert desk.desk == before
