# make run      start the app            make test     every test, browser included
# make check    static checks and tests  make bench    the speed table of bench/README.md
#
# PYTHON is the interpreter (3.11 or newer) that creates the virtual environment in VENV.

PYTHON ?= python3
VENV ?= .venv
# Two wait for Chromium most of the time: two cores hold three.
WORKERS ?= 3
PORT ?= 8501

PY := $(VENV)/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check

.PHONY: help run test check static bench browser clean

help:
	@sed -n 's/^# make/make/p' $(MAKEFILE_LIST)

run: $(VENV)/app.stamp
	$(PY) -m streamlit run app.py --server.port $(PORT)

test: $(VENV)/dev.stamp browser
	$(PY) -m pytest -n $(WORKERS)

check: static test

static: $(VENV)/dev.stamp
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports --no-logo

bench: $(VENV)/dev.stamp browser
	$(PY) -m bench

browser: $(VENV)/dev.stamp
	@$(PY) tests/browser/install.py

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# A stamp is newer than the requirements it was installed from, so a changed pin installs again.
$(VENV)/app.stamp: requirements.txt | $(PY)
	$(PIP) -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements.txt requirements-dev.txt | $(PY)
	$(PIP) -r requirements-dev.txt
	@touch $@

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "rnnviz needs Python 3.11 or newer: try make PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV) || \
		{ rm -rf $(VENV); echo "no virtual environment: on Debian, apt install python3-venv" >&2; exit 1; }
