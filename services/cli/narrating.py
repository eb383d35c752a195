"""Facts and conclusions in a sentence each, for a lead's history.

Each kind has a line in the tables below, with the fields of its body that it tells. A kind that has none is
told by its name and its plain values, so that a new one is shown before anybody writes a sentence for it.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from infra.store.reading.history import Happening, Said
from schemas.agreement import Agreement
from schemas.vocabulary import Flag
from services.cli import spans, wording
from services.cli.alert_words import headline

Body = Mapping[str, Any]
Sentence = Callable[[Body, Agreement], str]


def narrate(one: Happening, agreement: Agreement) -> str:
    """Return what happened, in a sentence."""
    sentences = _SAID if isinstance(one, Said) else _DECIDED
    text = sentences.get(one.kind, _plainly)(one.body, agreement)
    if isinstance(one, Said):
        odd = "; ".join(_odd(flag, one, agreement) for flag in one.flags)
        return f"{text} ({odd})" if odd else text
    return f"{text} (restated)" if one.change == "restated" else text


def _odd(flag: str, said: Said, agreement: Agreement) -> str:
    """Say what the sequencer found odd about a fact; what it claimed is told beside what was taken."""
    claimed = f"claimed for {wording.instants(agreement)(said.occurred_at)}"
    match flag:
        case Flag.CLOCK_SKEW:
            return f"{claimed}, which was still to come; taken as of when it was received"
        case Flag.BACKDATED:
            return f"{claimed}, which is further back than the agreement lets it be dated"
        case Flag.BEFORE_CAPTURE:
            return "from before the first contact"
        case Flag.UNUSABLE_IDENTITY:
            return "its e-mail address or phone number is none"
        case _:
            return _words(flag)


def _plainly(body: Body, _: Agreement) -> str:
    told = [f"{name} {value}" for name, value in body.items() if name != "kind" and _is_plain(value)]
    kind = str(body.get("kind", "")).replace("_", " ")
    return f"{kind}: {', '.join(told)}" if told else kind


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | float) and value not in ("", False)


def _joined(*parts: str | None) -> str:
    return " ".join(part for part in parts if part)


def _captured(body: Body, _: Agreement) -> str:
    origin, campaign = body.get("origin"), body.get("campaign")
    return _joined("captured", f"from {origin}" if origin else "", campaign and f"by campaign {campaign}")


def _engaged(body: Body, _: Agreement) -> str:
    return _joined(body.get("channel"), _words(body.get("action") or ""), body.get("name"))


def _touched(body: Body, _: Agreement) -> str:
    outcome = body.get("outcome")
    return _joined("sales:", body.get("channel"), outcome and f"({_words(outcome)})", _by(body))


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
    def told(body: Body, agreement: Agreement) -> str:
        reason = wording.reason_label(agreement, body.get("reason"))
        return _joined(what, reason and f"({reason})", _worth(body), _by(body))

    return told


def _consent(body: Body, _: Agreement) -> str:
    over = {"email": " by e-mail", "phone": " by phone"}.get(body.get("channel", "any"), "")
    return f"{'agreed' if body['granted'] else 'no longer agrees'} to be contacted{over}"


def _claimed(body: Body, agreement: Agreement) -> str:
    return _joined("claimed for", wording.stage_label(agreement, body["stage"]), _by(body))


def _whose(what: str) -> Sentence:
    def told(body: Body, agreement: Agreement) -> str:
        owner, team = body.get("owner"), body.get("team")
        return f"{what} {wording.whose(agreement, owner, team) if owner or team else 'nobody'}"

    return told


_SAID: dict[str, Sentence] = {
    "captured": _captured,
    "enriched": _attributes,
    "engaged": _engaged,
    "touched": _touched,
    "assigned": _whose("assigned to"),
    "stage_claimed": _claimed,
    "consent_changed": _consent,
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
    stage, reason = wording.stage_label(agreement, body["to_stage"]), _words(body["reason"])
    if body.get("from_stage") is None:
        first = body["to_stage"] == agreement.lifecycle.success_path[0]
        return f"begins at {stage}" if first else f"begins at {stage}: {reason}"
    return f"{wording.stage_label(agreement, body['from_stage'])} → {stage}: {reason}"


def _refused(body: Body, _: Agreement) -> str:
    return f"“{_words(body['asked'])}” was refused: {_words(body['reason'])}"


def _words(text: str) -> str:
    return text.replace("_", " ") if " " not in text else text


def _handed_over(body: Body, agreement: Agreement) -> str:
    why = (body.get("brief") or {}).get("why_now")
    number = body["handoff_id"].rpartition("-h")[2]
    to = wording.whose(agreement, body.get("owner"), body.get("team"))
    return _joined(f"hand-off {number} to {to}", why and f"({why})")


def _turned_down(body: Body, agreement: Agreement) -> str:
    return _joined("hand-off rejected:", wording.reason_label(agreement, body.get("reason")), _by(body))


def _clock(what: str, at: str | None = None) -> Sentence:
    def told(body: Body, agreement: Agreement) -> str:
        named = wording.clock_label(agreement, body["clock"], body.get("turn"))
        when = wording.instants(agreement)(_instant(body.get(at))) if at else None
        return _joined(f"clock “{named}” {what}", when, _clock_end(body, agreement))

    return told


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _clock_end(body: Body, agreement: Agreement) -> str | None:
    if body.get("end"):
        kind = spans.kind_of(agreement, body["clock"])
        return f"{body['end']}, after {spans.taken(body['working_seconds'], kind)}"
    if body.get("used_rate"):
        return f"({body['used_rate']:.0%} of its time is used)"
    return f"to {body['to']}" if body.get("to") else None


def _stalled(body: Body, agreement: Agreement) -> str:
    return f"stalled at {wording.stage_label(agreement, body['stage'])}"


def _notice(what: str) -> Sentence:
    def told(body: Body, agreement: Agreement) -> str:
        alert = body["alert"]
        return f"{what}: {headline(agreement, alert['kind'], alert['about'], alert['summary'])}"

    return told


_DECIDED: dict[str, Sentence] = {
    "score_changed": _scored,
    "stage_changed": _moved,
    "move_refused": _refused,
    "handoff_opened": _handed_over,
    "handoff_accepted": lambda body, _: _joined("hand-off accepted", _by(body)),
    "handoff_rejected": _turned_down,
    "handoff_closed": lambda body, _: f"hand-off over: {_words(body['reason'])}",
    "clock_started": _clock("starts, due", "due_at"),
    "clock_moved": _clock("moves, due", "due_at"),
    "clock_ended": _clock("ends:"),
    "sla_warned": _clock("warns, due", "due_at"),
    "sla_breached": _clock("breached, due", "breached_at"),
    "escalated": _clock("escalates"),
    "lead_stalled": _stalled,
    "stall_ended": lambda body, _: f"moves again after {spans.duration(body['stalled_seconds'])}",
    "cycle_opened": lambda body, _: f"cycle {body['cycle']} begins: {_words(body['reason'])}",
    "owner_changed": _whose("belongs to"),
    "notice_opened": _notice("alert"),
    "notice_repeated": _notice("alert again"),
    "notice_resolved": _notice("alert over"),
}
