"""Who a subject is: what it can be known by, and traits that name nobody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.facts import Subject
from schemas.sequencing import Identifier
from services.identifiers import normal_email
from services.sequencer.identity import FREE_MAIL, identify, seniority
from tests.infra.drawn import subjects


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


@given(subjects, st.dictionaries(st.just("job_title"), st.none() | st.text() | st.integers()))
def test_any_subject_comes_to_something(subject: Subject, attributes: dict[str, str | int | None]) -> None:
    found = identify(subject, dict(attributes), "ES")
    assert len(set(found.identifiers)) == len(found.identifiers)
    assert set(found.traits) <= {"free_mail", "phone_country", "seniority"}
    usable = bool(subject.anonymous_id or subject.external_ids)
    assert bool(found.identifiers) >= usable
