# Every target makes the virtual environment that it needs.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo test parity lint docs bench clean

demo: .venv/demo.stamp  ## Real places through the bulk endpoints, then serve.
	@$(BIN)/python manage.py demo $(ARGS)

test: .venv/dev.stamp  ## On SQLite, on MariaDB where one answers, on PostgreSQL.
	DATABASE=sqlite $(BIN)/pytest -n 2 --cov --cov-report= --cov-fail-under=0 $(ARGS)
	@if $(BIN)/python -m demo_project.databases; then set -x; \
	  DATABASE=mariadb $(BIN)/pytest -n 2 -m "not once" \
	    --cov --cov-append --cov-report= --cov-fail-under=0 $(ARGS); \
	else echo "MariaDB is left out: none answers on 127.0.0.1:3306."; fi
	DATABASE=postgresql $(BIN)/pytest -n 2 -m "not once" --cov --cov-append $(ARGS)

parity: .venv/dev.stamp  ## Many random histories; PARITY_HISTORIES, DATABASE.
	PARITY_HISTORIES=$${PARITY_HISTORIES:-300} $(BIN)/pytest -n 2 -s tests/parity $(ARGS)

lint: .venv/dev.stamp docs  ## Style, types, who imports whom, migrations, docs.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	SQLITE_DB=:memory: $(BIN)/python manage.py makemigrations --check --dry-run

docs: .venv/dev.stamp  ## HTML under docs/_build/html.
	$(BIN)/sphinx-build -W --keep-going -n -q -b html docs docs/_build/html

bench: .venv/dev.stamp  ## Numbers; DATABASE=postgresql for the other database.
	$(BIN)/python -m tests.benchmarks $(ARGS)

clean:  ## What the targets made, but for the virtual environment.
	rm -rf build dist docs/_build htmlcov .coverage .coverage.* .hypothesis \
	  .import_linter_cache .mypy_cache .nox .pytest_cache .ruff_cache \
	  .schemathesis demo.sqlite3 demo.sqlite3-shm demo.sqlite3-wal
	find . -name __pycache__ -not -path "./.venv/*" -prune -exec rm -rf {} +

.venv/bin/python:
	$(PYTHON) -m venv .venv

# `--group` came with pip 25.1.
.venv/pip.stamp: | .venv/bin/python
	$(PIP) install --upgrade "pip>=25.1"
	@touch $@

.venv/demo.stamp: pyproject.toml .venv/pip.stamp
	$(PIP) install --editable ".[demo]"
	@touch $@

.venv/dev.stamp: pyproject.toml .venv/pip.stamp
	$(PIP) install --editable ".[openapi,demo]" --group dev
	@touch $@ .venv/demo.stamp
