"""The private names of Faust and aiokafka that this host overrides or uses, checked when a worker starts.

Faust says nothing when a method that we override is no longer called, or is called otherwise: records would
be skipped, or partitions read before they are taken over. So its version is pinned exactly, and each name is
looked up with its parameters here; ``tests/infra/kafka/test_faust_conformance.py`` holds on to how they
behave.
"""

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module, metadata
from typing import Any

from infra.kafka.errors import FaustChanged

VERSIONS = {"faust-streaming": "0.15.3"}

_DRIVER, _CONSUMER, _APP = "faust.transport.drivers.aiokafka", "faust.transport.consumer", "faust.app.base"


@dataclass(frozen=True, slots=True)
class Private:
    """One name: where it stands, its parameters, and whether it is awaited."""

    module: str
    owner: str
    name: str
    parameters: tuple[str, ...]
    awaited: bool = False

    def __str__(self) -> str:
        """Return its full name."""
        return f"{self.module}.{self.owner}.{self.name}"


METHODS = (
    Private(_DRIVER, "AIOKafkaConsumerThread", "__post_init__", ("self",)),
    Private(_DRIVER, "AIOKafkaConsumerThread", "_create_worker_consumer", ("self", "transport")),
    Private(_DRIVER, "AIOKafkaConsumerThread", "_ensure_consumer", ("self",)),
    Private(_DRIVER, "AIOKafkaConsumerThread", "on_start", ("self",), awaited=True),
    Private(_DRIVER, "AIOKafkaConsumerThread", "on_thread_stop", ("self",), awaited=True),
    Private(_DRIVER, "Producer", "_ensure_producer", ("self",)),
    Private(_DRIVER, "Producer", "on_start", ("self",), awaited=True),
    Private(
        _DRIVER, "AIOKafkaConsumerThread", "_seek_wait", ("self", "consumer", "partitions"), awaited=True
    ),
    Private(
        _DRIVER,
        "AIOKafkaConsumerThread",
        "_fetch_records",
        ("self", "consumer", "active_partitions", "timeout", "max_records"),
        awaited=True,
    ),
    Private(_DRIVER, "AIOKafkaConsumerThread", "_commit", ("self", "offsets"), awaited=True),
    Private(_DRIVER, "Consumer", "_new_consumer_thread", ("self",)),
    Private(_DRIVER, "Consumer", "_to_message", ("self", "tp", "record")),
    Private(
        _CONSUMER,
        "ThreadDelegateConsumer",
        "_getmany",
        ("self", "active_partitions", "timeout"),
        awaited=True,
    ),
    Private(_CONSUMER, "ConsumerThread", "on_partitions_revoked", ("self", "revoked"), awaited=True),
    Private(_CONSUMER, "Consumer", "_filter_tps_with_pending_acks", ("self", "topics")),
    Private(_CONSUMER, "Consumer", "_new_offset", ("self", "tp")),
    Private(_CONSUMER, "Consumer", "_drain_messages", ("self", "fetcher"), awaited=True),
    Private(_CONSUMER, "Consumer", "perform_seek", ("self",), awaited=True),
    Private(_CONSUMER, "Consumer", "wait_empty", ("self",), awaited=True),
    Private(_CONSUMER, "Consumer", "stop_flow", ("self",)),
    Private(_APP, "App", "_create_directories", ("self",)),
)

ATTRIBUTES = (
    (_CONSUMER, "Consumer", "_read_offset"),
    ("aiokafka", "AIOKafkaConsumer", "_isolation_level"),
    ("aiokafka", "AIOKafkaConsumer", "_subscription"),
)
"""(module, class, attribute that its ``__init__`` sets)."""


def expect_pinned() -> None:
    """Check every name.

    Raises:
        FaustChanged: At least one is not what it was.
    """
    problems = [*_versions(), *_methods(), *_attributes()]
    if problems:
        raise FaustChanged(
            f"Faust is not as this host needs it: {'; '.join(problems)}. Install what the lock file says "
            "(uv sync --extra kafka)"
        )


def _versions() -> Iterator[str]:
    for name, version in VERSIONS.items():
        if (found := metadata.version(name)) != version:
            yield f"{name} is {found}, not {version}"


def _methods() -> Iterator[str]:
    for one in METHODS:
        found: Any = getattr(getattr(import_module(one.module), one.owner, None), one.name, None)
        if found is None:
            yield f"{one} is gone"
            continue
        if tuple(inspect.signature(found).parameters) != one.parameters:
            yield f"{one} takes {inspect.signature(found)}"
        # Decorators hide the coroutine function; what they wrap tells.
        if one.awaited != inspect.iscoroutinefunction(inspect.unwrap(found)):
            yield f"{one} is {'not ' if one.awaited else ''}a coroutine"


def _attributes() -> Iterator[str]:
    for module, owner, name in ATTRIBUTES:
        kind = getattr(import_module(module), owner)
        if f"self.{name} = " not in inspect.getsource(kind.__init__):
            yield f"{module}.{owner}.{name} is gone"
