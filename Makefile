# The commands of the project; the work is done in tools/ and config/. `make help` is made from the
# `##` comments here: behind a target what it does, on a line of its own a heading.

# Any Python from 3.11 on; an older one looks for a newer one on PATH.
PYTHON ?= python3
VENV_PYTHON := .venv/bin/python

# A shell may have them for another Python, or so that `-m` finds nothing here.
unexport PYTHONHOME PYTHONOPTIMIZE PYTHONPATH PYTHONSAFEPATH

.DEFAULT_GOAL := help
.PHONY: help setup run reset totp shell manage format check test test-e2e test-faults \
	test-postgres test-redis coverage soak fuzz screenshots bench lock audit

help:
	@awk '/^## / { printf "%s%s\n", gap, substr($$0, 4); gap = "\n" } \
		/^[a-z0-9-]+:.* ## / { name = $$1; sub(":.*", "", name); \
			sub("^[^#]*## ", ""); printf "  make %-14s %s\n", name, $$0 }' $(MAKEFILE_LIST)

## The product on this machine

setup: ## environment, packages, a Chromium, a .env; again: under a second
	@$(PYTHON) -m tools.setup

# The option lets the runner end when make itself is killed.
run: setup ## the site, a worker and the simulator, until Ctrl-C; PORT=, SIMULATOR_PORT=
	@$(VENV_PYTHON) -m config.run --end-with-parent

reset: setup ## fresh demo data: deletes the database in var/; not while `make run` is running
	@$(VENV_PYTHON) -m config.run.reset

totp: setup ## a current code of the demo superadmin's second step
	@$(VENV_PYTHON) -m tools.totp

shell: setup ## Python with Django and the models loaded
	@$(VENV_PYTHON) manage.py shell

manage: setup ## any management command: C="seed_demo --referidos 500"; without C the list
	@$(VENV_PYTHON) manage.py $(C)

## Before a commit

format: setup ## put code and templates into form, and fix what is safe to fix
	@$(VENV_PYTHON) -m ruff check --fix-only .
	@$(VENV_PYTHON) -m ruff format .
	@$(VENV_PYTHON) -m djlint templates --reformat --quiet || true # 1 means that it changed some

check: setup ## style, types, imports, templates, migrations, sizes, deployment settings
	@$(VENV_PYTHON) -m tools.checks

test: setup $(if $(T),,check) ## check, unit and integration tests, the main job; T=path: only those tests
	@$(VENV_PYTHON) -m pytest $(if $(T),$(T), \
		-n 5 --dist worksteal -m 'not e2e or essential' --durations 10 --durations-min 1)

## More tests

test-e2e: setup ## everything end to end: real processes, a real Chromium
	@$(VENV_PYTHON) -m pytest -n 3 --dist worksteal tests/e2e

test-faults: setup ## faults done for real: processes, people, deploys, surroundings
	@$(VENV_PYTHON) -m pytest -n 2 --dist worksteal tests/faults

test-postgres: setup ## the tests on PostgreSQL (TEST_DATABASE_URL)
	@$(VENV_PYTHON) -m tools.backends postgres

test-redis: setup ## kills and the main job with Redis as the broker (TEST_REDIS_URL)
	@$(VENV_PYTHON) -m tools.backends redis

coverage: setup ## how much of the code the unit and integration tests run
	@$(VENV_PYTHON) -m pytest -n 4 --dist worksteal --cov --cov-report=term:skip-covered \
		tests/unit tests/integration

soak: setup ## 2,000 lookups amid random faults: nothing is lost, nothing leaks
	@$(VENV_PYTHON) -m tests.soak

fuzz: setup ## 20,000 damaged pages for the parsers
	@$(VENV_PYTHON) -m tests.fuzz

## Now and then

screenshots: setup ## every page and state as a picture, in var/screens
	@$(VENV_PYTHON) -m tests.screens var/screens

bench: setup ## the measurements of benchmarks/, into docs/benchmarks.md
	@$(VENV_PYTHON) -m pip install --quiet --disable-pip-version-check --requirement requirements-bench.txt
	@$(VENV_PYTHON) -m benchmarks

lock: ## pin the packages anew (needs uv)
	UV_CUSTOM_COMPILE_COMMAND='make lock' uv pip compile --quiet --universal --python-version 3.11 \
		--no-emit-index-url --annotation-style line --output-file requirements.txt requirements.in
	UV_CUSTOM_COMPILE_COMMAND='make lock' uv pip compile --quiet --universal --python-version 3.11 \
		--no-emit-index-url --annotation-style line --output-file requirements-dev.txt \
		requirements-dev.in
	UV_CUSTOM_COMPILE_COMMAND='make lock' uv pip compile --quiet --universal --python-version 3.11 \
		--no-emit-index-url --annotation-style line --output-file requirements-bench.txt \
		requirements-bench.in

# Strict: a package that could not be checked is a failure, not a pass.
audit: ## known vulnerabilities of the pinned packages (needs uv and a network)
	uvx pip-audit@2.10.1 --strict --no-deps --disable-pip \
		--requirement requirements.txt --requirement requirements-dev.txt
