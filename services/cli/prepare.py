"""``relevo prepare``: what must be there before the workers on Kafka start, made once."""

import threading
from typing import Annotated

import typer

from services.cli.brokers import Bootstrap, Prefix, cluster
from services.cli.options import MOST_COPIES, MOST_PARTITIONS, AgreementFile, Store, whole
from services.cli.terminal import tell


def prepare(
    *,
    partitions: Annotated[
        int,
        typer.Option(
            parser=whole(most=MOST_PARTITIONS),
            metavar="COUNT",
            help="How many partitions new topics by lead get.",
        ),
    ] = 4,
    replication: Annotated[
        int,
        typer.Option(
            parser=whole(most=MOST_COPIES),
            metavar="COUNT",
            help="How many copies new topics keep of each record.",
        ),
    ] = 1,
    store: Store = "",
    bootstrap: Bootstrap = "",
    prefix: Prefix = "",
    agreement: AgreementFile = None,
) -> None:
    """Get the store and the topics ready for the workers on Kafka, and have an agreement signed.

    Makes the tables or brings them up to date, makes the topics that are missing, and signs the agreement
    when it differs from the newest. It waits for a broker; a second run changes nothing. Run it before the
    workers start, and with the workers stopped when Relevo has a new version.

    Example: relevo prepare --partitions 4 --store postgresql://relevo@db/relevo --bootstrap kafka:9092
    """
    from infra.kafka.opening import look_at_topics, wait_for_brokers
    from infra.kafka.topics import administration
    from services.kafka_line import sign
    from services.line import up_to_date

    brokers = cluster(bootstrap, prefix)
    wait_for_brokers(brokers, threading.Event())
    with up_to_date(store) as database:
        tell(f"{database.address} has today's tables.")
        with administration(brokers) as admin:
            made = admin.create(partitions, replication)
        look_at_topics(brokers, database)
        tell(f"Made {len(made)} topics." if made else "Every topic is there.")
        signed = sign(brokers, database, agreement)
        if signed is None:
            tell("The agreement is signed already.")
        else:
            tell(f"Said that agreement {signed.version} is signed; it is in force from there on in the log.")
