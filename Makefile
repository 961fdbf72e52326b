# What there is to do here; `make help` lists it. Needs Python 3.11 or later and make; pip is used as you have set it up.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install demo test check bench fuzz mutants docs lock clean

# `make PYTHON=/path/to/python3.11 …` where the one on PATH is not the one to use.
PYTHON ?= $(shell for python in python3.11 python3 python3.12 python3.13; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
VENV := .venv
BIN := $(VENV)/bin
N ?= 1000000
SEED ?=
PYTEST_ARGS ?= -n auto --timeout 300

help: ## This list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r name what; do \
		printf '  make %-8s %s\n' "$$name" "$$what"; done

install: $(VENV)/.installed ## Make .venv from the lock file, with this folder's gatepass in it
	@echo 'next: . $(BIN)/activate'

demo: $(VENV)/.installed ## Walk through the whole story: a 403 turned into a 200, and back
	@$(BIN)/python scripts/demo.py

test: $(VENV)/.installed ## Every test
	$(BIN)/pytest $(PYTEST_ARGS)

check: $(VENV)/.installed ## Format, lint, types, layers
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/pytest -q tests/test_architecture.py

bench: $(VENV)/.installed .venv-bench/.installed .venv-bench/simulator ## What is promised and what is measured; writes docs/reference/benchmarks.md
	$(BIN)/python -m bench

fuzz: $(VENV)/.installed ## Mutated requests and policies, N=1000000 of each, SEED=… to repeat a run
	$(BIN)/python scripts/fuzz_sigv4.py --n $(N) $(if $(SEED),--seed $(SEED))
	$(BIN)/python scripts/fuzz_policy.py --n $(N) $(if $(SEED),--seed $(SEED))

mutants: $(VENV)/.installed ## Mistakes planted in the source, and the test that notices each; WORDS=… for some
	$(BIN)/python scripts/mutants.py $(WORDS)

docs: $(VENV)/.installed ## Write docs/reference anew from the code
	$(BIN)/python scripts/docs.py

lock: ## Write requirements/*.lock anew: names, versions, hashes
	scripts/lock

clean: ## Remove what the other targets made
	rm -rf $(VENV) .venv-bench build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.installed: requirements/dev.lock pyproject.toml
	@scripts/venv '$(PYTHON)' $(VENV) requirements/dev.lock
	@$(BIN)/pip install --quiet --no-build-isolation --no-deps --editable .
	@touch $@

# Apart, because the peers pin other versions of what we use.
.venv-bench/.installed: requirements/bench.lock
	@scripts/venv '$(PYTHON)' .venv-bench requirements/bench.lock
	@touch $@

.venv-bench/simulator: $(wildcard bench/simulator/*) | $(VENV)/.installed .venv-bench/.installed
	@$(BIN)/python -m bench.simulator
	@if [ -d $@ ]; then touch $@; fi
