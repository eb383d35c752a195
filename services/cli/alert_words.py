"""What an alert is about, in the agreement's words.

An alert's own summary travels to other tools: it is in UTC and names ids. On the screen the same is said
with labels; deadline, owner and lead have columns of their own.
"""

from schemas.agreement import Agreement
from schemas.alerts import AlertKind
from services.cli import wording


def headline(agreement: Agreement, kind: str, about: str, summary: str) -> str:
    """Say what an alert is about: ``Acceptance breached``.

    Args:
        agreement: In whose words.
        kind: A value of ``AlertKind``.
        about: ``hand-off/clock/turn``, with a step behind it for an escalation; ``cycle/stage``; or a metric.
        summary: What the alert says itself, for what is known by nothing else.
    """
    match kind:
        case AlertKind.SLA_WARNING:
            return f"{_clock(agreement, about)} is running out"
        case AlertKind.SLA_BREACH:
            return f"{_clock(agreement, about)} breached"
        case AlertKind.ESCALATION:
            clock, _, step = about.rpartition("/")
            return f"{_clock(agreement, clock)} escalated, step {step}"
        case AlertKind.STALLED:
            return f"stalled at {wording.stage_label(agreement, about.partition('/')[2])}"
        case _:
            return summary or about


def _clock(agreement: Agreement, about: str) -> str:
    handoff, _, run = about.partition("/")
    clock, _, turn = run.rpartition("/")
    named = wording.clock_label(agreement, clock, int(turn) if turn.isdecimal() else None)
    return f"{named} of hand-off {handoff.rpartition('-h')[2]}"
