"""From a file to an agreement that may be signed, or to everything that is to be said about it.

``load`` and ``parse`` refuse what has errors; ``examine`` refuses nothing and tells all, doubts included,
each with its line. The documents of ``examples/`` travel with the package, so that they are there whether
Relevo was cloned or installed; the first of them is the default.
"""

from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path

from infra.agreement_file import AgreementInvalid, Problem, located
from infra.agreement_file import parse as parse_shape
from infra.yaml_text import MOST_BYTES
from schemas.agreement import Agreement
from services.agreement.check import check

DEFAULT = "b2b"


# Links into examples/: one file, found by readers of the repository and by the installed package.
_DOCUMENTS = files("services.agreement").joinpath("documents")


@dataclass(frozen=True, slots=True)
class Examined:
    """A document, and what is to be said about it.

    Attributes:
        agreement: Null when the document is not even well formed.
        problems: In the order of the lines, errors and warnings together.
    """

    agreement: Agreement | None
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What keeps the document from being signed."""
        return tuple(problem for problem in self.problems if problem.severity == "error")


def load(path: Path) -> Agreement:
    """Return the agreement of a file.

    Raises:
        OSError: There is no such file, or it may not be read.
        AgreementInvalid: Its agreement has errors.
    """
    return parse(read(path), str(path))


def parse(text: str, where: str) -> Agreement:
    """Return the agreement that a text describes.

    Args:
        text: The document, YAML.
        where: The document's name, for the error.

    Raises:
        AgreementInvalid: With every error in it, if there is any.
    """
    examined = examine(text, where)
    if examined.agreement is None or examined.errors:
        raise AgreementInvalid(where, examined.errors)
    return examined.agreement


def examine(text: str, where: str, today: date | None = None) -> Examined:
    """Return a text's agreement and everything that is to be said about it.

    Args:
        text: The document, YAML.
        where: The document's name.
        today: The day by which holidays are past; null: that is not looked at.
    """
    try:
        agreement = parse_shape(text, where)
    except AgreementInvalid as error:
        return Examined(None, error.problems)
    return Examined(agreement, located(check(agreement, today), text))


def read(path: Path) -> str:
    """Return the text of a file.

    Raises:
        OSError: There is no such file, or it may not be read.
        AgreementInvalid: It is no UTF-8.
    """
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    try:
        # utf-8-sig, because editors on Windows begin a file with a mark that YAML does not know.
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problem = Problem((), "this is no UTF-8 text", "save it as UTF-8", line=line)
        raise AgreementInvalid(str(path), [problem]) from error


def example(name: str = DEFAULT) -> str:
    """Return the text of a document of ``examples/``, by its folder: b2b, university, ngo or olist.

    Raises:
        FileNotFoundError: There is no such example.
    """
    return _DOCUMENTS.joinpath(f"{name}.yaml").read_text(encoding="utf-8")


def default() -> Agreement:
    """Return the agreement that holds where nobody has named one."""
    return parse(example(), f"examples/{DEFAULT}/agreement.yaml")
