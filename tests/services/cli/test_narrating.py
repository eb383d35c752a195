"""Histories in sentences: every kind of fact and conclusion has one that reads."""

from datetime import UTC, datetime
from typing import get_args

import pytest

from infra.store.reading.history import Decided, Said
from schemas.entries import Conclusion
from services.cli.narrating import _DECIDED, narrate
from tests.builders import agreement

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def said(kind: str, **body: object) -> str:
    fact = Said(AT, 1, kind, "crm", "e1", {"kind": kind, **body}, AT)
    return narrate(fact, agreement())


def decided(kind: str, change: str = "said", **body: object) -> str:
    one = Decided(AT, 1, kind, "lifecycle", change, {"kind": kind, **body}, None, AT, "1", "x")
    return narrate(one, agreement())


def test_every_conclusion_has_a_sentence_of_its_own() -> None:
    kinds = {model.model_fields["kind"].default for model in get_args(Conclusion)}
    assert kinds - set(_DECIDED) == set()


@pytest.mark.parametrize(
    ("kind", "body", "sentence"),
    [
        ("captured", {"origin": "web", "campaign": "fair"}, "captured from web by fair"),
        ("captured", {}, "captured from nobody knows where"),
        ("enriched", {"attributes": {"country": "ES"}}, "learned: country ES"),
        ("engaged", {"channel": "page", "action": "viewed", "name": "/pricing"}, "page viewed /pricing"),
        (
            "touched",
            {"channel": "call", "outcome": "held", "by": {"owner": "ana"}},
            "sales: call (held) by ana",
        ),
        ("won", {"amount": {"amount_minor": 950, "currency": "EUR"}}, "won 9.50 EUR"),
        ("lost", {"reason": "price"}, "lost (price)"),
        ("stage_claimed", {"stage": "mql"}, "claimed for MQL"),
        (
            "consent_changed",
            {"channel": "email", "granted": True},
            "consent changed: channel email, granted True",
        ),
        ("erased", {}, "erased"),
    ],
)
def test_a_fact_is_told_in_a_sentence(kind: str, body: dict[str, object], sentence: str) -> None:
    assert said(kind, **body) == sentence


def test_a_flag_is_told() -> None:
    fact = Said(AT, 1, "won", "crm", "e1", {"kind": "won"}, AT, flags=("before_capture",))
    assert narrate(fact, agreement()) == "won [before_capture]"


def test_a_restated_conclusion_says_so() -> None:
    moved = {"from_stage": "lead", "to_stage": "mql", "reason": "the score reached what the stage asks for"}
    assert decided("stage_changed", change="restated", **moved) == (
        "Lead → MQL: the score reached what the stage asks for (restated)"
    )


def test_a_stage_that_the_agreement_no_longer_has_is_told_by_its_id() -> None:
    assert decided("stage_changed", from_stage=None, to_stage="old", reason="x") == "begins at old"
