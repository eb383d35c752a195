"""What people are known by has one form, whoever writes it; what has none names nobody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.facts import Subject
from schemas.sequencing import Identifier
from services.identifiers import identifiers_of, normal_email


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("ana@example.com", "ana@example.com"),
        (" Ana.Ruiz@EXAMPLE.com\n", "ana.ruiz@example.com"),
        ("ana+news@example.com", "ana+news@example.com"),
        ("ana@münchen.example", "ana@münchen.example"),
        ("ana@XN--MNCHEN-3YA.example", "ana@münchen.example"),
        ("jose\u0301@example.com", "josé@example.com"),
        ("STRASSE@example.com", "strasse@example.com"),
        ("straße@example.com", "strasse@example.com"),
        ("o'brien@example.com", "o'brien@example.com"),
    ],
)
def test_an_address_is_compared_as_people_mean_it(written: str, compared: str) -> None:
    assert normal_email(written) == compared


@pytest.mark.parametrize(
    "written",
    [
        "ana",
        "ana@",
        "@example.com",
        "ana@example",
        "ana@@example.com",
        "ana example.com",
        "ana@exa mple.com",
        "Ana <ana@example.com>",
        "ana@example.com, bo@example.com",
        '"ana ruiz"@example.com',
        "ana@[127.0.0.1]",
        "ana@localhost",
        "ana@example..com",
        "ana@" + "x" * 250 + ".com",
        "ana@example.com\u202e",
        "\ud800@example.com",
    ],
)
def test_what_is_no_address_names_nobody(written: str) -> None:
    assert normal_email(written) is None


def test_a_subject_comes_to_all_its_identifiers() -> None:
    subject = Subject(
        email="Ana@Example.com",
        phone="600111222",
        name="Ana",
        company="Ribera",
        anonymous_id="c1",
        external_ids={"crm": "7", "a:b": "8%"},
    )
    assert identifiers_of(subject, "ES") == (
        Identifier("external_id", "crm:7"),
        Identifier("external_id", "a%3Ab:8%"),
        Identifier("email", "ana@example.com"),
        Identifier("phone", "+34600111222"),
        Identifier("anonymous_id", "c1"),
    )


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("00Q5f000006k0AB", "00Q5f000006k0ABEAY"),
        ("00Q5f000006k0ABEAY", "00Q5f000006k0ABEAY"),
        ("0013000000abcde", "0013000000abcdeAAA"),
        ("ABCDE00000abcdE", "ABCDE00000abcdE5AQ"),
        ("00Q5f000006k0A-", "00Q5f000006k0A-"),
        ("17", "17"),
    ],
)
def test_both_forms_of_an_id_of_salesforce_are_one(written: str, meant: str) -> None:
    (found,) = identifiers_of(Subject(external_ids={"salesforce": written}), "ES")
    assert found.value == f"salesforce:{meant}"
    (other,) = identifiers_of(Subject(external_ids={"crm": written}), "ES")
    assert other.value == f"crm:{written}"


def test_a_person_has_one_external_id_of_each_system() -> None:
    found = identifiers_of(Subject(external_ids={"crm": "a:b", "c:d": "e"}, anonymous_id="x:y"), "ES")
    assert [one.sort for one in found] == ["external_id:crm", "external_id:c%3Ad", "anonymous_id"]


# --- what is always so


@given(st.emails() | st.text(max_size=40).map(lambda text: f"{text}@example.com"))
def test_an_address_in_its_form_is_in_its_form(written: str) -> None:
    once = normal_email(written)
    assert once is None or normal_email(once) == once


@given(st.lists(st.tuples(st.text(min_size=1, max_size=4), st.text(min_size=1, max_size=4)), max_size=6))
def test_different_external_ids_are_written_differently(pairs: list[tuple[str, str]]) -> None:
    written = [identifiers_of(Subject(external_ids={one: other}), "ES") for one, other in pairs]
    assert len(set(written)) == len(set(pairs))
