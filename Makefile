# The verbs. Each sets up whatever is missing first; Python 3.11+, git and make are all it takes.
#
# uv comes from PyPI into .tooling/ at a pinned version, so that the machine's own tools do not matter,
# and makes .venv/ exactly as uv.lock says. Another interpreter: make setup PYTHON=/path/to/python3.12

UV_VERSION := 0.13.9
UV := .tooling/uv-$(UV_VERSION)/bin/uv
BIN := .venv/bin
PEERS := .tooling/peers
STAMP := .venv/.synced
ARGS ?=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo test chaos stack-test check bench bench-peers docs clean

help: ## say what each verb does
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: $(STAMP) ## make the environment in .venv, as uv.lock says
	@echo "Ready: .venv holds what uv.lock says."

demo: $(STAMP) ## run a believable year of leads through the line (ARGS="--help" shows the options)
	@$(BIN)/relevo demo $(ARGS)

# Containers often switch Python's compiled files off; compiling 2,500 modules in every process costs a minute.
demo test bench: export PYTHONDONTWRITEBYTECODE :=

test: $(STAMP) ## run the tests that are quick and need no server (ARGS="-k scoring" narrows them)
	@$(BIN)/pytest -n auto --maxprocesses 8 --dist worksteal $(ARGS)

chaos: $(STAMP) ## let everything go wrong on Kafka and PostgreSQL for five minutes (ARGS="--seed 7 --seconds 60")
	@$(BIN)/python -m tests.chaos $(ARGS)

stack-test: $(STAMP) ## bring the containers up, feed them, kill them, compare; needs Docker
	@$(BIN)/pytest -m stack tests/stack -p no:xdist $(ARGS)

check: $(STAMP) ## lint, format, types, import contracts, freshness of generated files
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@sh .ci/fresh $(BIN)/python

bench: $(STAMP) ## measure speed and size on this machine
	@$(BIN)/python -m tests.bench $(ARGS)

bench-peers: $(STAMP) $(PEERS)/.ready ## measure Relevo's host beside Faust, Quix Streams and Kafka Streams; needs Java, Maven
	@$(BIN)/python -m tests.bench.peers $(ARGS)

docs: $(STAMP) ## write the generated schemas and pages anew
	@$(BIN)/python -m schemas.generate
	@$(BIN)/python -m services.agreement.reference
	@$(BIN)/python -m services.cli.reference
	@$(BIN)/python -m services.metrics.document
	@$(BIN)/python -m services.access
	@$(BIN)/python -m services.intake.edge.openapi

clean: ## remove the environment, the tools and every cache
	rm -rf .venv .tooling .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage htmlcov build dist
	find schemas infra services tests -type d -name __pycache__ -prune -exec rm -rf {} +

# What the verbs stand on -------------------------------------------------------------------------

NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	if $$p -c '$(NEW_ENOUGH)' >/dev/null 2>&1; then command -v $$p; break; fi; done)

$(UV):
	@$(if $(PYTHON),$(PYTHON),false) -c '$(NEW_ENOUGH)' 2>/dev/null || { \
		echo "Relevo needs Python 3.11 or newer: install it, or name one with make setup PYTHON=/path/to/python3." >&2; exit 1; }
	@$(PYTHON) -m venv $(@D)/.. || { \
		echo "$(PYTHON) could not make a virtual environment: install its venv module (Debian and Ubuntu: apt install python3-venv)." >&2; exit 1; }
	@$(@D)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION) || { \
		echo "uv $(UV_VERSION) could not be installed from PyPI: see pip's message above, then run the same command again." >&2; exit 1; }

# The machine's certificates, because a company's proxy is in those and not in the ones uv brings.
$(STAMP): pyproject.toml uv.lock | $(UV)
	@UV_PROJECT_ENVIRONMENT=.venv UV_PYTHON_DOWNLOADS=never UV_SYSTEM_CERTS=true \
		$(UV) sync --frozen --all-extras --quiet --python $(PYTHON)
	@touch $@

# Quix Streams in a venv of its own, Kafka Streams from its Maven artefacts: nothing of Relevo needs them.
$(PEERS)/.ready: tests/bench/peers/requirements.txt tests/bench/peers/streams/pom.xml \
		$(wildcard tests/bench/peers/streams/src/main/java/*.java) | $(UV)
	@$(UV) venv --quiet --clear --python $(PYTHON) $(PEERS)/quix
	@UV_SYSTEM_CERTS=true $(UV) pip install --quiet --python $(PEERS)/quix/bin/python -r tests/bench/peers/requirements.txt
	@cd tests/bench/peers/streams && mvn -q -B package dependency:copy-dependencies
	@touch $@
