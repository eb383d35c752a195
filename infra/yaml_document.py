"""A YAML document that people write, read into a model as a whole: every error with place, value and remedy.

What goes on from there (secrets in the environment, names that must not stand twice) is for who reads it;
what they find wrong is said in the same words.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from infra.agreement_file import Problem, located
from infra.plain_errors import plain_errors
from infra.yaml_text import Node, YamlRefused, read_yaml

Model = TypeVar("Model", bound=BaseModel)


class DocumentInvalid(ValueError):
    """The document is not one of its sort: one line a problem.

    Args:
        where: The file.
        sort: What it should be: ``sources``.
        problems: Everything that is wrong.
    """

    def __init__(self, where: str, sort: str, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        count = len(problems)
        lines = [f"{where} is no valid {sort} file: {count} problem{'s' * (count != 1)}"]
        super().__init__("\n".join([*lines, *(f"  {problem}" for problem in problems)]))


@dataclass(frozen=True, slots=True)
class Written(Generic[Model]):
    """A document as it was written, and what it says."""

    where: str
    sort: str
    text: str
    node: Node
    document: Model

    def invalid(self, problems: list[Problem]) -> DocumentInvalid:
        """Return what to raise for problems that were found in it."""
        return DocumentInvalid(self.where, self.sort, located(problems, self.text))


def read_document(
    path: Path,
    model: type[Model],
    *,
    sort: str,
    example: str,
    beyond: Callable[[Node], Iterable[Problem]] = lambda _: (),
) -> Written[Model]:
    """Read a document.

    Args:
        path: The file.
        model: What it should say.
        sort: What it is called.
        example: Where one begins who has written nothing.
        beyond: Asked of a document of the wrong shape what else is wrong, so that all is told at once.

    Raises:
        DocumentInvalid: It is none.
        OSError: The file cannot be read.
    """
    where = str(path)
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        problem = Problem((), "this is no UTF-8 text", "save it as UTF-8")
        raise DocumentInvalid(where, sort, (problem,)) from error
    try:
        node = read_yaml(text)
    except YamlRefused as error:
        remedy = f"begin with the example in {example}" if not text.strip() else error.remedy
        raise DocumentInvalid(where, sort, (Problem((), error.message, remedy, line=error.line),)) from error
    try:
        return Written(where, sort, text, node, model.model_validate(node.plain()))
    except ValidationError as error:
        found = [Problem(one.at, one.message, one.remedy) for one in plain_errors(error, node, model)]
        raise DocumentInvalid(where, sort, located([*found, *beyond(node)], text)) from error
