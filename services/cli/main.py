"""The command line's front door: the verbs put together, and whatever goes wrong said in one sentence.

Verbs live in the files beside this one and import what they need when they run; this file imports them all
and must stay cheap (``relevo --help`` in under 300 ms). Exit codes stand in ``services.cli.failures``.
"""

import os
import re
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.main
from typer.core import TyperGroup

from services.cli import (
    agreement,
    alerts,
    clock,
    dead,
    deliver,
    demo,
    doctor,
    due,
    imports,
    intake,
    lead,
    leads,
    metrics,
    prepare,
    pull,
    say,
    sources,
    topics,
    up,
    verify,
    worker,
)
from services.cli.failures import WRONG, sentence_for
from services.cli.options import Before
from services.cli.terminal import tell, write_line

VERBS: dict[str, tuple[Callable[..., None] | typer.Typer, str]] = {
    "demo": (demo.demo, "Make a year of leads and show what comes of it."),
    "import": (imports.app, "Run a file's history through the line."),
    "metrics": (metrics.metrics, "Show the shared numbers."),
    "leads": (leads.leads, "List leads."),
    "lead": (lead.lead, "Show one lead: where it stands, and why."),
    "stalled": (leads.stalled, "List the leads that are stalled now."),
    "due": (due.due, "List the SLA clocks that run, the next due first."),
    "alerts": (alerts.alerts, "Show what wants attention."),
    "dead": (dead.app, "Show what could not be taken; bring it back."),
    "say": (say.say, "Say one fact."),
    "agreement": (agreement.app, "Check, show, draw and sign the agreement."),
    "clock": (clock.clock, "Say when a clock is due, and prove it."),
    "up": (up.up, "Run the line live."),
    "intake": (intake.app, "Take what tools send."),
    "pull": (pull.pull, "Fetch what tools do not send."),
    "deliver": (deliver.deliver, "Say conclusions to systems outside."),
    "deliveries": (deliver.app, "Show what was delivered; send it again."),
    "sources": (sources.app, "Make and revoke keys of sources."),
    "prepare": (prepare.prepare, "Get the store and the topics ready for workers on Kafka."),
    "worker": (worker.worker, "Run one worker of the line on Kafka."),
    "verify": (verify.verify, "Recompute everything and compare."),
    "doctor": (doctor.doctor, "Look whether everything is well."),
    "topics": (topics.app, "Show the topics; make and check them on Kafka."),
}
"""Every verb in the order of the help, with a line for the list."""


class _InOrder(TyperGroup):
    """Lists the verbs as the table above does."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]
        """Return the verbs in order."""
        return list(VERBS)


app = typer.Typer(
    name="relevo",
    cls=_InOrder,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Begin with: relevo demo. Each verb explains itself: relevo VERB --help.",
)
for _name, (_verb, _line) in VERBS.items():
    if isinstance(_verb, typer.Typer):
        app.add_typer(_verb, name=_name, short_help=_line)
    else:
        app.command(_name, short_help=_line)(_verb)


def _version(asked: bool) -> None:
    if asked:
        from services.cli.examining import own_version

        write_line(f"relevo {own_version()}")
        raise typer.Exit


@app.callback()
def relevo(
    context: typer.Context,
    store: Annotated[str, typer.Option(metavar="URL", show_default=False, help="Where the store is.")] = "",
    agreement: Annotated[
        Path | None, typer.Option(metavar="FILE", show_default=False, help="The agreement.")
    ] = None,
    version: Annotated[  # noqa: ARG001 - answered when it is read
        bool, typer.Option("--version", is_eager=True, callback=_version, help="Show the version and exit.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show where an unexpected error came from.")] = False,  # noqa: ARG001 - read from argv
) -> None:
    """The lead-lifecycle line that marketing and sales share.

    Facts go in; scores, stages, SLA clocks and one set of numbers come out.
    """
    context.obj = Before(store or None, agreement)


@cache
def whole() -> Any:
    """Return the verbs put together; once a process, as reading their signatures takes longer than most."""
    return typer.main.get_command(app)


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
        if isinstance(done.__context__, BrokenPipeError):  # typer has seen it first
            return _nobody_reads()
        return done.code if isinstance(done.code, int) else 0
    except BrokenPipeError:
        return _nobody_reads()
    except KeyboardInterrupt:
        tell("Stopped.")
        return 130
    return 0


def _run(arguments: Sequence[str]) -> None:
    try:
        whole()(args=list(arguments), prog_name="relevo")
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
    told = re.sub(
        "(://[^:/@ ]*):[^/@ ]*@", r"\1:***@", " ".join(arguments)
    )  # a password is nobody's business
    tell(f"        to see where it came from: relevo --debug {told}")
    return WRONG
