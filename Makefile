# make run: the journal on this machine.  make test: everything that must hold.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8000
DEMO_SIZE ?= school
WORDS := $(patsubst %.po,%.mo,$(wildcard app/translations/*/LC_MESSAGES/*.po))

.PHONY: run test bench
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

%.mo: %.po | $(VENV)/run
	$(BIN)/pybabel --quiet compile --input-file $< --output-file $@

run: $(VENV)/run $(WORDS) ## the journal on http://HOST:PORT; an empty database gets a demo school of DEMO_SIZE
	@$(BIN)/flask --app wsgi serve --host $(HOST) --port $(PORT) --demo $(DEMO_SIZE)

test: $(VENV)/dev $(WORDS) ## linters, types, import rules, known holes, tests on SQLite and PostgreSQL
	@sh tests/need_programs.sh
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive app admin_views wsgi.py
	$(BIN)/python tests/audit_packages.py
	$(BIN)/pytest

bench: $(VENV)/dev $(WORDS) ## how fast it is, next to references measured in the same run
	$(BIN)/python -m bench
