"""Who a subject is: one form for what people write in many, and traits that name nobody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.facts import Subject
from schemas.sequencing import Identifier
from services.sequencer.identity import FREE_MAIL, identify, normal_email, seniority
from tests.infra.drawn import subjects


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
    assert identify(subject, {"job_title": "CFO", "country": "ES"}, "ES").identifiers == (
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
    (found,) = identify(Subject(external_ids={"salesforce": written}), {}, "ES").identifiers
    assert found.value == f"salesforce:{meant}"
    (other,) = identify(Subject(external_ids={"crm": written}), {}, "ES").identifiers
    assert other.value == f"crm:{written}"


def test_a_person_has_one_external_id_of_each_system() -> None:
    found = identify(Subject(external_ids={"crm": "a:b", "c:d": "e"}, anonymous_id="x:y"), {}, "ES")
    assert [one.sort for one in found.identifiers] == ["external_id:crm", "external_id:c%3Ad", "anonymous_id"]


def test_what_cannot_be_used_is_told_and_what_is_blank_is_not() -> None:
    found = identify(Subject(email="ana", phone="12", anonymous_id="c1"), {}, "ES")
    assert found.identifiers == (Identifier("anonymous_id", "c1"),)
    assert found.unusable == (
        "data.subject.email is not an e-mail address; "
        "data.subject.phone is not a phone number that ES or the world knows"
    )
    blank = identify(Subject(email=" ", phone="\t", anonymous_id="c1"), {}, "ES")
    assert blank.unusable is None


def test_traits_name_nobody() -> None:
    subject = Subject(email="ana.ruiz@gmail.com", phone="+351912345678", name="Ana Ruiz")
    found = identify(subject, {"job_title": "Head of Growth", "employees": 7}, "ES")
    assert found.traits == {"free_mail": True, "phone_country": "PT", "seniority": "director"}
    assert identify(Subject(email="ana@ribera.example"), {"job_title": 7}, "ES").traits == {
        "free_mail": False
    }


def test_free_mailboxes_are_written_as_they_are_compared() -> None:
    assert {normal_email(f"x@{domain}") for domain in FREE_MAIL} == {f"x@{domain}" for domain in FREE_MAIL}


@pytest.mark.parametrize(
    ("title", "level"),
    [
        ("CEO", "chief"),
        ("ceo & co-founder", "chief"),
        ("Chief Revenue Officer", "chief"),
        ("Presidenta", "chief"),
        ("Gerente General", "chief"),
        ("Socia fundadora", "chief"),
        ("Owner", "chief"),
        ("Vice President Sales", "director"),
        ("vice-presidente", "director"),
        ("SVP Marketing", "director"),
        ("Directora comercial", "director"),
        ("Directrice des ventes", "director"),
        ("Head of Growth", "director"),
        ("Jefa de compras", "director"),
        ("Product Owner", "staff"),
        ("Marketing Manager", "manager"),
        ("Responsable de ventas", "manager"),
        ("Coordinadora", "manager"),
        ("Analista", "staff"),
        ("Coordination", "staff"),
        ("", "staff"),
    ],
)
def test_a_title_sounds_as_senior_as_it_is(title: str, level: str) -> None:
    assert seniority(title) == level


# --- what is always so


@given(st.emails() | st.text(max_size=40).map(lambda text: f"{text}@example.com"))
def test_an_address_in_its_form_is_in_its_form(written: str) -> None:
    once = normal_email(written)
    assert once is None or normal_email(once) == once


@given(subjects, st.dictionaries(st.just("job_title"), st.none() | st.text() | st.integers()))
def test_any_subject_comes_to_something(subject: Subject, attributes: dict[str, str | int | None]) -> None:
    found = identify(subject, dict(attributes), "ES")
    assert len(set(found.identifiers)) == len(found.identifiers)
    assert set(found.traits) <= {"free_mail", "phone_country", "seniority"}
    usable = bool(subject.anonymous_id or subject.external_ids)
    assert bool(found.identifiers) >= usable


@given(st.lists(st.tuples(st.text(min_size=1, max_size=4), st.text(min_size=1, max_size=4)), max_size=6))
def test_different_external_ids_are_written_differently(pairs: list[tuple[str, str]]) -> None:
    written = [identify(Subject(external_ids={one: other}), {}, "ES").identifiers for one, other in pairs]
    assert len(set(written)) == len(set(pairs))
