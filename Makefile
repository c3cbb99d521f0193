# One virtual environment, a lock file for readers and one for tests. `make help` lists the verbs.

PYTHON ?= python3
JOBS ?= auto
BIN := .venv/bin
INSTALLED := .venv/.installed
TESTABLE := .venv/.testable
BOOK := _build/html/index.html
BOOK_INPUTS := $(shell find analysis book notebooks data _config.yml _toc.yml -type f \
  ! -name '*.pyc' ! -path '*/.*' 2>/dev/null)

# xdist counts cores with their threads under another word
PYTEST = OMP_NUM_THREADS=1 $(BIN)/python -m pytest --dist loadfile \
  -n $(if $(filter auto,$(JOBS)),logical,$(JOBS))

COMPILE = $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header \
  --no-emit-index-url --quiet

export PIP_DISABLE_PIP_VERSION_CHECK := 1

# The environment names its own folder in its scripts: one that was moved is made anew, and so is one
# of another Python than the one that is asked for.
ASKED := $(if $(filter-out file,$(origin PYTHON)),$(shell \
  $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null))
THERE := $(shell $(BIN)/python -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
PLACE := $(shell cat $(INSTALLED) 2>/dev/null)
ifneq ($(PLACE),)
ifneq ($(PLACE),$(CURDIR))
$(shell test -L .venv || rm -rf .venv)
endif
endif
ifneq ($(ASKED),)
ifneq ($(THERE),)
ifneq ($(ASKED),$(THERE))
$(shell test -L .venv || rm -rf .venv)
endif
endif
endif

define install
$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode -r $(1) \
  || $(BIN)/python -m pip install --quiet --require-hashes -r $(1)
endef

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# one environment: nothing is installed into it while something else runs from it
.NOTPARALLEL:
.PHONY: help book test test-slow test-all quick lint types coverage mutate notebooks lock upgrade \
  audit clean

help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

book: $(INSTALLED) ## execute the notebooks and build the book into _build/html
	$(BIN)/smallcap book --jobs $(JOBS)

test: $(TESTABLE) lint $(BOOK) ## check style, the book and the package: all but what is slow
	$(PYTEST) -m "not slow" --nbval --nbval-current-env tests notebooks

test-slow: $(TESTABLE) ## the rest: kernels killed and limited, chapters at other dates, cell by cell
	$(PYTEST) -m slow --nbval --nbval-current-env tests notebooks

test-all: test test-slow ## everything


quick: $(TESTABLE) ## the checks that run no notebook and take no minutes
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(JOBS) -m "not slow and not notebooks" tests

lint: $(TESTABLE) ## check style with ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

notebooks: $(INSTALLED) ## run the committed notebooks again, store their outputs and the ledger
	$(BIN)/smallcap notebooks --refresh --jobs $(JOBS)

types: $(TESTABLE) ## check types with mypy
	$(BIN)/python -m mypy analysis

coverage: $(TESTABLE) ## the tests again, counting lines and branches; fails below 96 in a hundred
	$(BIN)/python -m coverage erase
	OMP_NUM_THREADS=1 $(BIN)/python -m coverage run -m pytest -n 0 tests
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report

mutate: $(TESTABLE) ## change the arithmetic by small steps, see whether a test notices (WHAT=FILE.py)
	$(BIN)/python -m pip install --quiet 'mutmut>=3.8,<4'
	$(BIN)/python distribution/mutate.py $(WHAT)

upgrade: COMPILE += --upgrade
upgrade: lock ## write the lock files with the newest versions there are

lock: $(INSTALLED) ## write the lock files from pyproject.toml, at the versions they hold
	$(COMPILE) pyproject.toml -o requirements.lock
	$(COMPILE) pyproject.toml --extra test -c requirements.lock -o requirements-test.lock
	printf 'uv\nflit_core>=3.9,<4\n' | $(COMPILE) - -o installer.lock

# a package that could not be asked about is not a clean one: without --strict it would pass
audit: $(INSTALLED) ## hold the locked packages against a list of known vulnerabilities (asks a service)
	$(BIN)/uv run --no-project --with pip-audit pip-audit --strict --require-hashes --disable-pip \
	  -r requirements.lock

clean: ## remove what can be built again (not .venv)
	rm -rf _build .pytest_cache .ruff_cache .hypothesis .coverage*

$(BOOK): $(INSTALLED) $(BOOK_INPUTS)
	$(BIN)/smallcap book --jobs $(JOBS)

# uv installs in seconds; where it finds no packages (an index that only pip knows), pip does it.
$(INSTALLED): requirements.lock installer.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' || { \
	  echo "$(PYTHON) is not Python 3.11, 3.12, 3.13 or 3.14: run make PYTHON=/path/to/python3.12" >&2; \
	  exit 1; }
	$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r installer.lock
	$(call install,requirements.lock)
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	echo "$(CURDIR)" > $@

$(TESTABLE): $(INSTALLED) requirements-test.lock
	$(call install,requirements-test.lock)
	touch $@
