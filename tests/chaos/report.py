"""An outcome as people read it."""

from collections.abc import Iterator

from tests.chaos.run import Outcome

MOST_WRONG = 20


def lines(one: Outcome) -> Iterator[str]:
    """Yield the report, line by line."""
    dose = one.dose
    yield (
        f"Chaos of {dose.seconds:.0f} s from seed {dose.seed}: {dose.processes} processes of each worker, "
        f"{dose.partitions} partitions, {dose.rate:g} facts a second of {dose.leads:,} leads"
    )
    yield ""
    for kind, count in sorted(one.injected.items()):
        yield f"  {count:>9,}  {kind}"
    yield f"  {len(one.hung):>9,}  processes that hung, and that their watchdog ended"
    yield f"  {len(one.ended_alone):>9,}  processes that ended by themselves in another way"
    yield ""
    yield f"  {one.said_count:>9,}  facts that the broker acknowledged ({one.refused_count} times late)"
    yield f"  {one.meanwhile_count:>9,}  facts through the whole line while things went wrong"
    yield f"  {one.drain_seconds:>9.1f}  seconds to drain the rest"
    yield f"  {one.decided_count:>9,}  facts through it then: {one.rate:.1f} a second (floor {dose.floor:g})"
    yield ""
    for each in one.checked:
        yield f"  {each.count:>9,}  {each.what}{f': {len(each.wrong)} WRONG' if each.wrong else ''}"
    yield ""
    yield from (f"HUNG: {each}" for each in one.hung)
    yield from (f"WRONG: {each}" for each in one.wrong[:MOST_WRONG])
    yield "Nothing is wrong." if not one.wrong else f"{len(one.wrong)} things are wrong."
