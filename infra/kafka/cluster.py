"""Where the brokers are and how to speak to them, in the words of each of the three clients.

One ``Cluster`` is read from the settings and handed on; ``confluent_kafka`` sends, ``aiokafka`` (under
Faust) reads, ``kafka-python`` administers, and each of them has names of its own for the same thing. A
tenant is a topic prefix: topics, groups and transactional ids all begin with it, so that an access list can
be written with prefixes alone.
"""

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.kafka.errors import ClusterWrong
from infra.settings import KafkaSettings, Mechanism, Security


@dataclass(frozen=True, slots=True)
class Cluster:
    """The brokers, and who we are to them.

    Attributes:
        bootstrap: ``host:port``, several with commas.
        prefix: What every name of this tenant begins with.
        security: Whether the connection is encrypted, and whether we log in.
        mechanism: How we log in.
        user: Who logs in; None for nobody.
        password: With what; never shown.
        ca: The authority's certificate; None for those of the machine.
        certificate: Our own certificate, where brokers ask for one.
        key: The key to it.
    """

    bootstrap: str
    prefix: str = ""
    security: Security = "PLAINTEXT"
    mechanism: Mechanism = "PLAIN"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None

    def __post_init__(self) -> None:
        if self.logs_in and not (self.user and self.password):
            raise ClusterWrong(
                f"{self.security} needs a user and a password; set RELEVO_KAFKA_USER, RELEVO_KAFKA_PASSWORD"
            )
        if self.certificate and not self.encrypted:
            raise ClusterWrong(
                f"a certificate is of no use with {self.security}; set RELEVO_KAFKA_SECURITY to SSL"
            )

    @property
    def encrypted(self) -> bool:
        """Whether the connection is TLS."""
        return self.security in ("SSL", "SASL_SSL")

    @property
    def logs_in(self) -> bool:
        """Whether we tell who we are with a password."""
        return self.security.startswith("SASL_")

    @property
    def servers(self) -> list[str]:
        """Each ``host:port``."""
        return [one.strip() for one in self.bootstrap.split(",") if one.strip()]

    def name(self, topic: str) -> str:
        """Return a topic's name on the brokers."""
        return self.prefix + topic

    def group(self, worker: str) -> str:
        """Return the name of a worker's group."""
        return f"{self.prefix}relevo.{worker}"

    def tls(self) -> ssl.SSLContext | None:
        """Return the TLS context, or None where nothing is encrypted."""
        if not self.encrypted:
            return None
        context = ssl.create_default_context(cafile=None if self.ca is None else str(self.ca))
        if self.certificate is not None:
            context.load_cert_chain(self.certificate, self.key)
        return context

    def for_confluent(self) -> dict[str, Any]:
        """Return the settings as librdkafka names them."""
        return _given(
            {
                "bootstrap.servers": ",".join(self.servers),
                "security.protocol": self.security,
                "sasl.mechanism": self.mechanism if self.logs_in else None,
                "sasl.username": self.user if self.logs_in else None,
                "sasl.password": self.password if self.logs_in else None,
                "ssl.ca.location": _text(self.ca),
                "ssl.certificate.location": _text(self.certificate),
                "ssl.key.location": _text(self.key),
            }
        )

    def for_kafka_python(self) -> dict[str, Any]:
        """Return the settings as kafka-python names them."""
        return _given(
            {
                "bootstrap_servers": self.servers,
                "security_protocol": self.security,
                "sasl_mechanism": self.mechanism if self.logs_in else None,
                "sasl_plain_username": self.user if self.logs_in else None,
                "sasl_plain_password": self.password if self.logs_in else None,
                "ssl_context": self.tls(),
            }
        )


def cluster_of(settings: KafkaSettings) -> Cluster:
    """Return the cluster that the settings name.

    Raises:
        ClusterWrong: They do not go together, or a file is not there.
    """
    for file in (settings.ca, settings.certificate, settings.key):
        if file is not None and not file.is_file():
            raise ClusterWrong(f"there is no file {file}; correct RELEVO_KAFKA_CA, …_CERTIFICATE or …_KEY")
    return Cluster(
        settings.bootstrap,
        settings.prefix,
        settings.security,
        settings.mechanism,
        settings.user,
        settings.password,
        settings.ca,
        settings.certificate,
        settings.key,
    )


def _given(settings: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if value is not None}


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
