"""Every vendor against its recorded requests: authentic or not, and what each comes to.

What holds of every vendor is tried on every recording: the older of two live secrets opens, another does
not, a signed body has no byte to spare, and reading twice gives the same facts under the same ids.
"""

from dataclasses import replace

import pytest

from services.intake.registry import vendors
from services.intake.signatures import key_hash
from services.intake.vendor import Secrets
from tests.services.intake.recordings import FOLDER, Recording, recordings

ALL = recordings()
AUTHENTIC = [one for one in ALL if one.document["verdict"] == "authentic"]
SIGNED = [one for one in AUTHENTIC if one.document.get("signed")]


def named(recording: Recording) -> str:
    return f"{recording.path.parent.name}/{recording.path.stem}"


def opened_by(recording: Recording, *secrets: bytes) -> bool:
    with_secrets = replace(
        recording.secrets, live=secrets, key_hashes=tuple(key_hash(one) for one in secrets)
    )
    return recording.vendor.authenticate(recording.request, with_secrets, recording.now).is_authentic


def test_every_vendor_has_recorded_requests() -> None:
    assert {folder.name for folder in FOLDER.iterdir()} == set(vendors())


def test_every_vendor_is_named_like_its_file() -> None:
    assert [vendor.authenticate.__module__.rpartition(".")[2] for vendor in vendors().values()] == list(
        vendors()
    )


@pytest.mark.parametrize("recording", ALL, ids=named)
def test_a_recorded_request_comes_to_what_is_recorded(recording: Recording) -> None:
    wanted = {name: recording.document[name] for name in recording.outcome()}
    assert recording.outcome() == wanted


@pytest.mark.parametrize("recording", AUTHENTIC, ids=named)
def test_the_older_of_two_secrets_opens_as_well(recording: Recording) -> None:
    live = recording.secrets.live or tuple(
        one.encode() for one in recording.document["source"].get("keys", ())
    )
    assert opened_by(recording, b"a newer secret", *live)


@pytest.mark.parametrize("recording", AUTHENTIC, ids=named)
def test_another_secret_does_not_open(recording: Recording) -> None:
    assert not opened_by(recording, b"another secret")


@pytest.mark.parametrize("recording", AUTHENTIC, ids=named)
def test_no_secret_at_all_does_not_open(recording: Recording) -> None:
    verdict = recording.vendor.authenticate(
        recording.request, Secrets(options=recording.secrets.options), recording.now
    )
    assert not verdict.is_authentic


@pytest.mark.parametrize("recording", SIGNED, ids=named)
def test_a_signed_body_has_no_byte_to_spare(recording: Recording) -> None:
    body = recording.request.body
    places = {0, len(body) // 2, len(body) - 1}
    altered = [body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :] for at in places]
    for other in [*altered, body[:-1], body + b" ", b""]:
        request = replace(recording.request, body=other, content=other)
        assert not recording.vendor.authenticate(request, recording.secrets, recording.now).is_authentic


@pytest.mark.parametrize("recording", AUTHENTIC, ids=named)
def test_a_request_that_is_sent_again_says_the_same_facts(recording: Recording) -> None:
    once, again = recording.reading(), recording.reading()
    assert once == again
    ids = [(event.source, event.id) for event in once.facts]
    assert len(ids) == len(set(ids))
