"""What went wrong, as one sentence and an exit code; no traceback is ever shown unasked.

0: done. 1: it ran and found something wrong (a difference, a dead letter, a line that fails), or broke.
2: it was asked for something that cannot be done: bad usage, a bad file, a store that does not serve.
"""

from collections.abc import Iterator

WRONG = 1
BAD_USAGE = 2


class Refused(Exception):
    """What was asked for cannot be done; the message is the sentence that people see."""


class FoundWrong(Exception):
    """It ran, and what it found is not as it should be; an empty message says nothing more."""


def sentence_for(error: BaseException) -> tuple[str, int] | None:
    """Return the sentence and the exit code of an error that is for people, or None: it is a bug.

    The classes are looked up by name along the error's ancestry, because importing their modules costs more
    than many a verb does.
    """
    if isinstance(error, FoundWrong):
        return str(error), WRONG
    names = set(_ancestry(error))
    if names & _SHOWN_WHOLE:
        return str(error), BAD_USAGE
    if names & _FOR_PEOPLE:
        return _first_line(error), BAD_USAGE
    if isinstance(error, OSError) and error.filename is not None:
        return said_of_a_file(error), BAD_USAGE
    return None


def said_of_a_file(error: OSError) -> str:
    """Return what to say of a file that the system refuses, and what to do about it."""
    match error:
        case FileNotFoundError():
            return f"there is no file {error.filename}; check the path"
        case IsADirectoryError():
            return f"{error.filename} is a folder; name the file in it"
        case PermissionError():
            return f"{error.filename}: permission denied; give this user leave, or name another"
        case _:
            return f"{error.filename}: {(error.strerror or 'cannot be used').lower()}"


_FOR_PEOPLE = frozenset(
    (
        "services.cli.failures.Refused",
        "infra.settings.SettingWrong",
        "infra.store.errors.StoreError",
        "infra.embedded.lock.LineBusy",
        "infra.agreement_file.AgreementInvalid",
        "infra.agreements.NothingSigned",
        "services.agreement.money.MoneyCounted",
        "services.imports.source.SourceUnusable",
        "infra.kafka.errors.HostError",
        "infra.kafka.producing.Undelivered",
        "services.line.LineStands",
    )
)
"""Errors whose message is written for people, by their full names."""

_SHOWN_WHOLE = frozenset(("infra.yaml_document.DocumentInvalid",))
"""Those of which every line is shown: no other verb lists what is wrong."""


def _ancestry(error: BaseException) -> Iterator[str]:
    for kind in type(error).__mro__:
        yield f"{kind.__module__}.{kind.__qualname__}"


def _first_line(error: BaseException) -> str:
    """Return one sentence; of a long list of problems, how many there are and the first of them."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    if len(lines) <= 1:
        return "".join(lines)
    more = "" if len(lines) == 2 else " (relevo agreement check lists them all)"
    return f"{lines[0]}: {lines[1]}{more}"
