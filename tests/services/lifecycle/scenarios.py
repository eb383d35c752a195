"""Golden scenarios of the lifecycle: events in, conclusions out, one JSON object a line.

A file in ``tests/scenarios/lifecycle`` begins with a title and the changes to the small agreement of
``tests.builders``. Each line after it is an event with what was concluded of it: a fact that is said
(``say``, with the ``scores`` that came with it), an agreement that is signed (``sign``: changes), time that
passes (``until``), or a timer that fired (``timer``: written by the recorder, not by hand).

    python -m tests.services.lifecycle.scenarios

records all of them anew. A change of behaviour is then a diff to review.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from infra.fold import Folding
from schemas.agreement import Agreement
from schemas.entries import Concluded, Entry
from schemas.facts import LeadFact
from schemas.scoring import ScoreChanged
from schemas.step import AgreementChanged
from schemas.vocabulary import Flag, WorkerName
from services.lifecycle.rule import step
from services.lifecycle.state import LifecycleState
from tests.builders import agreement, entry, instant

FOLDER = Path(__file__).parents[2] / "scenarios" / "lifecycle"
FACT: TypeAdapter[LeadFact] = TypeAdapter(LeadFact)

Line = dict[str, Any]


def scenarios() -> list[Path]:
    """Return the files, in order."""
    return sorted(FOLDER.glob("*.jsonl"))


def replayed(text: str) -> str:
    """Return a scenario's text with everything concluded anew."""
    head, *lines = (json.loads(line) for line in text.splitlines())
    play = _Play(agreement(head["agreement"]), head["agreement"])
    return (
        "\n".join(map(_written, [head, *play.lines([line for line in lines if "timer" not in line])])) + "\n"
    )


class _Play:
    """One lead, played."""

    def __init__(self, terms: Agreement, changes: dict[str, Any]) -> None:
        self._terms, self._changes = terms, changes
        self._lead: Folding[LifecycleState] = Folding(WorkerName.LIFECYCLE, "L1", step, lambda _: self._terms)

    def lines(self, lines: list[Line]) -> Iterator[Line]:
        for seq, line in enumerate(lines, start=1):
            at = instant(line["at"])
            while due := self._lead.next_due(at):
                fired = {"at": _shown(due.at.isoformat()), "timer": due.kind}
                yield fired | _told(self._lead.apply(due))
            said = {name: value for name, value in line.items() if name != "concluded"}
            yield said | _told(self._decided(line, seq))

    def _decided(self, line: Line, seq: int) -> list[Concluded]:
        if "until" in line:
            return []
        at = instant(line["at"])
        if "sign" in line:
            self._terms = agreement(self._changes | line["sign"])
            return self._lead.apply(AgreementChanged("L1", seq, at))
        return self._lead.apply(_entry(line, seq))


def _entry(line: Line, seq: int) -> Entry:
    fact = FACT.validate_python(line["say"]) if line["say"] else None
    scores = tuple(ScoreChanged.model_validate(score) for score in line.get("scores", ()))
    flags = tuple(Flag(flag) for flag in line.get("flags", ()))
    return entry(fact, at=line["at"], seq=seq, source=line.get("source", "crm"), said=scores, flags=flags)


def _told(said: list[Concluded]) -> Line:
    return {"concluded": [_body(one) for one in said]}


def _body(one: Concluded) -> Line:
    told = one.body.model_dump(mode="json", exclude_defaults=True)
    return {"kind": one.body.kind, **{name: _shown(value) for name, value in told.items()}}


def _shown(value: Any) -> Any:
    """Return an instant as people write it in these files; anything else as it is."""
    short = isinstance(value, str) and len(value) >= len("2026-03-02T09:00:00Z") and value[4:5] == "-"
    return value.replace("T", " ").replace(":00Z", "").replace(":00+00:00", "") if short else value


def _written(line: Line) -> str:
    return json.dumps(line, ensure_ascii=False)


def record() -> None:
    """Write every scenario with what is concluded now."""
    for path in scenarios():
        path.write_text(replayed(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    record()
