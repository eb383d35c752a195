"""The journal: a log decided batch by batch, whatever stands in it, wherever the batches end."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from infra.store.burying import close_letters
from infra.store.journal_memory import StoredJournalMemory
from infra.store.tables.hosts import agreements, identities, merges
from infra.store.tables.read_model import dead_letters, facts
from infra.wire import write_fact
from schemas.dead_letters import Closing
from schemas.entries import Entry, Signing
from schemas.facts import (
    AgreementSigned,
    Captured,
    Erased,
    Heartbeat,
    ImportClosed,
    ImportOpened,
    Merged,
    Subject,
    Unmerged,
    Won,
)
from schemas.vocabulary import Money
from tests.builders import instant
from tests.infra.saying import ANA, BO, CRM, DOLLARS, SOUND, Sequencer, event_of

# --- one fact


def test_a_fact_is_kept_as_it_was_sent_and_stripped(line: Sequencer) -> None:
    line.now = instant("2026-03-02 10:00")
    said = Captured(attributes={"country": "ES", "twitter": "@ana", "employees": None})
    line.say(said, id="x", time="2026-03-02 09:30", email="ana@gmail.com", test=True)
    line.decide()
    row = line.fact("x")
    assert row["fact"] == '{"kind":"captured","attributes":{"country":"ES","employees":null}}'
    assert b"ana@gmail.com" in row["original"]
    assert (row["seq"], row["at"], row["occurred_at"], row["received_at"], row["stamp"]) == (
        2,
        instant("2026-03-02 09:30"),
        instant("2026-03-02 09:30"),
        instant("2026-03-02 10:00"),
        instant("2026-03-02 10:00"),
    )
    assert (row["test"], row["flags"], row["traits"]) == (True, "", '{"free_mail": true}')
    (entry,) = line.said
    assert isinstance(entry, Entry)
    assert (entry.lead_id, entry.seq, entry.version) == (row["lead_id"], 2, 1)


def test_flags_are_kept_beside_the_fact(line: Sequencer) -> None:
    line.say(id="x", time="2026-03-03 09:00", email="ana", anonymous_id="c")
    line.decide()
    assert line.fact("x")["flags"] == "clock_skew,unusable_identity"


def test_only_keyed_hashes_of_identifiers_are_kept(line: Sequencer) -> None:
    line.say(**ANA, **CRM, phone="600111222", anonymous_id="c")
    line.decide()
    rows = line.rows(identities)
    assert len(rows) == 4
    assert {(len(row["key"]), row["erased"]) for row in rows} == {(16, False)}


# --- repeats


@pytest.mark.parametrize("batch", [1, 2, 1000])
def test_a_repeat_changes_nothing_in_its_batch_or_a_later_one(tmp_path: Path, batch: int) -> None:
    line = Sequencer(tmp_path / "relevo.db", batch=batch)
    for _ in range(3):
        line.say(id="x", **ANA)
        line.say(id="y", **BO)
        line.say(ImportOpened(import_id="i"), id="z")
    line.decide()
    line.restart()
    line.say(id="x", **ANA)
    line.decide()
    assert line.numbers() == [1, 2, 3, 4]
    assert line.dead() == []


def test_the_same_id_of_another_tool_is_another_event(line: Sequencer) -> None:
    line.say(id="x", source="web", **ANA)
    line.say(id="x", source="crm", **ANA)
    line.decide()
    assert line.numbers() == [1, 2, 3]


@pytest.mark.parametrize("batch", [1, 1000])
def test_a_repeat_of_a_dead_letter_is_one_dead_letter(tmp_path: Path, batch: int) -> None:
    line = Sequencer(tmp_path / "relevo.db", batch=batch)
    for turn in range(3):
        line.say(DOLLARS, id="x", **ANA)
        line.send(write_fact(event_of(id="y", **ANA)).replace(b'"1.0"', b'"0.3"'))
        line.say(Erased(), id=f"erased-{turn}", **BO)
        line.say(id="z", **BO)
    line.decide()
    assert sorted(line.dead(), key=str) == [
        ("currency", "x"),
        ("erased", "erased-1"),
        ("erased", "erased-2"),
        ("erased", "z"),
        ("schema", "y"),
    ]


def test_a_dead_letter_that_was_resubmitted_and_dies_again_is_a_new_one(line: Sequencer) -> None:
    line.say(DOLLARS, id="x", **ANA)
    line.decide()
    with line.database.writing() as connection:
        close_letters(connection, [1], line.now, Closing.RESUBMITTED)
    line.say(DOLLARS, id="x", **ANA)
    line.decide()
    assert [row["closed_at"] for row in line.rows(dead_letters)] == [line.now, None]


def test_dead_letters_of_one_event_with_other_words_are_two(line: Sequencer) -> None:
    line.say(DOLLARS, id="x", **ANA)
    line.say(DOLLARS, id="x", **BO)
    line.say(id="x")
    line.decide()
    assert line.dead() == [("currency", "x"), ("currency", "x"), ("no_identity", "x")]


@pytest.mark.parametrize("batch", [1, 1000])
def test_what_has_no_name_is_told_apart_by_its_bytes(tmp_path: Path, batch: int) -> None:
    line = Sequencer(tmp_path / "relevo.db", batch=batch)
    for value in (b"garbage", b"garbage\n", b"other garbage", b"garbage"):
        line.send(value)
    line.decide()
    assert [row["original"] for row in line.rows(dead_letters)] == [b"garbage", b"other garbage"]


def test_a_dead_letter_that_is_fixed_is_admitted_once(line: Sequencer) -> None:
    line.say(DOLLARS, id="x", **ANA)
    line.decide()
    for _ in range(2):
        line.say(Won(), id="x", **ANA)
        line.decide()
    assert line.fact("x")["seq"] == 2
    assert line.dead() == [("currency", "x")]


# --- bad input

BAD: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "not_json"),
    "bytes": (b"\xff\x00\xfe", "not_json"),
    "another encoding": (SOUND.replace(b"ana@", "añ@".encode("latin-1")), "not_json"),
    "cut off": (SOUND[:-9], "not_json"),
    "a scalar": (b"42", "not_json"),
    "an array": (b"[" + SOUND + b"]", "not_json"),
    "a half character": (SOUND.replace(b"ana@", b"\\ud800@"), "bad_characters"),
    "NUL": (SOUND.replace(b"ana@", b"\\u0000@"), "bad_characters"),
    "an unknown type": (SOUND.replace(b"lead.captured", b"lead.sold"), "unknown_type"),
    "a type that disagrees": (SOUND.replace(b"lead.captured", b"lead.lost"), "schema"),
    "a missing field": (SOUND.replace(b'"id":"x",', b""), "schema"),
    "an extra field": (SOUND.replace(b'{"specversion"', b'{"extra":1,"specversion"'), "schema"),
    "an empty id": (SOUND.replace(b'"id":"x"', b'"id":""'), "schema"),
    "NaN": (SOUND.replace(b'"attributes":{}', b'"attributes":{"x":NaN}'), "not_finite"),
    "infinity": (SOUND.replace(b'"attributes":{}', b'"attributes":{"x":-Infinity}'), "not_finite"),
    "1e999": (SOUND.replace(b'"attributes":{}', b'"attributes":{"x":1e999}'), "too_big_a_number"),
    "digits": (
        SOUND.replace(b'"attributes":{}', b'"attributes":{"x":' + b"9" * 200_000 + b"}"),
        "too_big_a_number",
    ),
    "a key twice": (SOUND.replace(b'"id":"x"', b'"id":"x","id":"y"'), "duplicate_key"),
    "depth": (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "too_deep"),
    "5 MB": (SOUND.replace(b"ana@", b"a" * 5_000_000 + b"@"), "too_large"),
    "a key of 1 MB": (SOUND.replace(b'"id"', b'"' + b"k" * 1_000_000 + b'":1,"id"'), "too_large"),
    "year 9999": (SOUND.replace(b'"id"', b'"time":"9999-12-31T23:59:59Z","id"'), "bad_instant"),
    "year 1": (SOUND.replace(b'"id"', b'"time":"0001-01-01T00:00:00Z","id"'), "bad_instant"),
    "no offset": (SOUND.replace(b'"id"', b'"time":"2026-03-02T09:00:00","id"'), "bad_instant"),
    "a wrong offset": (SOUND.replace(b'"id"', b'"time":"2026-03-02T09:00:00+99:00","id"'), "bad_instant"),
    "no identity": (SOUND.replace(b'"email":"ana@example.com",', b""), "no_identity"),
    "no address": (SOUND.replace(b"ana@", b"ana"), "bad_identity"),
    "no import": (SOUND.replace(b'"test"', b'"import_id":"i","test"'), "unknown_import"),
    "dollars": (write_fact(event_of(DOLLARS, id="x", **ANA)), "currency"),
    "no merge": (write_fact(event_of(Unmerged(other=Subject(**BO)), id="x", **ANA)), "not_merged"),
    "no agreement": (write_fact(event_of(AgreementSigned(document="a: b"), id="x")), "bad_agreement"),
    "no YAML": (write_fact(event_of(AgreementSigned(document="a: [" * 40), id="x")), "bad_agreement"),
    "no import to close": (write_fact(event_of(ImportClosed(import_id="i"), id="x")), "unknown_import"),
}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sequencer]:
    """A sequencer that has met every bad input of this page."""
    made = Sequencer(tmp_path_factory.mktemp("shared") / "relevo.db")
    yield made
    made.database.close()  # a test closes it behind itself, and the next one opens it anew


@pytest.mark.parametrize(("value", "reason"), BAD.values(), ids=BAD)
def test_bad_input_is_put_aside_whole_and_the_next_fact_is_taken(
    shared: Sequencer, value: bytes, reason: str
) -> None:
    buried, seq = len(shared.rows(dead_letters)), shared.journal.seq
    before = shared.say(**ANA)
    shared.send(value)
    after = shared.say(**ANA)
    shared.decide()
    letter = shared.rows(dead_letters)[buried]
    assert (letter["reason"], letter["original"]) == (reason, value)
    assert letter["detail"]
    assert (shared.fact(before)["seq"], shared.fact(after)["seq"]) == (seq + 1, seq + 2)


# --- time


def test_stamps_never_go_back_and_numbers_have_no_gaps(line: Sequencer) -> None:
    for minutes in (0, 5, -60, -30, 1):
        line.now += timedelta(minutes=minutes)
        line.say(**ANA)
        line.decide()
        line.restart()
    stamps = [row["stamp"] for row in line.rows(facts)]
    assert stamps == sorted(stamps)
    assert line.numbers() == [1, 2, 3, 4, 5, 6]
    assert [one.stamp for one in line.said] == stamps[1:]


def test_a_heartbeat_has_no_number(line: Sequencer) -> None:
    line.say(Heartbeat())
    line.say(**ANA)
    (decision,) = line.decide()
    assert line.numbers() == [1, 2]
    assert decision.next_offset == 3


def test_deciding_changes_nothing_before_it_is_committed(line: Sequencer) -> None:
    line.say(**ANA)
    line.say(**BO)
    with line.database.reading() as connection:
        memory = StoredJournalMemory(connection)
        once, again = (line.journal.decide(memory, line.waiting) for _ in range(2))
    assert once == again
    assert line.journal.seq == 1
    (decided,) = line.decide()
    assert decided == once


# --- agreements


def test_an_agreement_that_is_none_is_put_aside_and_the_old_one_holds(line: Sequencer) -> None:
    line.say(AgreementSigned(document="currency: USD"), id="bad")
    line.say(DOLLARS, **ANA)
    line.say(Won(amount=Money(amount_minor=1, currency="EUR")), id="good", **ANA)
    line.decide()
    assert [reason for reason, _ in line.dead()] == ["bad_agreement", "currency"]
    assert line.fact("good")["seq"] == 2


def test_what_follows_a_signing_is_decided_by_it_in_another_batch(line: Sequencer) -> None:
    line.say(DOLLARS, id="before", **ANA)
    line.sign({"version": "test-2", "currency": "USD"})
    line.say(DOLLARS, id="after", **ANA)
    decisions = line.decide()
    assert [one.next_offset for one in decisions] == [3, 4]
    assert line.dead() == [("currency", "before")]
    assert line.fact("after")["seq"] == 3
    assert [row["version"] for row in line.rows(agreements)] == ["test-1", "test-2"]
    assert [one for one in line.said if isinstance(one, Signing)] == [Signing(2, line.now, "test-2")]


def test_a_new_agreement_holds_though_the_machines_clock_went_back(line: Sequencer) -> None:
    line.sign({"version": "test-2", "currency": "USD"})
    line.now -= timedelta(hours=1)
    line.say(DOLLARS, id="after", **ANA)
    line.decide()
    assert line.fact("after")["stamp"] == instant("2026-03-02 09:00")
    assert line.dead() == []


def test_what_is_said_before_any_agreement_waits_among_the_dead_letters(tmp_path: Path) -> None:
    line = Sequencer(tmp_path / "relevo.db", signed=False)
    line.say(id="early", **ANA)
    line.send(b"garbage")
    line.say(ImportOpened(import_id="i"))
    line.sign()
    line.say(id="late", **ANA)
    line.decide()
    assert line.dead() == [("no_agreement", "early"), ("not_json", None)]
    assert line.fact("late")["seq"] == 3
    line.say(id="early", **ANA)
    line.decide()
    assert line.home("early") == line.home("late")


# --- tests


def test_tests_are_leads_of_their_own(line: Sequencer) -> None:
    real = line.say(**ANA, **CRM, anonymous_id="c", phone="600111222")
    tests = [line.say(test=True, **about) for about in (ANA, CRM, ANA | CRM)]
    line.say(test=True, email="test|a@example.com")
    again = line.say(**ANA)
    line.say(Merged(other=Subject(**CRM)), test=True, **ANA)
    line.say(Unmerged(other=Subject(**CRM)), test=True, **ANA)
    line.decide()
    homes = {line.home(one) for one in tests}
    assert line.home(real) == line.home(again)
    assert line.home(real) not in homes
    assert {line.lead(one)["test"] for one in homes} == {True}
    assert line.lead(line.home(real))["test"] is False
    line.say(Erased(), test=True, **ANA)
    line.say(id="still", **ANA)
    line.decide()
    assert line.home("still") == line.home(real)


# --- merges


def test_a_merge_is_written_down_with_the_number_from_which_it_holds(line: Sequencer) -> None:
    first, second = line.say(**ANA), line.say(**CRM)
    line.say(**ANA, **CRM)
    line.decide()
    (row,) = line.rows(merges)
    assert dict(row) == {
        "absorbed": line.home(second),
        "from_seq": 4,
        "survivor": line.home(first),
        "to_seq": None,
    }
    assert line.lead(line.home(second))["merged_into"] == line.home(first)


@pytest.mark.parametrize("batch", [1, 1000])
def test_an_unmerge_ends_the_merge_that_it_undoes_and_no_other(tmp_path: Path, batch: int) -> None:
    line = Sequencer(tmp_path / "relevo.db", batch=batch)
    homes = [line.say(external_ids={"crm": one}) for one in "abc"]
    line.say(Merged(other=Subject(external_ids={"crm": "c"})), external_ids={"crm": "b"})
    line.say(Merged(other=Subject(external_ids={"crm": "b"})), external_ids={"crm": "a"})
    line.say(Unmerged(other=Subject(external_ids={"crm": "c"})), external_ids={"crm": "a"})
    line.decide()
    a, b, c = (line.home(one) for one in homes)
    ended = {(row["absorbed"], row["survivor"]): row["to_seq"] for row in line.rows(merges)}
    assert ended == {(c, b): 7, (b, a): None}
    assert [line.lead(one)["merged_into"] for one in (a, b, c)] == [None, a, None]
