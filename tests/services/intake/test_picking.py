"""What a mapping picks out of a document, where the document's form is not the fact's."""

import pytest
from pydantic import ValidationError

from services.intake.picking import Pick, money, picked


def test_texts_of_several_places_are_joined_and_what_is_not_there_is_left_out() -> None:
    pick = Pick(join=("name.first", "name.middle", "name.last"))
    assert picked(pick, {"name": {"first": "Ana", "middle": "", "last": "Ruiz"}}) == "Ana Ruiz"
    assert picked(pick, {"name": {"last": "Li"}}) == "Li"
    assert picked(pick, {"name": {"first": {}, "middle": None}}) is None


@pytest.mark.parametrize(
    ("number", "currency", "minor", "amount"),
    [
        (12.5, "EUR", False, 1250),
        ("12.50", "EUR", False, 1250),
        (1250, "EUR", True, 1250),
        (5000, "JPY", False, 5000),
        (5000, "JPY", True, 5000),
        (1.234, "KWD", False, 1234),
        (1.005, "EUR", False, 100),
        (0.285, "EUR", False, 28),
        (-3, "USD", False, -300),
    ],
)
def test_an_amount_has_as_many_minor_units_as_its_currency(
    number: object, currency: str, minor: bool, amount: int
) -> None:
    assert money(number, currency, minor=minor) == {"amount_minor": amount, "currency": currency}


@pytest.mark.parametrize("number", [None, "", "much", True, float("nan"), float("inf"), "1e999"])
def test_what_is_no_number_is_no_amount(number: object) -> None:
    assert money(number, "EUR") is None


def test_what_is_joined_is_no_number() -> None:
    with pytest.raises(ValidationError, match="what is joined is a text"):
        Pick.model_validate({"join": ["thousands", "rest"], "as": "number"})
