"""Which numbers are published: those that everybody asks for, each under one key."""

from pathlib import Path
from random import Random

from infra.store.database import Database
from schemas.metrics import Cut, total_key
from services.metrics.report import cuts
from services.totals import look, published_cuts
from tests.histories import Plan, history
from tests.stores import new_store, undisturbed


def looked(database: Database) -> list[str]:
    with database.reading() as connection:
        found = look(connection)
    return [] if found is None else [total_key(row) for row in found.rows]


def test_what_the_verb_shows_without_options_is_published() -> None:
    assert set(cuts()) <= set(published_cuts())


def test_dimensions_are_told_apart_by_month_and_never_two_at_once() -> None:
    assert Cut(("team",), "month", "cohort") in published_cuts()
    assert max(len(cut.by) for cut in published_cuts()) == 1


def test_no_cut_is_published_twice() -> None:
    assert len(set(published_cuts())) == len(published_cuts())


def test_every_row_has_a_key_of_its_own(tmp_path: Path) -> None:
    with undisturbed(tmp_path / "relevo.db", history(Random(1), Plan(facts=60, leads=6))) as database:
        keys = looked(database)
    assert keys
    assert len(keys) == len(set(keys))


def test_before_an_agreement_there_are_no_numbers(tmp_path: Path) -> None:
    with new_store(tmp_path / "relevo.db") as database:
        assert looked(database) == []
