"""``sources.yaml``: what is wrong with one is said with its place, its value and what to do."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from infra.yaml_document import DocumentInvalid
from services.intake.registry import kinds
from services.intake.sources import Sources, load_sources

GOOD = """
sources:
  - name: web
    kind: segment
    secret_env: [NEWEST, OLDER]
    limits: {requests_per_second: 50, burst: 100}
    mapping: {ignore: [Heartbeat]}
  - {name: partner, kind: cloudevents}
server:
  trusted_proxies: [10.0.0.0/8]
"""
SECRETS = {"NEWEST": "one", "OLDER": "two", "EMPTY": "", "BLANK": " "}


def load(folder: Path, text: str, environment: Mapping[str, str] = SECRETS) -> Sources:
    file = folder / "sources.yaml"
    file.write_text(text)
    return load_sources(file, kinds(), environment)


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(DocumentInvalid) as refused:
        load(folder, text)
    return [str(problem) for problem in refused.value.problems]


def test_a_good_document_is_read(tmp_path: Path) -> None:
    sources = load(tmp_path, GOOD)
    assert list(sources.by_name) == ["web", "partner"]
    web = sources.by_name["web"]
    assert (web.secrets.live, web.limits.burst, web.body_bytes) == ((b"one", b"two"), 100, 4 * 1024 * 1024)
    assert [one.name for one in sources.speaking_sdk] == ["web"]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (
            "{name: a, kind: hupspot, secret_env: [NEWEST]}",
            "sources[0].kind (line 2): no kind is called 'hupspot'",
        ),
        (
            "{name: a, kind: standard_webhooks}",
            "standard_webhooks signs its requests, and no secret is named; name the environment variable",
        ),
        (
            "{name: a, kind: segment, secret_env: [EMPTY]}",
            "sources[0].secret_env (line 2): the environment variable EMPTY is empty; set it to the secret",
        ),
        ("{name: a, kind: segment, secret_env: [BLANK]}", "BLANK is empty; set it to the secret"),
        (
            "{name: a, kind: segment, secret_env: [NEWEST, GONE]}",
            "the environment variable GONE is not set; set it to the secret",
        ),
        ("{name: A b, kind: generic}", "sources[0].name (line 2): 'A b' does not look right; it must match"),
        ("{name: a, kind: generic, secrets: x}", "sources[0].secrets (line 2): no field is called 'secrets'"),
        (
            "{name: a, kind: generic, mapping: {idd: x}}",
            "sources[0].mapping.idd (line 2): no field is called 'idd'; did you mean 'id'?",
        ),
        (
            "{name: a, kind: generic, mapping: {facts: [{kind: sold}]}}",
            "sources[0].mapping.facts[0] (line 2): 'sold' is no kind of fact",
        ),
        (
            "{name: a, kind: generic, mapping: {facts: [{kind: engaged, fields: {channel: c}}]}}",
            "engaged needs the field action; give its path or a constant",
        ),
        (
            "{name: a, kind: generic, limits: {burst: 0}}",
            "limits.burst (line 2): 0 is too small; write 1 or more",
        ),
        (
            "{name: a, kind: generic, public_url: here}",
            "sources[0].public_url (line 2): 'here' does not look right",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place_and_the_remedy(tmp_path: Path, written: str, said: str) -> None:
    (problem,) = problems(tmp_path, f"sources:\n  - {written}\n")
    assert said in problem


def test_every_wrong_source_is_named_at_once(tmp_path: Path) -> None:
    text = "sources:\n  - {name: a, kind: none}\n  - {name: a, kind: segment, secret_env: [GONE]}\n"
    assert [problem.partition(" ")[0] for problem in problems(tmp_path, text)] == [
        "sources[0].kind",
        "sources[1].secret_env",
        "sources[1].name",
    ]


def test_a_bad_shape_hides_nothing_else_that_is_wrong(tmp_path: Path) -> None:
    text = """
sources:
  - {name: a, kind: generic, limits: {burst: 0}, mapping: {idd: x}}
  - {name: a, kind: hupspot, secret_env: [GONE]}
  - {name: A b, kind: segment, secret_env: [EMPTY]}
  - {name: b, kind: segment, secret_env: 7}
  - {name: c, secret_env: [GONE]}
  - {kind: generic, secrets: x}
  - x
  - {name: d, kind: sql, pull: {url_env: GONE, table: leads, ky: id}}
  - {name: e, kind: sql, pull: {url_env: no name, table: leads, key: id}}
server: {read_seconds: 0}
"""
    assert [problem.partition(" ")[0] for problem in problems(tmp_path, text)] == [
        "sources[0].limits.burst",
        "sources[0].mapping.idd",
        "sources[1].kind",
        "sources[1].secret_env",
        "sources[1].name",
        "sources[2].name",
        "sources[2].secret_env",
        "sources[3].secret_env",
        "sources[4].kind",
        "sources[5].name",
        "sources[5].secrets",
        "sources[6]",
        "sources[7].pull.key",
        "sources[7].pull.ky",
        "sources[7].pull.url_env",
        "sources[8].pull.url_env",
        "server.read_seconds",
    ]


@pytest.mark.parametrize("text", ["", "a: [", "sources: 7", "sources:\n - x\n", "\x00"])
def test_what_is_no_document_is_refused(tmp_path: Path, text: str) -> None:
    assert problems(tmp_path, text)


def test_the_mappings_digest_follows_what_it_says(tmp_path: Path) -> None:
    one, same = (load(tmp_path, GOOD).by_name["web"] for _ in range(2))
    other = load(tmp_path, GOOD.replace("Heartbeat", "Ping")).by_name["web"]
    assert one.mapping_digest == same.mapping_digest != other.mapping_digest


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    assert "one" not in repr(load(tmp_path, GOOD).by_name["web"].secrets)
