"""Clues: an identifier that stands in bytes is found there, whatever the bytes are."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.clues import MANY, MOST_CLUES, Clue, betrayed, clues_in, clues_of, filed
from schemas.sequencing import Identifier

EMAIL = Identifier("email", "ana@example.com")
PHONE = Identifier("phone", "+34600111222")
LONG = Identifier("external_id", "crm:00Q5e-abc/7")
SHORT = Identifier("external_id", "crm:17")
BROWSER = Identifier("anonymous_id", "c0ffee00-1b2d-4c3e")


def stands_in(one: Identifier, value: bytes, source: str | None = None) -> bool:
    """Say whether an identifier of somebody whom the tool ``web`` knows by it is found in bytes."""
    return bool(clues_of([one], ["web"]) & clues_in(value, source))


@pytest.mark.parametrize(
    "text",
    [
        "7;ana@example.com;x",
        "7|Ana@Example.com|x",
        '{"email":"ana@example.com',
        '"ana\\u0040example.com"',
        "Ana <ANA@EXAMPLE.COM>.",
        "mailto:ana@example.com",
        "/?mail=ana%40example.com&x",
        "/?mail=ana@example.com&x",
        "'ana@example.com'",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_an_address_is_found_by_its_shape(text: str, encoding: str) -> None:
    assert stands_in(EMAIL, text.encode(encoding))


@pytest.mark.parametrize(
    "text", ["susana@example.com", "ana@example.com.ar", "ana@ example.com", "ana example"]
)
def test_another_address_is_not_it(text: str) -> None:
    assert not stands_in(EMAIL, text.encode())


@pytest.mark.parametrize("written", ["00Q5f000006k0ABEAY", "00Q5f000006k0AB"])
def test_an_id_of_salesforce_is_found_in_both_its_forms(written: str) -> None:
    value = f"{written},x".encode()
    assert stands_in(Identifier("external_id", "salesforce:00Q5f000006k0ABEAY"), value)
    assert not stands_in(Identifier("external_id", "salesforce:00Q5f000006k0ACEAY"), value)


def test_a_domain_is_one_however_it_is_written() -> None:
    assert stands_in(Identifier("email", "bo@münchen.de"), b"1,bo@xn--mnchen-3ya.de,2")


def test_broken_characters_beside_it_do_not_hide_an_address() -> None:
    assert stands_in(Identifier("email", "añ@example.com"), "\xff;añ@example.com".encode("latin-1"))
    assert stands_in(Identifier("email", "añ@example.com"), b"\xff;" + "añ@example.com".encode())


@pytest.mark.parametrize(
    "text",
    [
        "600111222",
        "17,600111222,34",
        "+34 600 11 12 22",
        "0034-600.111.222",
        "(600) 111-222",
        "12 600 111 222 34",
        '"phone":"600111222","id":17',
        "tel600111222",
        "６００１１１２２２",
    ],
)
def test_a_phone_number_is_found_however_it_is_written(text: str) -> None:
    assert stands_in(PHONE, text.encode())


@pytest.mark.parametrize("text", ["600111223", "6001112220", "111222", "600111 and 222"])
def test_another_number_is_not_it(text: str) -> None:
    assert not stands_in(PHONE, text.encode())


@pytest.mark.parametrize("phone", ["+3545812345", "+29012345", "+390212345678"])
def test_numbers_of_any_length_are_found(phone: str) -> None:
    assert stands_in(Identifier("phone", phone), f"x;{phone};y".encode())


@pytest.mark.parametrize(
    "text",
    ["1,00Q5e-abc/7,2", '"00q5e-ABC/7"', '{"crm":"00Q5e-abc/7"', "[00Q5e-abc/7]", "a;  00Q5e-abc/7  ;b"],
)
def test_an_id_is_found_by_its_letters_and_digits(text: str) -> None:
    assert stands_in(LONG, text.encode())


def test_an_anonymous_id_is_found_too() -> None:
    assert stands_in(BROWSER, b"cookie=c0ffee00-1b2d-4c3e; path")


def test_a_short_id_counts_behind_its_system_or_in_what_a_tool_sent_that_knows_it() -> None:
    assert stands_in(SHORT, b'{"external_ids":{"crm":"17"')
    assert stands_in(SHORT, b"17;no e-mail;", source="web")
    assert not stands_in(SHORT, b"17;no e-mail;", source="events")
    assert not stands_in(SHORT, b'{"employees":17')


def test_a_year_is_no_id_unless_it_is_said_to_be() -> None:
    assert not stands_in(Identifier("external_id", "crm:2026"), b"02/03/2026", source="events")
    assert stands_in(Identifier("external_id", "crm:2026"), b"crm: 2026")


def test_at_a_shared_phone_somebody_elses_address_decides() -> None:
    ana = clues_of([EMAIL, PHONE], ["web"])
    assert betrayed(clues_in(b"600111222;", None), ana)
    assert betrayed(clues_in(b"600111222;ana@example.com", None), ana)
    assert not betrayed(clues_in(b"600111222;bo@example.com", None), ana)
    assert not betrayed(clues_in(b"nobody", None), ana)


def test_what_has_too_many_clues_is_filed_as_such() -> None:
    few = frozenset(Clue("id", f"id{number}") for number in range(MOST_CLUES))
    assert filed(few) is few
    assert filed(few | {Clue("id", "one more")}) == {MANY}


@given(st.binary(max_size=200))
def test_any_bytes_have_clues_or_none(value: bytes) -> None:
    assert clues_in(value, "web") == clues_in(value, "web")


keys = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)


@given(keys.filter(lambda key: any(map(str.isalnum, key))), st.sampled_from(["crm", "Mi CRM"]))
def test_any_id_is_found_as_a_json_value_of_its_own(key: str, system: str) -> None:
    one = Identifier("external_id", f"{system}:{key}")
    cut = json.dumps({"specversion": "1.0", system: key})[:-1]
    assert stands_in(one, cut.encode(), source="web")


@pytest.mark.parametrize("key", ["A/0000", "A-0000", "crm:A.0000", "a#0000"])
def test_an_id_is_found_among_other_words_whatever_stands_within_it(key: str) -> None:
    assert stands_in(Identifier("external_id", f"crm:{key}"), f"no form at all, but {key} is named.".encode())


@pytest.mark.parametrize("unit", [b"1 ", b"a=", b'"', b"\\", b"a@b "])
def test_half_a_megabyte_of_anything_is_read_in_one_pass(unit: bytes) -> None:
    """Anything but one pass would not come to an end here."""
    assert stands_in(EMAIL, unit * (500_000 // len(unit)) + b'"\n ana@example.com')
