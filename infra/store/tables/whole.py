"""All the tables there are, for who makes, migrates, empties or compares them."""

from sqlalchemy import MetaData

from infra.store.tables import front_door, hosts, metadata, outbound, read_model  # noqa: F401 - enter theirs


def whole() -> MetaData:
    """Return what every table is entered in."""
    return metadata
