"""Tests of what pydantic finds wrong, said plainly; most of it is tried on whole agreements beside this."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from infra.plain_errors import CHANGE, PlainError, nearest, plain_errors, shown
from infra.yaml_text import read_yaml


def _odd(number: int) -> int:
    if number % 2 == 0:
        raise ValueError(f"{number} is even")
    return number


class Cat(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: Literal["cat"] = "cat"
    lives: int = 9


class Dog(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: Literal["dog"] = "dog"
    tricks: tuple[str, ...] = ()


class House(BaseModel):
    model_config = ConfigDict(extra="forbid")

    pets: dict[str, Annotated[Cat | Dog, Field(discriminator="kind")]] = Field(default_factory=dict)
    number: Annotated[int, AfterValidator(_odd)] | None = None
    code: Annotated[str, StringConstraints(pattern="^[a-z]+$")] | None = None
    link: Annotated[object, Field(json_schema_extra={})] = None
    url: Annotated[int, Field(multiple_of=3)] | None = None
    either: Literal["a"] | bool | None = None
    names: frozenset[str] = frozenset()


def errors(text: str) -> tuple[PlainError, ...]:
    document = read_yaml(text)
    try:
        House.model_validate(document.plain())
    except ValidationError as error:
        return plain_errors(error, document, House)
    return ()


def test_a_member_of_a_union_is_left_out_of_the_path() -> None:
    assert errors("pets: {tom: {kind: cat, lives: x}}") == (
        PlainError(("pets", "tom", "lives"), "'x' does not belong here", "write a whole number"),
    )


def test_the_fields_to_choose_from_are_those_of_the_member_that_was_named() -> None:
    (cat,) = errors("pets: {tom: {kind: cat, live: 7}}")
    (dog,) = errors("pets: {rex: {kind: dog, live: 7}}")
    assert cat.remedy == "did you mean 'lives'?"
    assert dog.remedy == "choose from kind, tricks"


def test_a_message_without_a_remedy_says_all_there_is() -> None:
    assert errors("number: 4") == (PlainError(("number",), "4 is even", CHANGE),)


def test_a_pattern_without_a_sentence_of_its_own_is_shown() -> None:
    assert errors("code: A1") == (
        PlainError(("code",), "'A1' does not look right", "it must match ^[a-z]+$"),
    )


def test_an_error_without_a_sentence_of_its_own_is_passed_on() -> None:
    (found,) = errors("url: 4")
    assert found == PlainError(("url",), "4 does not belong here (input should be a multiple of 3)", CHANGE)


def test_a_set_is_written_as_a_list() -> None:
    assert errors("names: 5") == (PlainError(("names",), "5 does not belong here", "write a list"),)


def test_choices_and_other_types_are_said_as_one() -> None:
    assert errors("either: maybe") == (
        PlainError(("either",), "'maybe' does not belong here", "write true or false"),
    )


def test_a_name_that_is_like_nothing_gets_the_whole_list() -> None:
    assert nearest("zebra", ("ana", "bo", "ana")) == "choose from ana, bo"
    assert nearest("an", ("ana", "bo")) == "did you mean 'ana'?"
    assert nearest("an", ()) == "there is none to choose from"


def test_values_are_quoted_short() -> None:
    assert shown("x" * 100) == "'" + "x" * 56 + "..."
    assert (shown(None), shown(5), shown(True)) == ("nothing", "5", "true")
