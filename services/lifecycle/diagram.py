"""The lifecycle as a picture: an agreement's stages and ways between them, and the table of facts.

Drawn from what decides: the ways into a stage from the agreement, what moves a lead off the path and back
on it from the table in ``stages.py``. ``relevo agreement diagram`` prints the picture;
``docs/lifecycle.md`` shows both, and a test keeps them fresh.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Literal

from schemas.agreement import Agreement
from schemas.agreement.lifecycle import Outcome, Stage, StageKind
from services.agreement.moves import How, entrances
from services.lifecycle.stages import REOPENABLE, TABLE

Language = Literal["en", "es"]

_AFTER = {
    Outcome.RECYCLED: "comes back by a fact, or by its score anew, as a new cycle",
    None: "comes back by a fact or a claim, as a new cycle",
}
"""What leads from a detour back to the path."""

# Mermaid ends a description at a colon and a statement at a semicolon, and a label at a quotation mark.
_PLAIN = str.maketrans({":": None, ";": ",", '"': "'", "\n": " "})


def mermaid(agreement: Agreement, language: Language = "en") -> str:
    """Return the agreement's lifecycle as a Mermaid state diagram.

    Args:
        agreement: Whose stages.
        language: Of the labels, where a stage has one.
    """
    return "\n".join(_lines(agreement, language)) + "\n"


def table() -> str:
    """Return the table of facts as Markdown."""
    lines = ["| fact | what it does | who may say it |", "|---|---|---|"]
    lines += [f"| `{kind}` | {line.does.value} | {line.who.value} |" for kind, line in TABLE.items()]
    return "\n".join(lines) + "\n"


def _lines(agreement: Agreement, language: Language) -> Iterator[str]:
    names = {stage.id: f"s{place}" for place, stage in enumerate(agreement.lifecycle.stages, start=1)}
    path = agreement.lifecycle.success_path
    stages = {stage.id: stage for stage in agreement.lifecycle.stages}
    yield "stateDiagram-v2"
    yield "    direction LR"
    for stage in agreement.lifecycle.stages:
        yield f"    {_named(stage, names, language)}"
    yield f"    [*] --> {names[path[0]]}: the first fact"
    for before, after in pairwise(path):
        yield _way(names[before], names[after], _ways(agreement, stages[after]))
    if len(path) < len(stages):
        yield f'    state "anywhere on the path" as {_PATH}'
    for stage in agreement.lifecycle.stages:
        if stage.id not in path:
            yield from _detour(agreement, stage, names[stage.id])
    yield from _reopened(agreement, names)
    yield from _handed_over(agreement, names)


def _detour(agreement: Agreement, stage: Stage, name: str) -> Iterator[str]:
    ways = [way for way in _ways(agreement, stage) if way != _SENT_BACK]
    if ways:
        yield _way(_PATH, name, ways)
    if stage.outcome in _AFTER:
        yield _way(name, _PATH, [_AFTER[stage.outcome]])


def _reopened(agreement: Agreement, names: dict[str, str]) -> Iterator[str]:
    begins = agreement.lifecycle.reopen_to or agreement.lifecycle.success_path[0]
    for stage in agreement.lifecycle.stages:
        if stage.outcome in REOPENABLE:
            yield _way(names[stage.id], names[begins], ["reopened, as a new cycle"])


def _handed_over(agreement: Agreement, names: dict[str, str]) -> Iterator[str]:
    handoff = agreement.handoff
    if handoff is None:
        return
    opens_at = names[handoff.opens_at]
    yield _way(opens_at, names[handoff.rejected_stage], [_SENT_BACK])
    clocks = ", ".join(clock.id for clock in handoff.clocks) or "none"
    said = f"A hand-off to {handoff.to_team} opens. Clocks {clocks}".translate(_PLAIN)
    yield f"    note right of {opens_at} : {said}"


_PATH = "path"
_SENT_BACK = "hand-off rejected or expired"


def _ways(agreement: Agreement, stage: Stage) -> list[str]:
    found = [
        _SENT_BACK if way.how is How.REJECTED else way.text.translate(_PLAIN)
        for way in entrances(agreement, stage)
    ]
    return list(dict.fromkeys(found))


def _way(from_: str, to: str, ways: list[str]) -> str:
    return f"    {from_} --> {to}" + (f": {' / '.join(ways)}" if ways else "")


def _named(stage: Stage, names: dict[str, str], language: Language) -> str:
    text = stage.label.get(language) or next(iter(stage.label.values()))
    gate = " (gate)" if stage.kind is StageKind.GATE else ""
    return f'state "{text.translate(_PLAIN)}{gate}" as {names[stage.id]}'
