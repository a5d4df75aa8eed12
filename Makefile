# Two targets do everything on a fresh machine with python3 (3.11 or newer) and make: `make demo` and `make test`.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
GAARF  := .venv-gaarf
BQ     := .venv-bigquery
# Many tests wait for a sandbox of their own: three at a time keep two cores busy.
JOBS   ?= 3
# The slow tests mostly wait for answers that do not come: twice as many of them as cores keep the cores busy.
WAITING ?= 4

# Compiled bytecode halves the start-up of every command; a shell may have switched it off.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install demo test verify lint bench cassettes constraints system-packages clean

help:
	@echo "make demo      watch adsync do its job on an embedded Google, without any credentials"
	@echo "make test      lint, types, import rules and all tests that fit in twelve minutes"
	@echo "make verify    what takes longer"
	@echo "make lint      ruff, mypy, import-linter"
	@echo "make bench     speed and memory, as ratios against named alternatives"
	@echo "make clean     remove the environment and every cache"

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "adsync needs Python 3.11 or newer, this is " + sys.version.split()[0])'
	@test -x $(BIN)/python || { echo "Creating $(VENV) ..."; $(PYTHON) -m venv $(VENV); }
	@echo "Installing adsync and its tools into $(VENV) (a minute or two, once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@$(BIN)/python -m compileall -q adsync
	@touch $(STAMP)

install: $(STAMP)

demo: $(STAMP)
	@$(BIN)/adsync demo

# Cron, a clock that can be sped up, and a browser: what the end-to-end tests drive. Without root the tests say so.
system-packages:
	@sh .ci/system-packages

lint: $(STAMP)
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --verbose > /dev/null 2>&1 || $(BIN)/lint-imports
	@echo "ruff, mypy and import-linter pass"

test: $(STAMP) lint system-packages
	@$(BIN)/python -m compileall -q adsync tests
	@$(BIN)/pytest -n $(JOBS) -m "not slow" -q

verify: $(STAMP) $(GAARF)/.installed $(BQ)/.installed lint system-packages
	@HYPOTHESIS_PROFILE=search $(BIN)/pytest -n $(JOBS) -m "not slow" -q
	@$(BIN)/pytest -n $(WAITING) --dist=worksteal -m slow -q

# A report fetcher of others that must run on the sandbox unchanged; it pins what adsync does not.
$(GAARF)/.installed: tests/programs/gaarf-constraints.txt
	@test -x $(GAARF)/bin/python || $(PYTHON) -m venv $(GAARF)
	@echo "Installing gaarf into $(GAARF) ..."
	@$(GAARF)/bin/python -m pip install --quiet --disable-pip-version-check \
		--constraint tests/programs/gaarf-constraints.txt google-ads-api-report-fetcher
	@touch $@

# An emulator of BigQuery, half a gigabyte, with an older DuckDB than adsync's.
$(BQ)/.installed: tests/programs/bigquery-constraints.txt
	@test -x $(BQ)/bin/python || $(PYTHON) -m venv $(BQ)
	@echo "Installing a BigQuery emulator into $(BQ) ..."
	@$(BQ)/bin/python -m pip install --quiet --disable-pip-version-check \
		--constraint tests/programs/bigquery-constraints.txt bqemulator duckdb-extensions duckdb-extension-spatial numpy
	@touch $@

bench: $(STAMP)
	@$(BIN)/python -m tests.benchmarks

# Records the GA4 and OAuth exchanges of a running sandbox; see docs/developing.md for a Google test account.
cassettes: $(STAMP)
	@$(BIN)/pytest -q tests/contract/test_cassettes.py --record

# The versions that are installed everywhere; needs uv.
constraints:
	@uv pip compile --quiet --universal --python-version 3.11 --all-extras --no-annotate --no-header \
		pyproject.toml --output-file constraints.txt

clean:
	@rm -rf $(VENV) $(GAARF) $(BQ) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
