"""``relevo up``: run the line live, until it is stopped."""

import signal
import threading
from types import FrameType

from services.cli.options import AgreementFile, Store
from services.cli.terminal import counted, tell


def up(*, store: Store = "", agreement: AgreementFile = None) -> None:
    """Run the line: decide what other commands append within a second, and let clocks fire.

    One process runs the line on a store; any number may append facts and read meanwhile. A second relevo up
    is refused; one that starts while an import or another verb decides waits until that is done. Stop it with
    Ctrl-C or SIGTERM: it finishes the batch in hand, and the next start goes on from there.

    Example: relevo up --agreement agreement.yaml
    """
    from services.cli.options import settings
    from services.cli.signing import put_in_force
    from services.intake.letting_go import letting_go
    from services.line import open_line

    stop = threading.Event()

    def wind_up(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    with open_line(store, told=tell) as line:
        line.refuse_if_busy()
        put_in_force(line, agreement)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, wind_up)
        done: dict[str, int] = {}

        def count(what: str, how_many: int) -> None:
            done[what] = done.get(what, 0) + how_many

        def ready() -> None:
            tell(f"The line runs on {line.database.address}. Stop it with Ctrl-C.")

        with letting_go(store, settings().keep_requests):
            line.host.run(stop, count, ready)
        tell(f"Stopped after {_in_words(done)}.")


def _in_words(done: dict[str, int]) -> str:
    said = [counted(count, what.removesuffix("s")) for what, count in done.items() if count]
    return ", ".join(said) or "nothing to do"
