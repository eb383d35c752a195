"""Histories in sentences: every kind of fact and conclusion has one that reads."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import get_args

import pytest

from infra.store.reading.history import Decided, Said
from schemas.entries import Conclusion
from services.agreement.loader import default
from services.cli.narrating import _DECIDED, narrate
from tests.builders import agreement

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SAID = Said(AT, 1, "won", "crm", "e1", {"kind": "won"}, AT)


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
        ("captured", {"origin": "web", "campaign": "fair"}, "captured from web by campaign fair"),
        ("captured", {}, "captured"),
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
            {"channel": "email", "granted": False},
            "no longer agrees to be contacted by e-mail",
        ),
        ("consent_changed", {"channel": "any", "granted": True}, "agreed to be contacted"),
        ("danced", {"with": "Bo", "how": []}, "danced: with Bo"),
        ("erased", {}, "erased"),
    ],
)
def test_a_fact_is_told_in_a_sentence(kind: str, body: dict[str, object], sentence: str) -> None:
    assert said(kind, **body) == sentence


@pytest.mark.parametrize(
    ("flag", "sentence"),
    [
        ("before_capture", "won (from before the first contact)"),
        (
            "clock_skew",
            "won (claimed for 2031-01-01 01:00, which was still to come; taken as of when it was received)",
        ),
        (
            "backdated",
            "won (claimed for 2031-01-01 01:00, which is further back than the agreement lets it be dated)",
        ),
        ("unusable_identity", "won (its e-mail address or phone number is none)"),
        ("new_flag", "won (new flag)"),
    ],
)
def test_what_is_odd_about_a_fact_is_told_with_what_it_claimed(flag: str, sentence: str) -> None:
    fact = replace(SAID, flags=(flag,), occurred_at=datetime(2031, 1, 1, tzinfo=UTC))
    assert narrate(fact, default()) == sentence


def test_a_clock_is_called_by_its_label_and_its_time_by_its_kind() -> None:
    ended = {"turn": 2, "end": "answered in time", "working_seconds": 102_600}
    told = {
        clock: narrate(
            Decided(AT, 1, "clock_ended", "lifecycle", "said", {"clock": clock, **ended}, None, AT, "1", "x"),
            default(),
        )
        for clock in ("acceptance", "feedback")
    }
    assert told == {
        "acceptance": "clock “Acceptance #2” ends: answered in time, after 28 h 30 min of working time",
        "feedback": "clock “Feedback to marketing #2” ends: answered in time, after 1 d 4 h on the calendar",
    }


@pytest.mark.parametrize(
    ("kind", "about", "sentence"),
    [
        ("sla_warning", "L1-h2/next_touch/3", "alert: Next touch #3 of hand-off 2 is running out"),
        ("sla_breach", "L1-h2/acceptance/1", "alert: Acceptance of hand-off 2 breached"),
        ("escalation", "L1-h1/feedback/1/2", "alert: Feedback to marketing of hand-off 1 escalated, step 2"),
        ("stalled", "1/sales_qualified", "alert: stalled at SQL"),
        ("out_of_bounds", "win_rate", "alert: win_rate is 0.1"),
    ],
)
def test_an_alert_is_told_in_the_agreements_words(kind: str, about: str, sentence: str) -> None:
    alert = {"kind": kind, "about": about, "summary": "win_rate is 0.1"}
    one = Decided(AT, 1, "notice_opened", "alerts", "said", {"alert": alert}, None, AT, "1", "x")
    assert narrate(one, default()) == sentence


def test_a_first_stage_further_on_says_how_it_came_about() -> None:
    begun = {"from_stage": None, "to_stage": "customer", "reason": "a fact that enters this stage was said"}
    one = Decided(AT, 1, "stage_changed", "lifecycle", "said", begun, None, AT, "1", "x")
    assert narrate(one, default()) == "begins at Customer: a fact that enters this stage was said"


def test_a_restated_conclusion_says_so() -> None:
    moved = {"from_stage": "lead", "to_stage": "mql", "reason": "the score reached what the stage asks for"}
    assert decided("stage_changed", change="restated", **moved) == (
        "Lead → MQL: the score reached what the stage asks for (restated)"
    )


def test_a_stage_that_the_agreement_no_longer_has_is_told_by_its_id() -> None:
    assert decided("stage_changed", from_stage=None, to_stage="old", reason="x") == "begins at old: x"
