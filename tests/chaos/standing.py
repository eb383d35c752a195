"""Where everybody stands, in words: for whoever waited in vain for them to come to the end."""

from collections.abc import Iterator

from infra.kafka.routes import input_of
from schemas.vocabulary import WorkerName
from tests.chaos.numbers import lacking
from tests.infra.kafka.lines import NAMES, Line, Process


def standing(line: Line) -> Iterator[str]:
    """Yield a line for each worker, of the totals, and for each process with its last words."""
    for name in NAMES:
        stands, ends = line.stands(name), line.ends(input_of(WorkerName(name)).name)
        places = (f"{number} at {stands.get(number, 0)} of {end}" for number, end in sorted(ends.items()))
        yield f"{name}: partition {', '.join(places)}"
    yield f"totals: {lacking(line) or 'everything is published'}"
    yield from map(_last_words, line.processes)


def _last_words(process: Process) -> str:
    code = process.popen.poll()
    how = "runs" if code is None else f"ended with {code}"
    said = process.said().rstrip().rpartition("\n")[2]
    return f"{process.name} ({process.popen.pid}) {how}; it said last: {said}"
