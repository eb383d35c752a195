"""Which vendors there are: every module of ``services.intake.vendors``, by its ``VENDOR``.

A file that is there is a kind that ``sources.yaml`` may name; nothing is registered by hand. Looked up when
the gateway starts, never at import. What is fetched instead of calling is listed in ``pulling.kinds``.
"""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

import services.intake.vendors
from services.intake.pulling.kinds import FETCHED
from services.intake.vendor import Vendor


@cache
def vendors() -> dict[str, Vendor]:
    """Return every vendor by its kind, in the order of their names."""
    folder = services.intake.vendors
    found: dict[str, Vendor] = {}
    for module in sorted(iter_modules(folder.__path__), key=lambda one: one.name):
        vendor: Vendor = import_module(f"{folder.__name__}.{module.name}").VENDOR
        found[vendor.kind] = vendor
    return found


@cache
def kinds() -> dict[str, Vendor]:
    """Return everything that ``sources.yaml`` may name: the vendors that call, and what is fetched."""
    return vendors() | FETCHED
