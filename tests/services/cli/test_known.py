"""A name that nothing has is refused in a sentence that helps."""

import pytest

from services.cli.failures import Refused
from services.cli.known import check_among


@pytest.mark.parametrize(
    ("name", "known", "sentence"),
    [
        ("acceptence", ["acceptance", "feedback"], "did you mean acceptance?"),
        ("foo", ["a", "b"], "there are a, b"),
        ("foo", [], "there are none yet"),
        ("foo", [f"n{number}" for number in range(20)], "n0, n1, n2 and 17 more"),
    ],
)
def test_the_nearest_name_or_those_there_are_are_told(name: str, known: list[str], sentence: str) -> None:
    with pytest.raises(Refused, match="nothing is called that; ") as refused:
        check_among(f"--x {name}", name, known, most=3)
    assert str(refused.value).endswith(sentence)


def test_every_known_name_passes() -> None:
    known = ["a", "b"]
    refused = []
    for name in known:
        try:
            check_among(f"--x {name}", name, known)
        except Refused:
            refused.append(name)
    assert refused == []
