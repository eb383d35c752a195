"""Tests of the checks put together; each of them is tried in ``checks/``."""

from datetime import date

from schemas.agreement import Agreement
from services.agreement.check import check
from tests.services.agreement.documents import CLEAN, S, found, stage


def test_nothing_is_said_about_the_clean_document() -> None:
    assert check(Agreement.model_validate(CLEAN), date(2026, 1, 1)) == ()


def test_errors_come_before_warnings() -> None:
    problems = found(
        {f"{S}.7": stage(enter={}), "variable_pay": [{"side": "sales", "goal": "g", "share_rate": 1}]}
    )
    assert [problem.severity for problem in problems] == ["error", "warning"]
