"""A bucket of CSV files on a real S3 server (moto's, on this machine), filled by Amazon's own client."""

import gzip
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import boto3
import pytest
from moto.server import ThreadedMotoServer

from infra.elsewhere.away import FileChanged, SourceAway, SourceUnfit
from infra.elsewhere.bucket import Bucket, BucketForm
from infra.store.database import Database
from tests.services.intake.pulling.fetching import Fetching, fetched_source

LEADS: dict[str, Any] = {
    "id": "Id",
    "subject": {"email": "E-mail"},
    "facts": [{"kind": "enriched", "attributes": {"stage": "Stage"}}],
}
HEADER = "Id,E-mail,Stage\n"
ANA, BO = "1,ana@example.com,new\n", "2,bo@example.com,new\n"


@dataclass(frozen=True)
class Given:
    """A bucket of the test's own."""

    endpoint: str
    name: str
    client: Any

    def put(self, key: str, content: str | bytes) -> None:
        """Write a file."""
        body = content if isinstance(content, bytes) else content.encode()
        self.client.put_object(Bucket=self.name, Key=key, Body=body)

    def fetching(self, store: Database, **pull: Any) -> Fetching:
        """Return the bucket as a source."""
        said = {"bucket": self.name, "endpoint": self.endpoint, **pull}
        said |= {"access_key_env": "KEY", "secret_key_env": "SECRET"}
        return Fetching(store, fetched_source("s3", said, LEADS, KEY="key", SECRET="secret"))  # noqa: S106


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(endpoint: str) -> Given:
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",  # noqa: S106 - opens nothing
    )
    made = Given(endpoint, f"exports-{uuid4().hex[:8]}", client)
    client.create_bucket(Bucket=made.name)
    return made


def test_every_row_of_every_file_is_taken_once(bucket: Given, any_store: Database) -> None:
    bucket.put("crm/a.csv", HEADER + ANA)
    bucket.put("crm/deep/b.csv.gz", gzip.compress((HEADER + BO).encode()))
    bucket.put("crm/notes.txt", "nothing")
    bucket.put("other/c.csv", HEADER + "3,cy@example.com,new\n")
    one = bucket.fetching(any_store, prefix="crm/")
    look = one.look()
    assert (look.new_count, look.file_count) == (2, 2)
    assert one.look().read_count == 0


def test_a_file_that_came_again_under_any_name_adds_nothing_and_a_change_says_something(
    bucket: Given, store: Database
) -> None:
    one = bucket.fetching(store)
    bucket.put("a.csv", HEADER + ANA)
    one.look()
    bucket.put("a.csv", HEADER + ANA)
    bucket.put("b.csv", HEADER + ANA)
    assert one.look().new_count == 0
    bucket.put("a.csv", HEADER + ANA + BO)
    assert one.look().new_count == 1
    bucket.put("a.csv", HEADER + ANA.replace("new", "sql") + BO)
    one.look()
    assert one.said("stage") == ["new", "new", "sql"]


@pytest.mark.slow
def test_more_files_than_one_answer_lists_are_all_read(bucket: Given, store: Database) -> None:
    for number in range(120):
        bucket.put(f"{number}.csv", HEADER + f"{number},{number}@example.com,new\n")
    assert bucket.fetching(store).look().new_count == 120


def test_a_file_that_is_replaced_after_it_was_listed_is_read_at_the_next_look(bucket: Given) -> None:
    bucket.put("a.csv", HEADER + ANA)
    shelf = Bucket(BucketForm(bucket.name, "", "us-east-1", bucket.endpoint, "key", "secret"), ["*.csv"])
    (entry,) = shelf.entries()
    bucket.put("a.csv", HEADER + BO)
    with pytest.raises(FileChanged, match=r"a\.csv is another"), shelf.opened(entry):
        pass
    bucket.client.delete_object(Bucket=bucket.name, Key="a.csv")
    with pytest.raises(FileChanged, match=r"a\.csv is another"), shelf.opened(entry):
        pass


def test_an_object_whose_name_cannot_be_read_needs_a_person(bucket: Given, store: Database) -> None:
    bucket.put("a//b.csv", HEADER + ANA)
    with pytest.raises(SourceUnfit, match=r'"a//b\.csv".*; rename the object, or name a prefix beside it'):
        bucket.fetching(store).look()


def test_a_bucket_that_is_not_there_needs_a_person(bucket: Given, store: Database) -> None:
    with pytest.raises(SourceUnfit, match="bucket nowhere"):
        bucket.fetching(store, bucket="nowhere").look()


def test_a_server_that_does_not_answer_is_away(bucket: Given, store: Database) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(SourceAway, match=bucket.name) as raised:
            bucket.fetching(store, endpoint=endpoint).look()
    assert "secret" not in str(raised.value)


def test_one_half_of_a_key_is_refused() -> None:
    with pytest.raises(ValueError, match="name both access_key_env and secret_key_env, or neither"):
        fetched_source("s3", {"bucket": "exports", "access_key_env": "KEY"}, LEADS)
