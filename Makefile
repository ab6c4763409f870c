.DEFAULT_GOAL := help
.PHONY: help setup demo test test-fast test-deep chaos check check-python check-sdk check-page test-sdk test-page soak hostile audit bench bench-ui screenshots dist image stop stop-engine lock clean
MAKEFLAGS += --no-print-directory
export PYTHON ?= python3
# Where this is set every program that a test starts compiles all it imports.
unexport PYTHONDONTWRITEBYTECODE
BIN := .venv/bin
# Several files of tests at a time, for most of them wait: for containers, for Redis, for a program to start. In the order that
# tests/conftest.py gives them: else those with a single long test come last, and one of them is waited for alone.
IN_PARALLEL := --dist loadfile --no-loadscope-reorder -n 3

# None of these waits for another, and each needs most of one CPU.
CHECKS := check-python check-sdk check-page
SIDE_BY_SIDE := $(MAKE) --jobs=2 --output-sync=target

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Bring this machine to where everything below works: packages, .venv, Docker engine, base image
	@scripts/host-packages
	@scripts/venv
	@scripts/engine start
	@images/ensure-base >/dev/null

demo: setup ## Start the orchestrator, deploy an example, run it and show what happened
	@$(BIN)/orchestrator demo

test: setup ## Check the code, then run every test against real Docker and Redis
	@scripts/venv
	@$(SIDE_BY_SIDE) $(CHECKS) test-sdk test-page
	@$(BIN)/pytest $(IN_PARALLEL) $(PYTEST_ARGS)

test-fast: ## The tests that need neither Docker nor a browser, with few examples of each property
	@scripts/venv
	@$(BIN)/pytest $(IN_PARALLEL) -m "not docker and not browser" --hypothesis-profile=quick $(PYTEST_ARGS)

check: ## Lint, formatting, types and import contracts
	@scripts/venv
	@$(SIDE_BY_SIDE) $(CHECKS)

check-python:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check-sdk check-page test-sdk test-page:
	@scripts/npm $(if $(findstring sdk,$@),sdk/typescript,ui) $(firstword $(subst -, ,$@))

test-deep: setup ## The deep and wide trees at their full size: 200 containers one after the other
	@ORCHESTRATOR_TEST_WIDTH=200 $(BIN)/pytest tests/e2e/test_capacity.py --durations=0 $(PYTEST_ARGS)

chaos: setup ## Kill every part at random under a load of 500 runs, and check that nothing is lost (CHAOS_ARGS="--minutes 10")
	@$(BIN)/python -m tests.chaos $(CHAOS_ARGS)

soak: setup ## A mixed load for half an hour: fails when memory, files, Redis or disk go on growing (SOAK_ARGS="--minutes 5")
	@$(BIN)/python -m tests.soak $(SOAK_ARGS)

hostile: setup ## Containers that try to harm all others, one way after the other: fails when one does (HOSTILE_ARGS="frame --every 2")
	@$(BIN)/python -m tests.hostile $(HOSTILE_ARGS)

audit: ## Look up the pinned dependencies in lists of known faults, and write dist/sbom-*.json
	@scripts/audit

bench: setup ## Measure, and print the numbers beside plain Docker's
	@$(BIN)/orchestrator bench
	@$(BIN)/python -m bench

bench-ui: setup ## Measure the page in Chromium: sizes, paint, a tree of 10,000 runs, 500 changes a second (BENCH_UI_ARGS=leak: only what an hour leaves)
	@scripts/npm ui build >/dev/null
	@$(BIN)/python -m tests.ui.support.bench $(BENCH_UI_ARGS)

screenshots: setup ## Take the pictures of the page for docs/images
	@$(BIN)/python -m tests.ui.support.screenshots

dist: ## Build the packages that pip, pipx and uv install, into dist/
	@scripts/venv
	@scripts/dist

image: setup ## Build the image of the orchestrator itself, for compose.yaml
	@scripts/image

stop: ## Stop the orchestrator that the demo started
	@$(BIN)/orchestrator down

stop-engine: ## End the dockerd that make setup started, if it started one
	@scripts/engine stop

lock: ## Write requirements.lock anew from pyproject.toml (needs uv)
	@scripts/lock --upgrade

clean: ## Remove .venv and caches; images, runs and logs stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
