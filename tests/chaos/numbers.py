"""The numbers that are published, and the notices about them, held against the store."""

from collections.abc import Iterable, Iterator

from sqlalchemy import select

from infra.kafka.routes import TOTALS
from infra.store.database import Database
from infra.store.tables.read_model import alerts
from infra.store.writing import stowed
from infra.watching import PUBLISHER
from infra.wire import NOTICE
from schemas.alerts import AlertKind, NoticeOpened
from schemas.metrics import total_key
from services.totals import look
from tests.chaos.checked import Checked
from tests.chaos.topics import Sent
from tests.infra.kafka.lines import Line
from tests.infra.kafka.published import Published, plain, published


def lacking(line: Line) -> str:
    """Return what is not published yet, in words; nothing if the topic says what the store holds."""
    with line.opened() as database:
        with database.reading() as connection:
            waiting = stowed(connection, PUBLISHER, 0)
        checked = check_totals(line, database)
    if not waiting and not checked.wrong:
        return ""
    return f"{len(checked.wrong)} of {checked.count} are to be said, and {len(waiting)} commits' notices"


def check_totals(line: Line, database: Database) -> Checked:
    """Expect of each number that the store holds the same total as the newest of its key, and no other."""
    said = published(line.cluster)
    with database.reading() as connection:
        looked = look(connection)
    held = {total_key(row): plain(row) for row in looked.rows} if looked is not None else {}
    return Checked(f"totals in {TOTALS} as the store holds them", len(held), tuple(_differences(said, held)))


def _differences(said: Published, held: dict[str, dict[str, object]]) -> Iterator[str]:
    there = said.plain
    for key in sorted(held.keys() | there.keys()):
        if held.get(key) != there.get(key):
            yield f"{key}: {held.get(key)} in the store, {there.get(key)} in the topic"
    yield from (f"{key}: said again under no higher revision" for key in said.stale)


def about_numbers(one: Sent) -> bool:
    """Say whether a notice is about a number, which no timeline holds."""
    return NOTICE.validate_json(one.value).alert.kind is AlertKind.OUT_OF_BOUNDS


def differing_bounds(database: Database, records: Iterable[Sent]) -> Iterator[str]:
    """Yield where alerts about numbers in the store and notices in the topic that opened them differ."""
    notices = [NOTICE.validate_json(one.value) for one in records]
    in_topic = {one.alert.alert_id for one in notices if isinstance(one, NoticeOpened)}
    query = select(alerts.c.alert_id).where(alerts.c.kind == AlertKind.OUT_OF_BOUNDS)
    with database.reading() as connection:
        in_store = set(connection.execute(query).scalars())
    yield from (f"{alert_id}: in the store alone" for alert_id in in_store - in_topic)
    yield from (f"{alert_id}: in the topic alone" for alert_id in in_topic - in_store)
