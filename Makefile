# Every target prepares its own virtual environment in .venv, from Python 3.11+ and nothing else.
# Installed versions are those of locks/; the environment is renewed when pyproject.toml or a lock changes.

# The newest suitable interpreter, or name one: make setup PYTHON=/path/to/python3.12
PYTHON  ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
             command -v $$p >/dev/null 2>&1 \
             && $$p -c 'import sys; sys.exit(not ((3, 11) <= sys.version_info[:2]))' 2>/dev/null \
             && { echo $$p; break; }; done)
WORKERS ?= 2
VENV    := .venv
BIN     := $(VENV)/bin
RUN     := $(BIN)/python run_sim.py
PYTEST  := $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile
SOURCES := sim tests docs run_sim.py
# Python 3.11 stops at older versions of Mesa, NumPy and SciPy than 3.12 and later; hence two locks.
LOCK     = locks/$(shell $(BIN)/python -c 'import sys; print("py311" if sys.version_info < (3, 12) else "py312")').txt

# One thread per process: two runs side by side use two cores better than one run with two threads.
NUMBA_NUM_THREADS ?= 1
export NUMBA_NUM_THREADS

.DEFAULT_GOAL := help
.PHONY: help setup docs demo test test-all serve bench lint format lock clean

help:
	@echo "make setup      everything into .venv (simulation, reports, sweeps, workshop, development tools)"
	@echo "make demo       run the main job: today's rules in all three care areas, with figures"
	@echo "make test       the fast tests"
	@echo "make test-all   all tests, the slow ones too"
	@echo "make serve      the workshop server"
	@echo "make docs       the documentation site, in build/docs"
	@echo "make bench      speed and memory, measured here and now"
	@echo "make lint       ruff and mypy     make format   let ruff put the code in order"
	@echo "make lock       renew locks/      make clean    remove .venv, caches and build output"

setup: $(VENV)/.all

demo: $(VENV)/.core
	$(RUN) demo

serve: $(VENV)/.all
	$(RUN) serve

bench: $(VENV)/.core
	$(RUN) bench

# The notebook in it is run, so that it takes some minutes. A warning ends it; nothing in the pages is loaded from elsewhere.
docs: $(VENV)/.all
	$(BIN)/python -m sphinx -W --keep-going -b html docs build/docs
	@echo "Open build/docs/index.html"

test: $(VENV)/.all
	$(PYTEST)

test-all: $(VENV)/.all
	$(PYTEST) -m "slow or not slow"

lint: $(VENV)/.all
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy

format: $(VENV)/.all
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

# Renews the lock of .venv's own Python. For both: make clean lock PYTHON=python3.11, then PYTHON=python3.12.
lock: $(VENV)/.all
	$(BIN)/pip-compile --quiet --upgrade --strip-extras --all-extras --no-header --annotation-style=line \
	  --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
	  --output-file $(LOCK) pyproject.toml

clean:
	rm -rf $(VENV) build dist .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- the environment ------------------------------------------------------------------------------------

INPUTS := pyproject.toml $(wildcard locks/*.txt)

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed and none was found. Install one (python.org, or your" \
	  "system's package python3.12), or name it: make setup PYTHON=/path/to/python3"; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] < (3, 11))' || { \
	  echo "$(PYTHON) is too old: Python 3.11 or newer is needed."; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "$(PYTHON) cannot make virtual environments. On Debian and Ubuntu: sudo apt install python3-venv"; exit 2; }
	$(PYTHON) -m venv $(VENV)

# The lock is a list of constraints: only what is asked for is installed.
define install
	@echo "Installing centralisation-sim$(EXTRAS) with the versions of $(LOCK)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint $(LOCK) --editable ".$(EXTRAS)"
	@touch $@
endef

$(VENV)/.core: EXTRAS =
$(VENV)/.core: $(INPUTS) | $(BIN)/python
	$(install)

$(VENV)/.all: EXTRAS = [report,sweep,workshop,docs,dev]
$(VENV)/.all: $(INPUTS) | $(BIN)/python
	$(install)
	@touch $(VENV)/.core
