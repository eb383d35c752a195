"""What is wrong with a number or a word of the command line, in words of our own."""

import pytest

from tests.services.cli.conftest import Relevo


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("leads", "--limit", "0"), "'--limit': '0' is too small; write 1 or more"),
        (("leads", "--limit", "ten"), "'--limit': 'ten' is no whole number; write 1 or more"),
        (("leads", "--limit", "1_0"), "'--limit': '1_0' is no whole number; write 1 or more"),
        (("leads", "--limit", "9" * 20), "is too large; write 9223372036854775807 or less"),
        (("stalled", "--limit", "1.5"), "'--limit': '1.5' is no whole number; write 1 or more"),
        (("demo", "--leads", "2000000"), "'--leads': '2000000' is too large; write 1000000 or less"),
        (("demo", "--seed", "-1"), "'--seed': '-1' is too small; write 0 or more"),
        (("intake", "--port", "http"), "'--port': 'http' is no whole number; write 0 to 65535"),
        (("prepare", "--replication", "0"), "'--replication': '0' is too small; write 1 or more"),
        (("topics", "check", "--partitions", "-1"), "'--partitions': '-1' is too small; write 0 or more"),
        (("dead", "show", "9" * 30), "is too large; write 9223372036854775807 or less"),
        (("dead", "resubmit", "1", "x"), "'NUMBER': 'x' is no whole number; write 1 or more"),
        (("metrics", "--period", "yearly"), "'yearly' is none of them; choose from day, week, month, "),
        (("clock", "--kind", "open"), "'open' is none of them; choose from business, elapsed, calendar"),
    ],
)
def test_what_does_not_do_is_told_with_what_does(
    relevo: Relevo, arguments: tuple[str, ...], said: str
) -> None:
    ran = relevo(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
