"""Facts and conclusions in a sentence each, for a lead's history.

Each kind has a line in the tables below, with the fields of its body that it tells. A kind that has none is
told by its name and its plain values, so that a new one is shown before anybody writes a sentence for it.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from infra.store.reading.history import Happening, Said
from schemas.agreement import Agreement
from services.cli import wording

Body = Mapping[str, Any]
Sentence = Callable[[Body, Agreement], str]


def narrate(one: Happening, agreement: Agreement) -> str:
    """Return what happened, in a sentence."""
    sentences = _SAID if isinstance(one, Said) else _DECIDED
    text = sentences.get(one.kind, _plainly)(one.body, agreement)
    if isinstance(one, Said):
        return f"{text} [{', '.join(one.flags)}]" if one.flags else text
    return f"{text} (restated)" if one.change == "restated" else text


def _plainly(body: Body, _: Agreement) -> str:
    told = [f"{name} {value}" for name, value in body.items() if name != "kind" and _is_plain(value)]
    kind = str(body.get("kind", "")).replace("_", " ")
    return f"{kind}: {', '.join(told)}" if told else kind


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | float) and value not in ("", False)


def _joined(*parts: str | None) -> str:
    return " ".join(part for part in parts if part)


def _captured(body: Body, _: Agreement) -> str:
    campaign = body.get("campaign")
    return _joined("captured from", body.get("origin") or "nobody knows where", campaign and f"by {campaign}")


def _engaged(body: Body, _: Agreement) -> str:
    return _joined(body.get("channel"), body.get("action"), body.get("name"))


def _touched(body: Body, _: Agreement) -> str:
    outcome = body.get("outcome")
    return _joined("sales:", body.get("channel"), outcome and f"({outcome})", _by(body))


def _by(body: Body) -> str | None:
    who = body.get("by") or {}
    name = who.get("owner") or who.get("side")
    return f"by {name}" if name else None


def _worth(body: Body) -> str | None:
    amount = body.get("amount")
    return wording.money(amount["amount_minor"], amount["currency"]) if amount else None


def _attributes(body: Body, _: Agreement) -> str:
    told = ", ".join(f"{name} {value}" for name, value in body.get("attributes", {}).items())
    return f"learned: {told}" if told else "learned nothing that the agreement reads"


def _with_reason(what: str) -> Sentence:
    def told(body: Body, _: Agreement) -> str:
        reason = body.get("reason")
        return _joined(what, reason and f"({reason})", _worth(body), _by(body))

    return told


def _claimed(body: Body, agreement: Agreement) -> str:
    return _joined("claimed for", wording.stage_label(agreement, body["stage"]), _by(body))


def _assigned(body: Body, _: Agreement) -> str:
    return f"assigned to {body.get('owner') or body.get('team') or 'nobody'}"


_SAID: dict[str, Sentence] = {
    "captured": _captured,
    "enriched": _attributes,
    "engaged": _engaged,
    "touched": _touched,
    "assigned": _assigned,
    "stage_claimed": _claimed,
    "accepted": _with_reason("accepted"),
    "rejected": _with_reason("rejected"),
    "opportunity_opened": _with_reason("opportunity opened"),
    "won": _with_reason("won"),
    "lost": _with_reason("lost"),
    "recycled": _with_reason("sent back to nurture"),
    "reopened": _with_reason("reopened"),
    "merged": _with_reason("merged with another"),
    "unmerged": _with_reason("taken apart from another"),
}


def _scored(body: Body, _: Agreement) -> str:
    fit, engagement = wording.points(body["fit"]), wording.points(body["engagement"])
    return f"score {body['cell']} ({body['band']}): fit {fit}, engagement {engagement}"


def _moved(body: Body, agreement: Agreement) -> str:
    stage = wording.stage_label(agreement, body["to_stage"])
    if body.get("from_stage") is None:
        return f"begins at {stage}"
    return f"{wording.stage_label(agreement, body['from_stage'])} → {stage}: {_words(body['reason'])}"


def _refused(body: Body, _: Agreement) -> str:
    return f"refused {_words(body['asked'])}: {_words(body['reason'])}"


def _words(text: str) -> str:
    return text.replace("_", " ") if " " not in text else text


def _handed_over(body: Body, _: Agreement) -> str:
    why = (body.get("brief") or {}).get("why_now")
    return _joined(
        f"hand-off {body['handoff_id']} to {body.get('owner') or body['team']}", why and f"({why})"
    )


def _clock(what: str, at: str | None = None) -> Sentence:
    def told(body: Body, agreement: Agreement) -> str:
        turn = f" #{body['turn']}" if body.get("turn", 1) > 1 else ""
        when = wording.instants(agreement)(_instant(body.get(at))) if at else None
        return _joined(f"clock {_words(body['clock'])}{turn} {what}", when, _clock_end(body))

    return told


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _clock_end(body: Body) -> str | None:
    if body.get("end"):
        return f"{body['end']}, after {wording.working(body['working_seconds'])} of working time"
    return f"to {body['to']}" if body.get("to") else None


def _stalled(body: Body, agreement: Agreement) -> str:
    return f"stalled at {wording.stage_label(agreement, body['stage'])}"


def _notice(what: str) -> Sentence:
    def told(body: Body, _: Agreement) -> str:
        return f"{what}: {body['alert']['summary']}"

    return told


_DECIDED: dict[str, Sentence] = {
    "score_changed": _scored,
    "stage_changed": _moved,
    "move_refused": _refused,
    "handoff_opened": _handed_over,
    "handoff_accepted": lambda body, _: _joined("hand-off accepted", _by(body)),
    "handoff_rejected": lambda body, _: _joined("hand-off rejected:", body.get("reason"), _by(body)),
    "handoff_closed": lambda body, _: f"hand-off over: {_words(body['reason'])}",
    "clock_started": _clock("starts, due", "due_at"),
    "clock_moved": _clock("moves, due", "due_at"),
    "clock_ended": _clock("ends:"),
    "sla_warned": _clock("warns, due", "due_at"),
    "sla_breached": _clock("breached, due", "breached_at"),
    "escalated": _clock("escalates"),
    "lead_stalled": _stalled,
    "stall_ended": lambda body, _: f"moves again after {wording.duration(body['stalled_seconds'])}",
    "cycle_opened": lambda body, _: f"cycle {body['cycle']} begins: {_words(body['reason'])}",
    "owner_changed": lambda body, _: f"belongs to {body.get('owner') or body.get('team') or 'nobody'}",
    "notice_opened": _notice("alert"),
    "notice_repeated": _notice("alert again"),
    "notice_resolved": _notice("alert over"),
}
