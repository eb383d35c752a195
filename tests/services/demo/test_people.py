"""Invented people can be told apart, and nobody real can be reached at their addresses."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from services.demo.people import Match, Person, invent
from services.identifiers import normal_email

RESERVED = ("test", "example.com", "example.net", "example.org")


def somebody(seed: int, number: int = 1) -> Person:
    return invent(Random(seed), number, home=("ES", "MX"), abroad=("FR", "GB"))


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_every_address_is_one_and_stands_under_a_reserved_domain(seed: int, number: int) -> None:
    person = somebody(seed, number)
    for address in (person.email, person.private_email):
        assert normal_email(address) == address
        assert address.endswith(RESERVED)


@given(st.integers(0, 10**6))
def test_the_same_chance_makes_the_same_person(seed: int) -> None:
    assert somebody(seed) == somebody(seed)


def test_two_people_share_no_identifier() -> None:
    people = [somebody(seed=1, number=number) for number in range(200)]
    assert len({person.email for person in people}) == len({person.crm_id for person in people}) == 200


def test_who_matches_well_is_at_home_in_a_company_of_the_right_size() -> None:
    good = [person for seed in range(300) if (person := somebody(seed)).fit is Match.GOOD]
    assert {person.country for person in good} == {"ES", "MX"}
    assert all(50 <= person.employees < 1000 for person in good)
    assert 100 < len(good) < 200


def test_telephone_numbers_belong_to_nobody() -> None:
    numbers = {number for seed in range(400) if (number := somebody(seed).phone)}
    assert numbers
    assert all(number.startswith(("+34 5", "+44 7700 900")) for number in numbers)


def test_people_abroad_have_names_and_phones_of_their_own() -> None:
    abroad = [person for seed in range(400) if (person := somebody(seed)).country in ("FR", "GB")]
    assert {person.fit for person in abroad} == {Match.POOR}
    assert all(person.name.isascii() for person in abroad)
