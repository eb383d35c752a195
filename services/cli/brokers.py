"""The options of the verbs that speak to Kafka: which brokers, and whose names.

Like the options that every verb shares, they go before the environment (``infra.settings``).
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.options import settings

if TYPE_CHECKING:
    from infra.kafka.cluster import Cluster

Bootstrap = Annotated[
    str,
    typer.Option(
        "--bootstrap",
        metavar="HOST:PORT",
        show_default=False,
        help="The brokers, several with commas; default localhost:9092, or RELEVO_KAFKA.",
    ),
]
Prefix = Annotated[
    str,
    typer.Option(
        "--prefix",
        metavar="TEXT",
        show_default=False,
        help="What this tenant's topics begin with; default nothing, or RELEVO_KAFKA_PREFIX.",
    ),
]


def cluster(bootstrap: str, prefix: str) -> "Cluster":
    """Return the brokers that the options and the environment name.

    Raises:
        ClusterWrong: The settings do not go together.
    """
    from infra.kafka.cluster import cluster_of

    known = settings().kafka
    return cluster_of(replace(known, bootstrap=bootstrap or known.bootstrap, prefix=prefix or known.prefix))
