"""Settings: one list with name, default and a sentence each, and the environment read against it, once.

A setting is what differs from machine to machine: where the store is, which agreement, which language. What
both teams must agree on stands in the agreement, and what one command is to do stands in its options, which
go before the environment. Read by ``read_settings`` when a command starts, never at import; unknown names
that begin with ``RELEVO_`` are refused, because a misspelt setting is a setting that is silently not there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Literal, cast

Language = Literal["en", "es"]
Security = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
Mechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]

PREFIX = "RELEVO_"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its name, its default as it would be written, and what it is for."""

    name: str
    default: str
    sentence: str
    choices: tuple[str, ...] = ()

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return PREFIX + self.name.upper()


SETTINGS = (
    Setting(
        "store",
        "sqlite:///relevo.db",
        "Where the store is: a file, as in sqlite:///relevo.db, or postgresql://user@host/database.",
    ),
    Setting(
        "agreement",
        "",
        "The agreement to sign when it differs from the newest in the store; "
        "empty: keep to the one in the store.",
    ),
    Setting(
        "language",
        "en",
        "The language of the agreement's labels where they are shown.",
        ("en", "es"),
    ),
    Setting(
        "keep_requests",
        "90",
        "For how many days requests are kept as they were sent, to be read again; 0: for ever.",
    ),
    Setting("kafka", "localhost:9092", "The brokers, host:port, several with commas; for the line on Kafka."),
    Setting(
        "kafka_prefix",
        "",
        "What the names of topics and groups begin with; a tenant is a prefix and a database.",
    ),
    Setting(
        "kafka_security",
        "PLAINTEXT",
        "Whether connections to the brokers are encrypted, and whether Relevo logs in.",
        ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"),
    ),
    Setting(
        "kafka_mechanism",
        "SCRAM-SHA-512",
        "How Relevo logs in to the brokers.",
        ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"),
    ),
    Setting("kafka_user", "", "As whom Relevo logs in to the brokers."),
    Setting("kafka_password", "", "With which password."),
    Setting("kafka_ca", "", "The file with the authority that signed the brokers' certificates."),
    Setting("kafka_certificate", "", "The file with Relevo's own certificate, where brokers ask for one."),
    Setting("kafka_key", "", "The file with the key to it."),
    Setting(
        "metrics",
        "",
        "Where a worker on Kafka shows its metrics and says whether it is ready, host:port; "
        "empty: on loopback, at a port of the worker's own.",
    ),
)
"""Every setting there is; ``docs/operations.md`` says more about each."""


@dataclass(frozen=True, slots=True)
class KafkaSettings:
    """The settings of the brokers; see ``SETTINGS`` for what each means."""

    bootstrap: str
    prefix: str
    security: Security
    mechanism: Mechanism
    user: str | None
    password: str | None = field(repr=False)
    ca: Path | None
    certificate: Path | None
    key: Path | None


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in force; see ``SETTINGS`` for what each means."""

    store: str
    agreement: str | None
    language: Language
    keep_requests: timedelta | None
    """None: for ever."""
    kafka: KafkaSettings
    metrics: str | None


class SettingWrong(ValueError):
    """An environment variable of ours says something that means nothing."""


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read the settings from an environment; an empty variable is one that is not set.

    Raises:
        SettingWrong: A variable has a value it may not have, or a name that is no setting's.
    """
    known = {setting.variable for setting in SETTINGS}
    for variable in environment:
        if variable.startswith(PREFIX) and variable not in known:
            raise SettingWrong(f"{variable} is no setting; {_nearest(variable, known)}")
    values = {setting.name: _value(setting, environment) for setting in SETTINGS}
    return Settings(
        store=values["store"],
        agreement=values["agreement"] or None,
        language=cast("Language", values["language"]),
        keep_requests=_days("keep_requests", values),
        kafka=_kafka(values),
        metrics=values["metrics"] or None,
    )


def _days(name: str, values: Mapping[str, str]) -> timedelta | None:
    value = values[name]
    if not (value.isascii() and value.isdigit() and len(value) <= 5):
        raise SettingWrong(f"{PREFIX}{name.upper()} is {value!r}; write a whole number of days, as in 90")
    return timedelta(days=int(value)) or None


def _kafka(values: Mapping[str, str]) -> KafkaSettings:
    return KafkaSettings(
        bootstrap=values["kafka"],
        prefix=values["kafka_prefix"],
        security=cast("Security", values["kafka_security"]),
        mechanism=cast("Mechanism", values["kafka_mechanism"]),
        user=values["kafka_user"] or None,
        password=values["kafka_password"] or None,
        ca=_file(values["kafka_ca"]),
        certificate=_file(values["kafka_certificate"]),
        key=_file(values["kafka_key"]),
    )


def _file(path: str) -> Path | None:
    return Path(path) if path else None


def _value(setting: Setting, environment: Mapping[str, str]) -> str:
    value = environment.get(setting.variable) or setting.default
    if setting.choices and value not in setting.choices:
        raise SettingWrong(f"{setting.variable} is {value!r}; choose from {', '.join(setting.choices)}")
    return value


def _nearest(variable: str, known: set[str]) -> str:
    near = get_close_matches(variable, sorted(known), n=1)
    return f"did you mean {near[0]}?" if near else f"the settings are {', '.join(sorted(known))}"
