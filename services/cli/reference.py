"""``docs/cli.md``, written from the verbs: what each does, an example, its arguments and options.

``python -m services.cli.reference`` writes it anew; a test fails while the document says something else than
the verbs do. A verb without an example, or an option without a sentence, is an error here.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from services.cli.main import whole

DOCUMENT = Path(__file__).parents[2] / "docs" / "cli.md"

_HEAD = """# The command line

Written from the verbs themselves by `python -m services.cli.reference`; `relevo VERB --help` says the same.

Data goes to standard output, everything else to standard error; `--json` makes the data pure JSON. Exit
codes: 0 done; 1 it ran and found something wrong (a difference, a failing check, a fact of `say` or `dead
resubmit` that became a dead letter); 2 it was asked for something that cannot be done (bad usage, a bad file,
a store that does not serve). An import that put rows aside is done: it exits 0 and says on standard error how
many; `relevo dead` lists them. What goes wrong is said in one sentence; `relevo --debug VERB …` shows
where an unexpected error came from. `NO_COLOR` is honoured. `--store`, `--agreement` and `--debug` may also
stand before the verb.
`relevo --version` says which Relevo this is.
"""


def document() -> str:
    """Return the text of ``docs/cli.md``."""
    return "\n".join([_HEAD, *(_section(path, command) for path, command in verbs())])


def verbs() -> Iterator[tuple[str, Any]]:
    """Yield every verb with its command: ``relevo dead show``, and so on."""
    yield from _below("relevo", whole())


def _below(path: str, group: Any) -> Iterator[tuple[str, Any]]:
    for name in group.list_commands(typer.Context(group)):
        command = group.commands[name]
        if hasattr(command, "commands"):
            if "Example: " in (command.help or ""):  # a group that does something by itself, too
                yield f"{path} {name}", command
            yield from _below(f"{path} {name}", command)
        else:
            yield f"{path} {name}", command


def _section(path: str, command: Any) -> str:
    text, example = _told(path, command.help)
    lines = [f"## `{path}`", "", text, "", "```console", f"$ {example}", "```", ""]
    rows = [_row(path, parameter) for parameter in command.params if parameter.name != "help"]
    if rows:
        lines += ["| argument or option | what it is for |", "|---|---|", *rows, ""]
    return "\n".join(lines)


def _told(path: str, text: str) -> tuple[str, str]:
    """Return what a verb's docstring says, and its example."""
    paragraphs = [" ".join(part.split()) for part in text.split("\n\n")]
    *said, example = paragraphs
    if not example.startswith("Example: relevo"):
        raise ValueError(
            f"{path}: the docstring's last paragraph is no example; begin it with 'Example: relevo'"
        )
    return "\n\n".join(said), example.removeprefix("Example: ")


def _row(path: str, parameter: Any) -> str:
    if not parameter.help or not (parameter.metavar or parameter.is_flag):
        raise ValueError(f"{path}: {parameter.name} lacks help or metavar; say what it is, and what for")
    return f"| {_written(parameter)} | {parameter.help.replace('|', chr(92) + '|')} |"


def _written(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return f"`{parameter.metavar}`"
    value = "" if parameter.is_flag else f" {parameter.metavar}"
    return f"`{parameter.opts[-1]}{value}`".replace("|", "\\|")


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
