"""What workers on Kafka log to standard error.

Our own words as they come; those of Kafka's clients only when they warn, and thinned.
"""

import logging

_CLIENTS = ("faust", "mode", "aiokafka", "kafka")
_OURS_THROUGH_FAUST = ("infra.kafka.host", "infra.kafka.transport")
"""Faust logs under the names of its subclasses, too."""


def log_to_standard_error() -> None:
    """Log from here on."""
    from infra.kafka.thinned import Thinned

    handler = logging.StreamHandler()
    handler.addFilter(Thinned(_CLIENTS))
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", handlers=[handler]
    )
    for name in (*_CLIENTS, *_OURS_THROUGH_FAUST):
        logging.getLogger(name).setLevel(logging.WARNING)
