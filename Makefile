# `make setup`, `make run`, `make test`, `make bench`. The work is done in tools/ and config/.

# Any Python from 3.11 on; an older one looks for a newer beside it.
PYTHON ?= python3
VENV_PYTHON := .venv/bin/python

# A shell may have them for another Python, or so that `-m` finds nothing here.
unexport PYTHONHOME PYTHONOPTIMIZE PYTHONPATH PYTHONSAFEPATH

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup run check test test-e2e coverage test-faults test-postgres test-redis soak fuzz screenshots bench lock audit

help:
	@echo 'make setup   environment, packages, a Chromium (again: under a second)'
	@echo 'make run     the site, a worker and the stand-in census, on this machine'
	@echo 'make check   style, types, imports, templates, migrations, deployment settings'
	@echo 'make test    setup, check, unit and integration tests, and the main job end to end'
	@echo 'make test-e2e        everything end to end: real processes, a real Chromium'
	@echo 'make coverage        how much of the code the unit and integration tests run'
	@echo 'make test-faults     what can go wrong, done for real: processes, people, deploys, surroundings'
	@echo 'make test-postgres   the tests on PostgreSQL (TEST_DATABASE_URL)'
	@echo 'make test-redis      kills and the main job with Redis as the broker (TEST_REDIS_URL)'
	@echo 'make soak    2,000 lookups amid faults at random: nothing is lost, nothing leaks'
	@echo 'make fuzz    20,000 damaged pages for the parsers'
	@echo 'make screenshots   every page and state as a picture, in var/screens'
	@echo 'make bench   the measurements of benchmarks/'
	@echo 'make lock    pin the packages anew (needs uv)'
	@echo 'make audit   ask for known vulnerabilities of the pinned packages (needs uv and a network)'

setup:
	@$(PYTHON) -m tools.setup

# The option lets the runner end when make itself is killed.
run: setup
	@$(VENV_PYTHON) -m config.run --end-with-parent

check: setup
	@$(VENV_PYTHON) -m tools.checks

test: setup check
	@$(VENV_PYTHON) -m pytest -n 4 --dist worksteal -m 'not e2e or essential' \
		--durations 10 --durations-min 1

test-e2e: setup
	@$(VENV_PYTHON) -m pytest -n 3 --dist worksteal tests/e2e

coverage: setup
	@$(VENV_PYTHON) -m pytest -n 4 --dist worksteal --cov --cov-report=term:skip-covered \
		tests/unit tests/integration

test-faults: setup
	@$(VENV_PYTHON) -m pytest -n 2 --dist worksteal tests/faults

test-postgres: setup
	@$(VENV_PYTHON) -m tools.backends postgres

test-redis: setup
	@$(VENV_PYTHON) -m tools.backends redis

soak: setup
	@$(VENV_PYTHON) -m tests.soak

fuzz: setup
	@$(VENV_PYTHON) -m tests.fuzz

screenshots: setup
	@$(VENV_PYTHON) -m tests.screens var/screens

bench: setup
	@$(VENV_PYTHON) -m pip install --quiet --disable-pip-version-check --requirement requirements-bench.txt
	@$(VENV_PYTHON) -m benchmarks

lock:
	UV_CUSTOM_COMPILE_COMMAND='make lock' uv pip compile --quiet --universal --python-version 3.11 \
		--no-emit-index-url --annotation-style line --output-file requirements.txt requirements.in
	UV_CUSTOM_COMPILE_COMMAND='make lock' uv pip compile --quiet --universal --python-version 3.11 \
		--no-emit-index-url --annotation-style line --output-file requirements-dev.txt \
		requirements-dev.in
	UV_CUSTOM_COMPILE_COMMAND='make lock' uv pip compile --quiet --universal --python-version 3.11 \
		--no-emit-index-url --annotation-style line --output-file requirements-bench.txt \
		requirements-bench.in

# Strict: a package that nobody could be asked about is a failure, not a pass.
audit:
	uvx pip-audit@2.10.1 --strict --no-deps --disable-pip \
		--requirement requirements.txt --requirement requirements-dev.txt
