# make run: the journal on this machine.  make test: everything that must hold.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8000

.PHONY: run test
.DEFAULT_GOAL := help

help: ## what can be asked for
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST)

$(VENV)/run: requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet -r requirements.txt
	@touch $@

$(VENV)/dev: requirements.txt requirements-dev.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet -r requirements-dev.txt
	@touch $@ $(VENV)/run

run: $(VENV)/run ## migrate and serve on http://HOST:PORT
	$(BIN)/flask --app wsgi db upgrade
	$(BIN)/flask --app wsgi run --host $(HOST) --port $(PORT)

test: $(VENV)/dev ## linters, types, import rules, tests on SQLite and PostgreSQL
	@sh tests/need_postgres.sh
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest
