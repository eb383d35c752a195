"""The entries of a list: what of each may be looked at, whatever else is wrong with it."""

from typing import Annotated, Literal

import pytest
from pydantic import Field, TypeAdapter

from infra.yaml_listed import entries, twice
from infra.yaml_text import read_yaml
from schemas.frozen import Frozen


class Cat(Frozen):
    kind: Literal["cat"]
    name: str
    lives: int = 9


class Dog(Frozen):
    kind: Literal["dog"]
    name: str


PET: TypeAdapter[Cat | Dog] = TypeAdapter(Annotated[Cat | Dog, Field(discriminator="kind")])


def test_an_entry_of_a_good_shape_is_what_it_says() -> None:
    (one,) = entries(read_yaml("pets: [{kind: dog, name: rex}]"), "pets", PET)
    assert one.form == Dog(kind="dog", name="rex")
    assert (one.at, one.good, one.bad) == (("pets", 0), {"kind": "dog", "name": "rex"}, frozenset())


@pytest.mark.parametrize(
    ("written", "good", "bad"),
    [
        ("{kind: cat, name: tom, lives: many}", {"kind": "cat", "name": "tom"}, {"lives"}),
        ("{kind: cat, lives: 7}", {"kind": "cat", "lives": 7}, set()),
        ("{kind: dog, name: rex, lives: 9}", {"kind": "dog", "name": "rex"}, {"lives"}),
        ("{kind: cow, name: bella}", {"kind": "cow", "name": "bella"}, set()),
        ("rex", {}, set()),
    ],
)
def test_of_an_entry_of_a_bad_shape_the_good_part_is_given(
    written: str, good: dict[str, object], bad: set[str]
) -> None:
    (one,) = entries(read_yaml(f"pets: [{written}]"), "pets", PET)
    assert (one.form, one.good, one.bad) == (None, good, frozenset(bad))


@pytest.mark.parametrize("text", ["dogs: []", "pets: rex", "- rex"])
def test_where_there_is_no_list_there_are_no_entries(text: str) -> None:
    assert entries(read_yaml(text), "pets", PET) == []


def test_a_name_that_stands_twice_is_wrong_wherever_it_stands_again() -> None:
    names = [(("pets", 0), "rex"), (("pets", 1), "tom"), (("pets", 2), "rex"), (("pets", 3), "rex")]
    assert [str(one) for one in twice(names)] == [
        "pets[2]: 'rex' stands twice; give each a name of its own",
        "pets[3]: 'rex' stands twice; give each a name of its own",
    ]
