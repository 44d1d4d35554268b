# make run: the journal on this machine.  make test: everything that must hold.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8000
DEMO_SIZE ?= school
JUDGES ?= /tmp/judges
SECONDS_EACH ?= 300
WORDS := $(patsubst %.po,%.mo,$(wildcard app/translations/*/LC_MESSAGES/*.po))

.PHONY: run test bench scale reliability judges
.DEFAULT_GOAL := help

help: ## what can be asked for
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST)

$(VENV)/run: requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet -r requirements.txt
	@touch $@

$(VENV)/dev: requirements.txt requirements-dev.txt requirements-bench.txt
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

bench: $(VENV)/dev $(WORDS) ## how fast it is, next to references of the same run; see docs/performance.md
	@sh bench/need_programs.sh
	$(BIN)/python -m bench

scale: $(VENV)/dev $(WORDS) ## several hosts behind nginx, stopped, killed and upgraded under load; writes docs/scale.md
	@sh tests/need_programs.sh
	$(BIN)/python -m deploy.rehearsal

reliability: $(VENV)/dev $(WORDS) ## kill, stop and fill up everything at length, and write docs/reliability.md
	@sh tests/need_programs.sh
	FAULTS=full $(BIN)/pytest -n 1 --junitxml instance/faults.xml tests/faults tests/browser/test_database_goes_away.py \
	  tests/test_many_clients.py tests/test_serve.py tests/test_reload.py tests/test_several_hosts_under_load.py tests/rights $(wildcard tests/test_fuzz*.py)
	$(BIN)/python -m tests.reliability instance/faults.xml

$(JUDGES)/ready: requirements-judges.txt requirements-wapiti.txt
	$(PYTHON) -m venv $(JUDGES)/tools
	$(JUDGES)/tools/bin/pip install --quiet -r requirements-judges.txt
	$(PYTHON) -m venv $(JUDGES)/wapiti
	$(JUDGES)/wapiti/bin/pip install --quiet -r requirements-wapiti.txt
	@touch $@

judges: $(VENV)/dev $(WORDS) $(JUDGES)/ready ## independent judges against a demo on this machine, SECONDS_EACH seconds each
	JUDGES=$(JUDGES) SECONDS_EACH=$(SECONDS_EACH) $(BIN)/python -m judges
