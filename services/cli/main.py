"""The command line's front door: the verbs put together, and whatever goes wrong said in one sentence.

Verbs live in the files beside this one and import what they need when they run; this file imports them all
and must stay cheap (``relevo --help`` in under 300 ms). Exit codes stand in ``services.cli.failures``.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from services.cli import (
    agreement,
    alerts,
    clock,
    dead,
    demo,
    doctor,
    imports,
    lead,
    leads,
    metrics,
    say,
    topics,
    up,
    verify,
)
from services.cli.failures import WRONG, sentence_for
from services.cli.options import Before
from services.cli.terminal import tell

app = typer.Typer(
    name="relevo",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Begin with: relevo demo. Each verb explains itself: relevo VERB --help.",
)
app.add_typer(imports.app, name="import")
app.add_typer(dead.app, name="dead")
app.add_typer(agreement.app, name="agreement")
for _verb in (
    demo.demo,
    metrics.metrics,
    leads.leads,
    lead.lead,
    leads.stalled,
    alerts.alerts,
    say.say,
    clock.clock,
    up.up,
    verify.verify,
    doctor.doctor,
    topics.topics,
):
    app.command(_verb.__name__)(_verb)


@app.callback()
def relevo(
    context: typer.Context,
    store: Annotated[str, typer.Option(metavar="URL", show_default=False, help="Where the store is.")] = "",
    agreement: Annotated[
        Path | None, typer.Option(metavar="FILE", show_default=False, help="The agreement.")
    ] = None,
    debug: Annotated[bool, typer.Option(help="Show where an unexpected error came from.")] = False,  # noqa: ARG001 - read from argv
) -> None:
    """The lead-lifecycle line that marketing and sales share.

    Facts go in; scores, stages, SLA clocks and one set of numbers come out.
    """
    context.obj = Before(store or None, agreement)


def main() -> None:
    """Run the command line and exit."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command.

    Args:
        arguments: Without the program's name.

    Returns:
        The exit code.
    """
    try:
        _run(arguments)
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else 0
    except BrokenPipeError:
        return _nobody_reads()
    except KeyboardInterrupt:
        tell("Stopped.")
        return 130
    return 0


def _run(arguments: Sequence[str]) -> None:
    try:
        app(args=list(arguments), prog_name="relevo")
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except Exception as error:
        raise SystemExit(_report(error, arguments)) from error


def _nobody_reads() -> int:
    """Point standard output nowhere, so that the interpreter's last flush does not fail as well."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _report(error: Exception, arguments: Sequence[str]) -> int:
    """Say what went wrong and return the exit code; a bug is raised again for who asked to see it."""
    explained = sentence_for(error)
    if explained is not None:
        sentence, code = explained
        if sentence:
            tell(f"relevo: {sentence}")
        return code
    if "--debug" in arguments:
        raise error
    words = " ".join(str(error).split()) or type(error).__name__
    tell(f"relevo: this should not have happened ({type(error).__name__}: {words[:300]})")
    tell(f"        to see where it came from: relevo --debug {' '.join(arguments)}")
    return WRONG
