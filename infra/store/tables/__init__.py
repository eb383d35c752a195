"""The tables, a module for each that owns some: the hosts, the front door, the other end, the read model.

A table is entered in ``metadata`` when its module is imported; ``whole`` has them all.
"""

from sqlalchemy import MetaData

metadata = MetaData()
