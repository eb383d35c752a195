"""Every reason says what to do about it, and what it says can be done."""

import pytest

from schemas.dead_letters import OF_ROWS, REMEDIES, DeadLetter, DeadReason


@pytest.mark.parametrize("reason", DeadReason)
def test_every_reason_has_a_remedy_without_a_full_stop(reason: DeadReason) -> None:
    remedy = DeadLetter(reason=reason, detail="x").remedy
    assert remedy
    assert not remedy.endswith(".")


def test_only_rows_of_a_file_are_mended_by_importing_it_again() -> None:
    assert {reason for reason, remedy in REMEDIES.items() if "import the file again" in remedy} == OF_ROWS


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (DeadReason.BAD_CHARACTERS, r"NUL (\u0000)"),
        (DeadReason.TOO_BIG_A_NUMBER, "9223372036854775807"),
        (DeadReason.NOT_FINITE, "null"),
        (DeadReason.ROW_DATE, "date"),
    ],
)
def test_the_remedy_is_about_the_reason(reason: DeadReason, said: str) -> None:
    assert said in REMEDIES[reason]
