"""An export that comes again, some of its rows changed: what is news is said, once, in whatever order."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from infra.store.tables.read_model import facts
from infra.wire import read_fact
from schemas.facts import Assigned, FactEvent, ImportOpened
from services.cli import importing
from services.cli.importing import import_source
from services.cli.rereading import Rereading
from services.cli.signing import put_in_force
from services.imports.changes import attributes_of
from services.imports.csv_mapping import csv_file
from services.imports.source import Census, FactSource, Read, RowFacts
from services.line import OpenLine, open_line
from services.line_host import control_event
from tests.effort import examples
from tests.services.cli.conftest import Relevo

MAPPING = """\
source: small-crm
id: [Id]
subject: {email: Mail, phone: Phone, external_ids: {small_crm: Id}}
facts:
  - kind: captured
    at: Created
    attributes: {employees: {column: Staff, as: number}, job_title: Job}
  - {kind: assigned, at: Created, when: {column: Owner, in: [ana, marta]}, owner: Owner}
  - {kind: won, at: Closed, opportunity_id: Id, amount: {column: Sum, currency: EUR}}
"""
HEAD = "Id,Mail,Phone,Created,Staff,Job,Owner,Closed,Sum"
ANA = "1,ana@b.example,+34600112233,2026-01-05,120,CEO,ana,2026-02-01,100"
OPEN = ANA.replace("2026-02-01,100", ",")
BO = "2,bo@b.example,,2026-01-06,5,,,,"
COUNTS = ("admitted_count", "changed_count", "known_count", "stayed_count", "dead_count")


class Exports:
    """Imports exports of one tool, in a folder of its own."""

    def __init__(self, relevo: Relevo, folder: Path) -> None:
        self.relevo = relevo
        self.folder = folder

    def written(self, *rows: str, mapping: str = MAPPING, head: str = HEAD) -> Path:
        """Write an export and its mapping."""
        (self.folder / "m.yaml").write_text(mapping)
        (self.folder / "crm.csv").write_text("\n".join((head, *rows, "")))
        return self.folder / "crm.csv"

    def imports(self, *rows: str, mapping: str = MAPPING, head: str = HEAD) -> tuple[int, ...]:
        """Import an export; return what was admitted, changed, known, stayed, and is dead."""
        self.written(*rows, mapping=mapping, head=head)
        done = self.relevo("import", "csv", "crm.csv", "--mapping", "m.yaml", "--json").json
        return tuple(done[name] for name in COUNTS)

    def lead(self, name: str = "small_crm:1") -> dict[str, Any]:
        """Return a lead."""
        found: dict[str, Any] = self.relevo("lead", name, "--json").json
        return found

    def is_sound(self) -> bool:
        """Say whether the store says what its facts say, and nothing waits."""
        return self.relevo("verify").code == 0 and self.relevo("dead", "--json").json == []


@pytest.fixture
def exports(relevo: Relevo, tmp_path: Path) -> Exports:
    return Exports(relevo, tmp_path)


def test_a_changed_row_says_what_has_changed_and_an_unchanged_or_a_new_one_as_ever(exports: Exports) -> None:
    assert exports.imports(ANA) == (3, 0, 0, 0, 0)
    changed = ANA.replace("00112233", "99887766").replace(",120,CEO", ",130,")
    assert exports.imports(changed, BO) == (2, 1, 2, 0, 0)
    assert exports.imports(changed, BO) == (0, 0, 0, 0, 0)
    assert exports.lead()["phone"] == "+34699887766"
    assert exports.relevo("metrics", "--json").code == 0
    assert exports.is_sound()


def test_who_goes_back_to_what_was_said_before_has_changed_too(exports: Exports) -> None:
    other = OPEN.replace(",ana,", ",marta,").replace(",120,", ",130,")
    owners = []
    for rows in ([OPEN], [other], [OPEN], [other, BO]):
        exports.imports(*rows)
        owners.append(exports.lead()["owner"])
    assert owners == ["ana", "marta"] * 2
    exports.imports(OPEN)
    assert exports.imports(OPEN) == (0, 0, 0, 0, 0)  # the last import was of just that
    assert exports.is_sound()


def test_nothing_is_counted_twice(exports: Exports) -> None:
    exports.imports(ANA)
    assert exports.imports(ANA.replace(",100", ",250")) == (1, 1, 2, 0, 0)
    lead = exports.lead()
    assert (lead["won_at"], lead["revenue_minor"]) == ("2026-02-01T00:00:00Z", 25000)
    unnamed = MAPPING.replace("opportunity_id: Id, ", "")
    assert exports.imports(BO[:-1] + "2026-02-01,7", mapping=unnamed) == (2, 0, 0, 0, 0)
    assert exports.imports(BO[:-1] + "2026-02-01,9", mapping=unnamed) == (0, 0, 2, 1, 0)
    assert exports.lead("small_crm:2")["revenue_minor"] == 700
    assert exports.is_sound()


def test_a_change_counts_as_of_the_column_that_says_when_a_row_was_written(exports: Exports) -> None:
    mapping, head = MAPPING + "changed: {column: Written}\n", HEAD + ",Written"
    exports.imports(OPEN + ",2026-01-05", mapping=mapping, head=head)
    exports.imports(OPEN.replace(",ana,", ",marta,") + ",2026-02-10", mapping=mapping, head=head)
    told = exports.relevo("lead", "small_crm:1", "--history").out
    assert "2026-02-10" in told
    older = OPEN.replace(",ana,", ",,").replace(",120,", ",1,") + ",2026-01-20"
    exports.imports(older, mapping=mapping, head=head)
    assert exports.lead()["owner"] == "marta"
    assert exports.is_sound()


def test_two_rows_of_one_name_in_a_file_still_contradict(exports: Exports) -> None:
    assert exports.imports(BO, BO.replace(",5,", ",6,"))[-1] == 1
    assert exports.imports(BO, BO.replace(",5,", ",7,")) == (1, 1, 1, 0, 0)


def test_a_row_about_somebody_else_than_before_contradicts(exports: Exports) -> None:
    mapping = MAPPING.replace(", external_ids: {small_crm: Id}", "")
    exports.imports(BO, mapping=mapping)
    assert exports.imports(BO.replace("bo@", "eva@"), mapping=mapping)[-1] == 1


def test_a_row_that_writes_its_only_identifier_otherwise_is_about_the_same_person(exports: Exports) -> None:
    mapping = MAPPING.replace(", external_ids: {small_crm: Id}", "").replace("email: Mail, ", "")
    number, e164 = (BO.replace(",,", f",{phone},", 1) for phone in ("600 11 22 33", "+34600112233"))
    exports.imports(number, mapping=mapping)
    assert exports.imports(e164, mapping=mapping) == (
        1,
        1,
        0,
        0,
        0,
    )
    assert exports.is_sound()


def test_who_was_forgotten_is_not_known_again_by_a_row_that_changed(exports: Exports) -> None:
    exports.imports(BO)
    exports.relevo("say", "erased", "--email", "bo@b.example")
    assert exports.imports(BO.replace(",5,", ",6,")) == (0, 0, 1, 0, 0)
    assert exports.is_sound()


def test_a_row_that_was_bad_meanwhile_is_done_with_its_letter(exports: Exports) -> None:
    exports.imports(ANA)
    assert exports.imports(ANA.replace(",120,", ",many,"))[-1] == 1
    assert exports.imports(ANA) == (0, 0, 3, 0, 0)
    assert exports.is_sound()


@pytest.mark.parametrize("said_count", [0, 1, 2])
def test_an_import_of_changes_that_was_killed_goes_on_to_the_same_end(
    exports: Exports, said_count: int
) -> None:
    exports.imports(OPEN, BO)
    changed = OPEN.replace(",ana,", ",marta,").replace(",120,", ",130,")
    path = exports.written(changed, BO.replace(",5,", ",6,"))
    source = csv_file(path, exports.folder / "m.yaml")
    with open_line("sqlite:///relevo.db") as line:  # what a killed process leaves: some of it, and no close
        line.say([control_event(ImportOpened(import_id=source.import_id), f"{source.import_id}:opened")])
        line.decide()
        with line.database.reading() as connection:
            rows = [one for one in source.read(source.import_id, Census()) if isinstance(one, RowFacts)]
            news = Rereading(connection, rows, source.import_id).news()
        line.say(islice(news, said_count))  # type: ignore[arg-type]
        line.decide()
    done = exports.relevo("import", "csv", "crm.csv", "--mapping", "m.yaml", "--json").json
    assert (done["admitted_count"], done["changed_count"]) == (3 - said_count, 3 - said_count)
    assert (exports.lead()["owner"], exports.lead()["fact_count"]) == ("marta", 4)
    assert exports.is_sound()


# --- what is always so

staff, owner = st.sampled_from(["", "5", "6"]), st.sampled_from(["", "ana", "marta"])
export = st.dictionaries(st.sampled_from("123"), st.tuples(staff, owner), min_size=1)
exports_in_order = st.lists(st.tuples(export, st.none() | st.integers(0, 3)), min_size=2, max_size=5)


@examples(2)
@given(exports_in_order)
def test_whatever_comes_in_whatever_order_and_is_killed_the_store_knows_what_was_said_last(
    imported: list[tuple[dict[str, tuple[str, str]], int | None]],
) -> None:
    last: dict[tuple[str, str], object] = {}
    with TemporaryDirectory() as folder, open_line(f"sqlite:///{folder}/relevo.db") as line:
        put_in_force(line, None)
        mapping = Path(folder, "m.yaml")
        mapping.write_text(MAPPING)
        for rows, killed_at in imported:
            text = "".join(f"{key},,,2026-01-05,{staff},,{owner},,\n" for key, (staff, owner) in rows.items())
            file = Path(folder, "crm.csv")
            file.write_text(f"{HEAD}\n{text}")
            source = csv_file(file, mapping)
            if killed_at is not None:
                with suppress(InterruptedError), pytest.MonkeyPatch.context() as small:
                    small.setattr(importing, "ITEMS_A_CHUNK", 1)
                    import_source(line, replace(source, read=_killed(source, killed_at)))
            done = import_source(line, source)
            assert (done.dead_count, import_source(line, source).admitted_count) == (0, 0)
            last |= {(key, "employees"): int(staff) if staff else None for key, (staff, _) in rows.items()}
            last |= {(key, "owner"): owner for key, (_, owner) in rows.items() if owner}
        assert _told(line) == {name: value for name, value in last.items() if value is not None}


def _killed(source: FactSource, count: int) -> Callable[[str, Census], Iterator[Read]]:
    """Return what reads so many rows, has them said, and is killed."""

    def read(import_id: str, census: Census) -> Iterator[Read]:
        for number, row in enumerate(source.read(import_id, census)):
            if number == count:
                raise InterruptedError
            yield row

    return read


def _told(line: OpenLine) -> dict[tuple[str, str], object]:
    """Return what the facts in a store say of each row's lead, the latest last."""
    found: dict[tuple[str, str], object] = {}
    ordered = select(facts.c.original).where(facts.c.lead_id.is_not(None)).order_by(facts.c.at, facts.c.seq)
    with line.database.reading() as connection:
        for value in connection.execute(ordered).scalars():
            event = read_fact(value)
            assert isinstance(event, FactEvent)
            key, fact = event.data.subject.external_ids["small_crm"], event.data.fact
            if isinstance(fact, Assigned):
                found[key, "owner"] = fact.owner
            else:
                found |= {(key, name): said for name, said in attributes_of(event).items()}
    return {name: value for name, value in found.items() if value is not None}
