# Everything happens in .venv; nothing is installed outside of it.

VENV := .venv
BIN := $(VENV)/bin
# Choose another with `make setup PYTHON=/path/to/python3.12`.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)

.DEFAULT_GOAL := help
# Tests run in one process more than there are cores, for those in real time wait most of the time;
# `tests/conftest.py` says which stay together. `make test WORKERS=0` runs all in one.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')
PYTEST := $(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder
FAST_TESTS := tests/test_house.py tests/test_imports.py $(wildcard tests/engine/test_*.py) \
	$(addprefix tests/engine/,control dreaming dsp io ipc packs targets)
# How long `make soak` plays, and its other options: `python -m tests.soak --help`.
SOAK ?= 10m
MYPY := MYPYPATH=$(VENV)/mypy $(BIN)/mypy --num-workers auto

.PHONY: help setup demo check test soak test-soak fuzz walk site pictures plugin-wheel dist fresh app try-app release lint format clean

help: ## Show this list.
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | \
		awk -F '\t' '{ printf "make %-12s %s\n", $$1, $$2 }'

setup: $(VENV)/.dev ## Make .venv with all that development needs.

demo: $(VENV)/.base ## Render a dream of a short phrase, with a figure; needs no torch.
	@$(BIN)/innerear demo demo-output

check: lint ## Check the code, then run the fast tests (about a minute), while you work.
	$(PYTEST) -m "not soak" $(FAST_TESTS)

test: lint ## Check the code, then run all tests but the long ones (minutes); list the ten slowest.
	@# Hundreds of tests start programs, which would compile themselves where nothing may keep bytecode.
	@$(BIN)/python -m compileall -q -j 0 cli engine exporters gui library models plugin
	$(PYTEST) -m "not soak" --durations=10

soak: $(VENV)/.dev ## Play while everything happens that may, and report; for hours: SOAK=8h.
	$(BIN)/python -m tests.soak $(SOAK)

test-soak: $(VENV)/.dev ## Run the long tests.
	$(BIN)/pytest -m soak

SECONDS ?= 600
fuzz: $(VENV)/.dev ## Give hostile input to every reader, for SECONDS=600 in all.
	PYTHONPATH=$(VENV)/mypy $(BIN)/python -m tests.fuzz.run --seconds $(SECONDS)

walk: $(VENV)/.dev ## Walk through the window on a display without a screen; pictures go to walk/.
	xvfb-run -a -s "-screen 0 1920x1080x24" env QT_QPA_PLATFORM=xcb \
		INNEREAR_WALK_PICTURES=walk $(BIN)/pytest -m soak tests/realtime/test_walk.py

site: $(VENV)/.dev ## Build the documents as a site in site/, with sounds and notebooks (minutes).
	$(BIN)/python -m innerear.docs.making.sounds build/site/sounds
	$(BIN)/python -m innerear.docs.making.notebooks build/site/notebooks
	$(BIN)/mkdocs build --strict

pictures: $(VENV)/.dev ## Renew the pictures of the documents that need nothing special (minutes).
	$(BIN)/python -m innerear.docs.making.pictures

plugin-wheel: $(VENV)/.dev ## Pack the built plug-in into a wheel for Linux on x86-64, in dist/.
	$(BIN)/python -m innerear.plugin.wheel dist

dist: $(VENV)/.release ## Build sdist, wheel and packed models of the last commit, twice, into dist/.
	$(BIN)/python release/distributions.py dist

fresh: ## Install the wheel of dist/ where nothing else is, dream, open the window; say how long it took.
	$(PYTHON) release/fresh_install.py dist --pictures dist/pictures

app: ## Build the program that needs no Python, of the wheel in dist/.
	$(PYTHON) release/make_app.py dist

try-app: $(VENV)/.base ## Start that program where no Python is to be found; pictures go to dist/pictures/.
	$(BIN)/python release/try_app.py dist/innerear-linux-*.tar.gz --picture dist/pictures/app.png

release: $(VENV)/.release ## Release a version: make release VERSION=0.2.0 [OPTIONS=--dry-run].
	$(BIN)/python release/new_version.py $(VERSION) $(OPTIONS)

lint: $(VENV)/.dev ## Check style, types and the direction of imports.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(MYPY) -p innerear.engine -p innerear.exporters -p innerear.models -p innerear.gui -p innerear.library \
		-p innerear.plugin -p innerear.desktop -p innerear.cli -p innerear.docs.making
	@# The examples are checked as a user's code is, against the types that the package ships. Scripts
	@# import one another by the names of their files.
	MYPYPATH=$(VENV)/mypy:examples:release $(BIN)/mypy --explicit-package-bases examples release
	$(BIN)/lint-imports

format: $(VENV)/.dev ## Put the code into its common shape.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## Remove what was made here, .venv and the compiled callback included: `make setup` makes them again.
	rm -rf $(VENV) build dist demo-output walk soak site *.egg-info .pytest_cache .mypy_cache .ruff_cache \
		.hypothesis .import_linter_cache .fuzz engine/kernel/_compiled.*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# An environment that plays: everything but torch.
$(VENV)/.base: pyproject.toml | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[play]'
	@touch $@

# An environment that trains, exports and tests as well.
$(VENV)/.dev: pyproject.toml | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@# mypy does not see an editable install, and this folder may have any name.
	@mkdir -p $(VENV)/mypy && ln -sfn "$(CURDIR)" $(VENV)/mypy/innerear
	@touch $(VENV)/.base $@

# An environment that builds what is given away.
$(VENV)/.release: $(VENV)/.base
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[release]'
	@touch $@

$(BIN)/python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "Python 3.11 or newer is missing; on Debian and Ubuntu: apt install python3 python3-venv" >&2; exit 1; fi
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "Python cannot make virtual environments; on Debian and Ubuntu: apt install $$($(PYTHON) -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')" >&2; exit 1; }
	@echo "Setting up $(VENV), once; this takes a few minutes."
	@$(PYTHON) -m venv $(VENV)
