# Two commands on a fresh machine with Python >= 3.11 and make: `make demo` and `make test`.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
PYTEST := $(BIN)/python -m pytest -n 2 --dist worksteal

.PHONY: docs help setup demo test quick check format lock clean build notebooks

help: ## what each target does
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

setup: $(READY) ## make the locked environment in .venv

# uv is one wheel and installs the hash-locked set in seconds; a second run touches nothing.
$(READY): pyproject.toml requirements/lock.txt requirements/uv.txt
	$(PYTHON) -c 'import sys; sys.exit("csr needs Python 3.11 or newer, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	$(BIN)/uv pip sync --quiet --require-hashes --python $(BIN)/python requirements/lock.txt requirements/uv.txt
	$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --offline --python $(BIN)/python -e .
	touch $(READY)

demo: $(READY) ## real ADaM, and a simulated CAR-T study: build an interim report of each
	$(BIN)/csr build params/pharmaverse-adam.yaml
	rm -rf build/demo-study
	$(BIN)/csr demo build/demo-study
	$(BIN)/csr build build/demo-study/params/interim.yaml

test: $(READY) ## every test
	$(PYTEST)

quick: $(READY) ## the tests that take seconds
	$(PYTEST) -m "not slow"

check: $(READY) ## lint, format, types, the shape of the house
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/unit/test_house.py

format: $(READY) ## let ruff put the code in order
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(READY) ## write docs/params.md from the models
	$(BIN)/python -m csr.params.page > docs/params.md

lock: $(READY) ## resolve the lock files anew
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --group dev pyproject.toml -o requirements/lock.txt
	echo uv | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header - -o requirements/uv.txt

clean: ## remove the environment, builds and caches
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
