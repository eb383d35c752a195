"""From an agreement's text to the agreement, or to everything that is wrong with it.

Both who signs a document and who reads a signed one back from the log come through here, so that a text
means the same to both. Shapes are checked (fields, values, names within one section); what only makes sense
across sections is ``services.agreement.check``'s to find, in the same form: a ``Problem`` has the path in
the document, the line, the value, what is wrong and what to do about it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import ValidationError

from infra.plain_errors import Place, plain_errors
from infra.yaml_text import Node, YamlRefused, read_yaml
from schemas.agreement import Agreement, document_digest

MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, or doubtful, in an agreement.

    Attributes:
        at: Names and indexes from the document's top down.
        message: What is wrong, as a sentence without a full stop.
        remedy: What to do about it.
        value: What stands there.
        line: Where, counted from 1; null until the document has been looked at, or where nothing stands.
        severity: An error keeps the agreement from being signed; a warning does not.
    """

    at: Place
    message: str
    remedy: str
    value: object = None
    line: int | None = None
    severity: Literal["error", "warning"] = "error"

    @property
    def path(self) -> str:
        """The place as people write it: ``lifecycle.stages[2].enter``."""
        steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.at)
        return "".join(steps).removeprefix(".") or "the document"

    def __str__(self) -> str:
        line = f" (line {self.line})" if self.line else ""
        return f"{self.path}{line}: {self.message}; {self.remedy}"


class AgreementInvalid(ValueError):
    """The document is no agreement. Its text says all there is to say, a line a problem.

    Attributes:
        where: The document's name, for people.
        problems: What is wrong, in the order of the document's model.
    """

    def __init__(self, where: str, problems: Iterable[Problem]) -> None:
        self.where = where
        self.problems = tuple(problems)
        count = len(self.problems)
        lines = [f"{where} is no valid agreement: {count} problem{'s' * (count != 1)}"]
        lines += [f"  {problem}" for problem in self.problems[:MOST_SHOWN]]
        lines += [f"  … and {count - MOST_SHOWN} more"] * (count > MOST_SHOWN)
        super().__init__("\n".join(lines))


def parse(text: str, where: str) -> Agreement:
    """Return the agreement that a text describes, its digest set.

    Args:
        text: The document, YAML.
        where: The document's name, for the error.

    Raises:
        AgreementInvalid: With everything that is wrong, if anything is.
    """
    document = _read(text, where)
    try:
        agreement = Agreement.model_validate(document.plain())
    except ValidationError as error:
        raise AgreementInvalid(where, _problems(error, document)) from error
    if agreement.digest:
        problem = Problem(
            ("digest",), "the digest is made from the text", "take this line out", agreement.digest
        )
        raise AgreementInvalid(where, located([problem], text))
    return agreement.model_copy(update={"digest": document_digest(text)})


def located(problems: Iterable[Problem], text: str) -> tuple[Problem, ...]:
    """Return the problems of a readable document with the line of each, in the order of the lines."""
    document = read_yaml(text)
    lined = (replace(problem, line=_stand(document, problem.at).line) for problem in problems)
    return tuple(sorted(lined, key=lambda problem: problem.line or 0))


def _read(text: str, where: str) -> Node:
    try:
        return read_yaml(text)
    except YamlRefused as error:
        raise AgreementInvalid(where, [Problem((), error.message, error.remedy, line=error.line)]) from error


def _problems(error: ValidationError, document: Node) -> list[Problem]:
    found = []
    for plain in plain_errors(error, document, Agreement):
        node = _stand(document, plain.at)
        found.append(Problem(plain.at, plain.message, plain.remedy, node.plain(), node.line))
    return found


def _stand(document: Node, at: Place) -> Node:
    """Return the value at a place, or the innermost one around it that exists."""
    node = document
    for step in at:
        child = node.child(step)
        if child is None:
            return node
        node = child
    return node
