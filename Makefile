# Two commands are all that a newcomer needs: make demo, make test.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
JOBS ?= 3

# The tests start Python hundreds of times; a tree without bytecode would be compiled each time.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test lint types layers format bench faults nightly docs clean

help:  ## Show this list.
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/ready: requirements/dev.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(VENV)/ready  ## Start the embedded server, apply the example, change it under load, roll it back.
	@$(BIN)/python scripts/demo.py

test: $(VENV)/ready  ## Run all tests on real servers.
	$(BIN)/pytest -n $(JOBS) --dist worksteal $(ARGS)

lint: $(VENV)/ready  ## Check style, types and the floors of the house.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/ready  ## Bring the sources into their form.
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format --quiet .

bench: $(VENV)/ready  ## Measure against peers and physical limits, in one run.
	$(BIN)/python -m benchmarks $(ARGS)

faults: $(VENV)/ready  ## Run the whole crash matrix.
	LOCKGATE_FAULTS=all $(BIN)/pytest tests/faults -n $(JOBS)

nightly: $(VENV)/ready  ## Run the long property tests.
	LOCKGATE_NIGHTLY=1 $(BIN)/pytest -n $(JOBS) -m "not supabase_cli"

clean:  ## Remove the environment and every cache.
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .lockgate
