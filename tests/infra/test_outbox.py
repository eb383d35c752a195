"""What a commit has to say: the same bytes to the same place, in steps, and nothing that no topic takes."""

import json
from base64 import b64encode

import pytest

from infra.outbox import Outgoing, RecordTooBig, in_steps, outgoing, outgoing_letter, packed, unpacked
from schemas.dead_letters import DeadReason, PublishedLetter
from schemas.entries import Entry, Signing, Tick
from tests.builders import instant

NOON = instant("2026-03-02 12:00")
ENTRY = Entry("L1", 7, NOON, NOON, 1)
LETTER = PublishedLetter(
    reason=DeadReason.NOT_JSON, detail="line 1", offset=4, original=b64encode(b"{\n!" * 400).decode()
)


def test_what_is_stowed_goes_out_as_it_would_have() -> None:
    said = [outgoing(ENTRY), outgoing(Tick(NOON)), outgoing_letter(LETTER), outgoing(ENTRY)]
    assert unpacked(packed(said)) == said


def test_a_record_that_no_topic_takes_is_refused_with_what_to_do() -> None:
    size = len(outgoing(ENTRY).value)
    assert outgoing(ENTRY, limit=size).lead_id == "L1"
    with pytest.raises(RecordTooBig, match=rf"about lead L1 has {size} bytes, and topics take {size - 1};"):
        outgoing(ENTRY, limit=size - 1)
    with pytest.raises(RecordTooBig, match="for every partition"):
        outgoing(Tick(NOON), limit=1)


def test_a_letter_that_no_topic_takes_goes_without_the_bytes_that_it_is_about() -> None:
    whole = outgoing_letter(LETTER)
    short = outgoing_letter(LETTER, limit=len(whole.value) - 1)
    assert json.loads(whole.value)["original"] == LETTER.original
    found = json.loads(short.value)
    assert (found["original"], found["offset"], found["reason"]) == (None, 4, "not_json")
    assert found["detail"] == "line 1 (the bytes are left out here: too many for a topic)"
    assert short.is_letter


def test_what_is_for_every_partition_is_sent_when_all_before_it_is_acknowledged() -> None:
    entry, letter = outgoing(ENTRY), outgoing_letter(LETTER)
    tick, signing = outgoing(Tick(NOON)), outgoing(Signing(8, NOON, "v2"))
    said: list[Outgoing] = [entry, letter, entry, tick, signing, entry]
    assert list(in_steps(said)) == [[entry, letter, entry], [tick], [signing], [entry]]
    assert list(in_steps([])) == []
