"""A phone number is compared in one form, whoever writes it; what is none names nobody."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.phone_numbers import dialled, normal_phone


@pytest.mark.parametrize(
    ("written", "region", "number", "country"),
    [
        ("600 11 12 22", "ES", "+34600111222", "ES"),
        ("+34 600-111-222", "PT", "+34600111222", "ES"),
        ("0034600111222", "ES", "+34600111222", "ES"),
        ("tel:+34-600-111-222", "ES", "+34600111222", "ES"),
        ("(600) 111.222 ext. 5", "ES", "+34600111222", "ES"),
        ("+1 (415) 555-2671", "ES", "+14155552671", "US"),
        ("020 7946 0018", "GB", "+442079460018", "GB"),
        ("+351 912 345 678", "ES", "+351912345678", "PT"),
        ("٦٠٠١١١٢٢٢", "ES", "+34600111222", "ES"),
        ("+800 1234 5678", "ES", "+80012345678", "001"),
    ],
)
def test_a_number_is_compared_in_e164(written: str, region: str, number: str, country: str) -> None:
    assert normal_phone(written, region) == (number, country)


@pytest.mark.parametrize(
    "written", ["", "12", "phone", "+", "+999 123456789", "6" * 40, "+34 600", "\ud800", "+310000000"]
)
def test_what_is_no_number_names_nobody(written: str) -> None:
    assert normal_phone(written, "ES") is None


def test_a_region_that_there_is_not_only_knows_numbers_of_the_world() -> None:
    assert normal_phone("600111222", "XX") is None
    assert normal_phone("+34600111222", "XX") == ("+34600111222", "ES")


def test_a_region_gives_a_number_its_prefix_and_leaves_what_is_none_as_it_stands() -> None:
    written = ["(415) 555-2671", "+34 612 345 678", "ask Ana", ""]
    assert [dialled(one, "US") for one in written] == ["+14155552671", "+34612345678", "ask Ana", ""]
    assert [dialled(one, None) for one in written] == written


@given(
    st.text(max_size=30)
    | st.from_regex(r"\+?[0-9 ()./-]{3,20}", fullmatch=True)
    | st.from_regex(r"\+(31|27|20|54|39)0{0,4}[0-9]{4,9}", fullmatch=True)
)
@example("+310000000")
@example("+27 00 0703180")
def test_a_number_in_its_form_is_in_its_form(written: str) -> None:
    once = normal_phone(written, "ES")
    assert once is None or normal_phone(once[0], "PT") == once
