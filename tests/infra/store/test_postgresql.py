"""PostgreSQL in bad surroundings: each comes to one sentence, and says whether waiting helps."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from infra.patience import patiently
from infra.store.address import read_address
from infra.store.database import Database
from infra.store.errors import (
    SchemaMismatch,
    StoreAway,
    StoreBusy,
    StoreError,
    StoreFull,
    StoreMissing,
    StoreUnusable,
)
from infra.store.opening import open_store
from infra.store.postgresql import Taken, line_session
from infra.store.schema import HEAD, schema_state, upgrade
from infra.store.tables.whole import whole
from tests.servers.certificates import Authority
from tests.servers.postgresql import PASSWORD, Server, own_server
from tests.waiting import wait_for

pytestmark = pytest.mark.postgres


@pytest.fixture
def database(postgresql: Server) -> Iterator[Database]:
    with postgresql.store() as database:
        yield database


@pytest.fixture(scope="module")
def own() -> Iterator[Server]:
    """A server of these tests alone, to stop and to reconfigure."""
    with own_server() as server:
        yield server


def refusal(url: str) -> StoreError:
    """Return the error with which a store does not open; it is one sentence and names no password."""
    with pytest.raises(StoreError) as caught:
        open_store(url)
    assert "\n" not in str(caught.value)
    assert "secreta" not in str(caught.value)
    return caught.value


def write(database: Database, name: str = "a") -> None:
    with database.writing() as connection:
        connection.exec_driver_sql("INSERT INTO secrets VALUES (%s, '')", (name,))


def names(database: Database) -> list[str]:
    with database.reading() as connection:
        return list(connection.exec_driver_sql("SELECT name FROM secrets ORDER BY name").scalars())


def setting(database: Database, name: str) -> str:
    with database.writing() as connection:
        return str(connection.exec_driver_sql(f"SHOW {name}").scalar())


# --- who may come in


def test_a_wrong_password_is_for_a_person_to_mend(postgresql: Server) -> None:
    error = refusal(postgresql.address("postgres", password="falsa"))  # noqa: S106 - wrong, and that is the point
    assert isinstance(error, StoreUnusable)
    assert "correct the address, PGPASSWORD or the password file" in str(error)
    assert "falsa" not in str(error)


def test_a_database_that_is_not_there_is_named(postgresql: Server) -> None:
    error = refusal(postgresql.address("nowhere"))
    assert isinstance(error, StoreMissing)
    assert "createdb" in str(error)


def test_an_option_that_there_is_not_is_named(postgresql: Server) -> None:
    error = refusal(postgresql.address("postgres") + "?sslmood=require")
    assert isinstance(error, StoreUnusable)
    assert "sslmood" in str(error)


def test_an_empty_database_is_no_store_for_a_reader(postgresql: Server) -> None:
    with postgresql.database() as name, pytest.raises(StoreMissing, match="holds nothing yet"):
        open_store(postgresql.address(name), create=False)


def test_a_user_who_may_only_change_rows_runs_a_store_and_makes_none(postgresql: Server) -> None:
    with postgresql.database() as name, postgresql.user() as worker:
        url = postgresql.address(name, username=worker, password=PASSWORD)
        postgresql.run("REVOKE CREATE ON SCHEMA public FROM PUBLIC", name)
        error = refusal(url)
        assert isinstance(error, StoreUnusable)
        assert "permission denied for schema public" in str(error)
        open_store(postgresql.address(name)).close()
        postgresql.run(
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {worker}", name
        )
        postgresql.run(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {worker}", name)
        with open_store(url) as database:
            write(database)
            assert names(database) == ["a"]
        postgresql.run(f"DROP OWNED BY {worker}", name)


# --- what it may find


def empty(database: Database) -> None:
    """Take every table away, as if nothing had been made yet."""
    with database.writing() as connection:
        whole().drop_all(connection)
        connection.exec_driver_sql("DELETE FROM alembic_version")


def test_the_tables_of_another_version_are_refused_and_an_older_ones_migrated(postgresql: Server) -> None:
    with postgresql.database() as name:
        url = postgresql.address(name)
        with open_store(url) as made:
            empty(made)
            upgrade(made, "0001")
        with pytest.raises(SchemaMismatch, match="relevo doctor --migrate"):
            open_store(url)
        with open_store(url, migrate=True) as migrated:
            assert schema_state(migrated).revision == HEAD
            with migrated.writing() as connection:
                connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(SchemaMismatch, match="update Relevo"):
            open_store(url, migrate=True)


COLUMNS = """
SELECT table_name, column_name, data_type, is_nullable, column_default, collation_name
FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'
ORDER BY 1, 2
"""
INDEXES = """
SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version' ORDER BY 1
"""


def test_a_migrated_store_and_a_new_one_are_alike_and_compare_text_byte_by_byte(postgresql: Server) -> None:
    with postgresql.store() as new, postgresql.store() as migrated:
        empty(migrated)
        upgrade(migrated)
        with new.reading() as one, migrated.reading() as other:
            for question in (COLUMNS, INDEXES):
                assert other.exec_driver_sql(question).all() == one.exec_driver_sql(question).all()
            texts = [row for row in one.exec_driver_sql(COLUMNS) if row.data_type == "text"]
            assert {row.collation_name for row in texts} == {"C"}


def test_two_processes_that_find_an_empty_database_make_one_store(postgresql: Server) -> None:
    with postgresql.database() as name:
        url, opened, wrong = postgresql.address(name), threading.Barrier(4), list[Exception]()

        def open_at_once() -> None:
            opened.wait(60)
            try:
                open_store(url).close()
            except StoreError as error:
                wrong.append(error)

        threads = [threading.Thread(target=open_at_once) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []


# --- what may happen to it


def test_a_server_that_is_not_there_may_come_back(own: Server) -> None:
    with own.store() as database:
        write(database, "before")
        own.halt()
        with pytest.raises(StoreAway, match="is it up"):
            open_store(own.address("postgres"))
        with pytest.raises(StoreAway):
            write(database, "while it is away")
        own.start()
        patiently(lambda: write(database, "after"))
        assert names(database) == ["after", "before"]


def test_a_host_whose_name_cannot_be_resolved_may_come_back(postgresql: Server) -> None:
    error = refusal(postgresql.address("postgres", host="nowhere.invalid"))
    assert isinstance(error, StoreAway)
    assert "cannot be resolved" in str(error)


def test_a_server_without_room_for_more_may_have_some_later(postgresql: Server) -> None:
    with postgresql.database() as name:
        postgresql.run(f"ALTER DATABASE {name} CONNECTION LIMIT 0")
        with postgresql.user() as worker:
            error = refusal(postgresql.address(name, username=worker, password=PASSWORD))
    assert isinstance(error, StoreAway)
    assert "no room for more" in str(error)


def test_a_database_that_may_only_be_read_is_for_a_person_to_mend(
    database: Database, postgresql: Server
) -> None:
    name = database.address.url.database
    postgresql.run(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    with open_store(postgresql.address(str(name))) as read_only:
        assert names(read_only) == []
        with pytest.raises(StoreUnusable, match="name the primary"):
            write(read_only)


RAISED = """
CREATE FUNCTION complain() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '{state}'; END $$;
CREATE TRIGGER complain BEFORE INSERT ON secrets EXECUTE FUNCTION complain()
"""


@pytest.mark.parametrize(
    ("state", "kind", "sentence"),
    [
        ("53100", StoreFull, "the server's disk is full; free some space"),
        ("58030", StoreUnusable, "the server cannot use its disk"),
        ("40001", StoreBusy, "stood in each other's way"),
        ("57P01", StoreAway, "stopping or starting"),
        ("57014", StoreBusy, "was cancelled"),
        ("XX001", StoreUnusable, "put the last backup back"),
    ],
)
def test_what_the_server_says_goes_wrong_comes_to_one_sentence(
    state: str, kind: type[StoreError], sentence: str, database: Database
) -> None:
    with database.writing() as connection:
        connection.exec_driver_sql(RAISED.format(state=state))
    with pytest.raises(kind, match=sentence):
        write(database)
    assert names(database) == []


def is_alone(database: Database) -> bool:
    """Say whether no other session is in a transaction of this database."""
    at_work = "SELECT count(xact_start) FROM pg_stat_activity WHERE datname = current_database()"
    with database.reading() as connection:
        return bool(connection.exec_driver_sql(at_work).scalar_one() == 1)


def test_a_process_that_stands_still_in_a_commit_loses_it(database: Database) -> None:
    def stand_still() -> None:
        with database.writing() as connection:
            connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = '20ms'")
            connection.exec_driver_sql("INSERT INTO secrets VALUES ('a', '')")
            wait_for("the session that stands still to be ended", lambda: is_alone(database))
            connection.exec_driver_sql("SELECT 1")

    with pytest.raises(StoreBusy, match="stood still"):
        stand_still()
    assert names(database) == []


def test_who_is_alone_is_waited_for_and_no_longer_than_was_said(postgresql: Server) -> None:
    with postgresql.store() as one:
        url = postgresql.address(str(one.address.url.database))
        with open_store(url, busy_seconds=0.1) as other, one.alone():
            write(other)
            with pytest.raises(StoreBusy, match="locked for too long"), other.alone():
                pass
        assert names(one) == ["a"]


def test_a_process_uses_no_more_connections_than_its_pool_has(postgresql: Server) -> None:
    with postgresql.store() as made, ExitStack() as stack:
        url = postgresql.address(str(made.address.url.database))
        database = stack.enter_context(open_store(url, busy_seconds=0.1))
        for _ in range(24):
            stack.enter_context(database.reading())
        with pytest.raises(StoreBusy, match="every connection of this process is in use"):
            names(database)


# --- how a session is set up


def test_a_commit_survives_a_power_cut_unless_it_need_not(database: Database, postgresql: Server) -> None:
    name = str(database.address.url.database)
    assert setting(database, "synchronous_commit") == "on"
    assert setting(database, "idle_in_transaction_session_timeout") == "5s"
    with open_store(postgresql.address(name), durability="normal") as hasty:
        assert setting(hasty, "synchronous_commit") == "off"
    for server_says, in_force in (("off", "on"), ("remote_apply", "remote_apply")):
        postgresql.run(f"ALTER DATABASE {name} SET synchronous_commit = {server_says}")
        with open_store(postgresql.address(name)) as again:
            assert setting(again, "synchronous_commit") == in_force


def test_who_runs_the_line_is_one_session_that_others_can_name(database: Database) -> None:
    address = database.address
    with line_session(address, "relevo up"):
        with pytest.raises(Taken) as caught, line_session(address, "relevo up"):
            pass
        assert caught.value.holder.startswith("relevo up, process ")
    with line_session(address, "relevo up"):
        assert names(database) == []


# --- TLS


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def behind_tls(authority: Authority) -> Iterator[Server]:
    """A server that speaks TLS with a certificate made for it, and takes nothing else."""
    identity = authority.identity("localhost")
    with own_server() as server:
        server.put("server.crt", identity.certificate)
        server.put("server.key", identity.key)
        server.run("ALTER SYSTEM SET ssl = on")
        server.halt()
        server.start()
        yield server


def trusting(server: Server, folder: Path, authority: Authority, host: str = "localhost") -> str:
    file = folder / "ca.pem"
    file.write_bytes(authority.certificate)
    url = server.address("postgres", host=host)
    return f"{url}?sslmode=verify-full&sslrootcert={file}"


def test_a_server_is_believed_when_our_authority_vouches_for_it(
    behind_tls: Server, authority: Authority, tmp_path: Path
) -> None:
    question = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
    with open_store(trusting(behind_tls, tmp_path, authority)) as database, database.reading() as connection:
        assert connection.exec_driver_sql(question).scalar() is True
    with line_session(read_address(trusting(behind_tls, tmp_path, authority)), "relevo up"):
        assert isinstance(refusal(trusting(behind_tls, tmp_path, Authority("another"))), StoreUnusable)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ("sslmode=verify-full&sslrootcert={folder}/other.pem", "name it with sslrootcert"),
        ("sslmode=verify-full&sslrootcert={folder}/none.pem", "the file that sslrootcert names is not there"),
    ],
)
def test_a_server_that_nobody_we_trust_vouches_for_is_refused(
    options: str, sentence: str, behind_tls: Server, tmp_path: Path
) -> None:
    (tmp_path / "other.pem").write_bytes(Authority("another").certificate)
    url = behind_tls.address("postgres", host="localhost") + "?" + options.format(folder=tmp_path)
    error = refusal(url)
    assert isinstance(error, StoreUnusable)
    assert sentence in str(error)


def test_a_certificate_of_another_host_is_refused(
    behind_tls: Server, authority: Authority, tmp_path: Path
) -> None:
    error = refusal(trusting(behind_tls, tmp_path, authority, host="127.0.0.1"))
    assert isinstance(error, StoreUnusable)
    assert "name the host as the certificate does" in str(error)


def test_a_server_without_tls_is_refused_when_it_is_demanded(own: Server) -> None:
    error = refusal(own.address("postgres") + "?sslmode=require")
    assert isinstance(error, StoreUnusable)
    assert "does not speak TLS" in str(error)
