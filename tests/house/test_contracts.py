"""The import contracts name every worker: a new folder under ``services`` cannot slip past them.

import-linter refuses contracts about modules that do not exist, so the list in ``pyproject.toml`` grows with
the code; this is what notices when it did not. Whether the code keeps the contracts is for ``make check``.
"""

import tomllib
from typing import Any

from tests.house.tree import ROOT, modules


def contracts() -> list[dict[str, Any]]:
    """Return the import contracts as pyproject.toml has them."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = settings["tool"]["importlinter"]["contracts"]
    return found


def test_every_worker_stands_in_the_independence_contract() -> None:
    workers = {f"services.{path.parts[1]}" for path in modules() if path.match("services/*/rule.py")}
    (independent,) = (contract for contract in contracts() if contract["type"] == "independence")
    assert workers <= set(independent["modules"])


def test_no_worker_may_know_a_store_or_a_host() -> None:
    workers = {f"services.{path.parts[1]}" for path in modules() if path.match("services/*/rule.py")}
    (handed,) = (contract for contract in contracts() if contract["name"].startswith("a worker knows"))
    assert workers == set(handed["source_modules"])
    assert {"infra.store", "infra.embedded", "infra.kafka", "infra.time_source"} <= set(
        handed["forbidden_modules"]
    )


def test_the_three_folders_are_layers() -> None:
    (layers,) = (contract for contract in contracts() if contract["type"] == "layers")
    assert layers["layers"] == ["services", "infra", "schemas"]
