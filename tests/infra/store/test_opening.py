"""Opening a store: what is made, what is refused and with which sentence, and what a transaction sees."""

import sqlite3
import threading
from pathlib import Path
from random import Random

import pytest

from infra.store.database import Database
from infra.store.errors import StoreAddressWrong, StoreAway, StoreError, StoreMissing, StoreUnusable
from infra.store.opening import open_store


def store_at(folder: Path) -> str:
    return f"sqlite:///{folder}/relevo.db"


def write_secret(database: Database, name: str) -> None:
    with database.writing() as connection:
        connection.exec_driver_sql("INSERT INTO secrets VALUES (?, x'00')", (name,))


def write_many(database: Database, writer: int) -> None:
    for number in range(20):
        write_secret(database, f"{writer}/{number}")


def write_and_fail(database: Database) -> None:
    with database.writing() as connection:
        connection.exec_driver_sql("INSERT INTO secrets VALUES ('a', x'00')")
        raise LookupError


def secrets(database: Database) -> list[str]:
    with database.reading() as connection:
        return [str(row.name) for row in connection.exec_driver_sql("SELECT name FROM secrets ORDER BY name")]


def test_a_new_store_is_made_with_write_ahead_logging_and_full_durability(tmp_path: Path) -> None:
    with open_store(store_at(tmp_path)) as database, database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


def test_an_import_may_give_up_durability_against_power_cuts(tmp_path: Path) -> None:
    with open_store(store_at(tmp_path), durability="normal") as database, database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 1


def test_what_was_written_is_there_when_the_store_is_opened_again(tmp_path: Path) -> None:
    with open_store(store_at(tmp_path)) as database:
        write_secret(database, "a")
    with open_store(store_at(tmp_path), create=False) as database:
        assert secrets(database) == ["a"]


def test_the_log_beside_the_file_is_emptied_unless_somebody_is_in_the_way(tmp_path: Path) -> None:
    log = tmp_path / "relevo.db-wal"
    with open_store(store_at(tmp_path)) as database, open_store(store_at(tmp_path)) as other:
        write_secret(database, "a")
        with other.reading() as connection:
            connection.exec_driver_sql("SELECT * FROM secrets").all()
            write_secret(database, "b")
            assert not database.fold_log()
            assert log.stat().st_size > 0
        with other.writing() as connection:
            connection.exec_driver_sql("DELETE FROM secrets WHERE name = 'b'")
            assert not database.fold_log()
        assert database.fold_log()
        assert log.stat().st_size == 0
        write_many(database, 1)  # and waits for others again
        assert secrets(other) == sorted(["a", *(f"1/{number}" for number in range(20))])


def test_a_transaction_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with open_store(store_at(tmp_path)) as database:
        with pytest.raises(LookupError):
            write_and_fail(database)
        assert secrets(database) == []


def test_a_reader_sees_one_moment_while_a_writer_commits(tmp_path: Path) -> None:
    with open_store(store_at(tmp_path)) as database, database.reading() as connection:
        count = "SELECT count(*) FROM secrets"
        assert connection.exec_driver_sql(count).scalar() == 0
        write_secret(database, "a")
        assert connection.exec_driver_sql(count).scalar() == 0
        assert secrets(database) == ["a"]


def test_writers_queue_for_the_lock_and_none_is_lost(tmp_path: Path) -> None:
    with open_store(store_at(tmp_path)) as database:
        writers = [threading.Thread(target=write_many, args=(database, writer)) for writer in range(4)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        assert len(secrets(database)) == 80


def test_closing_the_store_folds_the_log_back_into_one_file(tmp_path: Path) -> None:
    with open_store(store_at(tmp_path)) as database:
        write_secret(database, "a")
    assert [path.name for path in tmp_path.iterdir()] == ["relevo.db"]


def test_a_store_that_is_not_there_is_not_made_by_a_reader(tmp_path: Path) -> None:
    with pytest.raises(StoreMissing, match="run relevo demo or relevo import"):
        open_store(store_at(tmp_path), create=False)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_file_is_a_store_to_be_made_and_holds_nothing_for_a_reader(tmp_path: Path) -> None:
    (tmp_path / "relevo.db").touch()
    with pytest.raises(StoreMissing, match="holds nothing yet"):
        open_store(store_at(tmp_path), create=False)
    with open_store(store_at(tmp_path)) as database:
        assert secrets(database) == []


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreMissing, match="there is no folder"):
        open_store(store_at(tmp_path / "nowhere"))


def test_a_folder_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreUnusable, match="is a folder"):
        open_store(f"sqlite:///{tmp_path}")


def test_a_file_that_is_no_database_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "relevo.db").write_bytes(b"lead,email\n" * 1000)
    with pytest.raises(StoreUnusable, match="this file is no store") as caught:
        open_store(store_at(tmp_path))
    assert "\n" not in str(caught.value)


def test_a_damaged_store_is_refused_in_one_sentence(tmp_path: Path) -> None:
    open_store(store_at(tmp_path)).close()
    file = tmp_path / "relevo.db"
    content = bytearray(file.read_bytes())
    content[100:4096] = Random(1).randbytes(3996)
    file.write_bytes(content)
    with pytest.raises(StoreUnusable, match="damaged"):
        open_store(store_at(tmp_path))


def test_somebody_elses_database_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "relevo.db") as other:
        other.execute("CREATE TABLE customers (id INTEGER)")
    other.close()
    with pytest.raises(StoreError, match="somebody else's tables"):
        open_store(store_at(tmp_path))


@pytest.mark.parametrize("url", ["relevo.db", "sqlite://", "sqlite:///:memory:", "mysql://host/db", ""])
def test_an_address_that_names_no_store_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(StoreAddressWrong, match="write sqlite:///"):
        open_store(url)


def test_a_password_is_not_shown() -> None:
    with pytest.raises(StoreAway) as caught:
        open_store("postgresql://ana:secreta@localhost:1/relevo?sslpassword=secreta")
    assert "secreta" not in str(caught.value)
    with pytest.raises(StoreAddressWrong) as refused:
        open_store("postgresql://ana:secreta@localhost:port/relevo")
    assert "secreta" not in str(refused.value)
