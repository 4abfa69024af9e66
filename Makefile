# `make` lists the targets. `make serve` and `make test` need Python 3.10 or newer and make, and set up the rest in .venv.
# GNU make 3.81 (macOS) is enough.

ARGS   =
PYTHON =

# What is tried, in this order, unless PYTHON names one.
PYTHONS = python3.14 python3.13 python3.12 python3.11 python3.10 python3 python

BIN = .venv/bin
PIP = $(BIN)/python -m pip --quiet --quiet --disable-pip-version-check

# A .venv that was copied elsewhere, or whose Python has gone, is made anew.
VENV_IS_SOUND = $(shell test "$$(cat .venv/home 2>/dev/null)" = "$$(pwd -P)" && $(BIN)/python -c '' 2>/dev/null && echo yes)

# Compiled modules are kept: tests start Python some hundred times, and compiling takes most of such a start.
unexport PYTHONDONTWRITEBYTECODE

# Two targets at once would install into one .venv at once.
.NOTPARALLEL:

.PHONY: help serve test test-browser test-documents test-apart test-examples test-container test-replicas test-verify lint docs site bench attack mutants clean FORCE

help:
	@echo 'make serve   the fake on http://127.0.0.1:8080           make serve ARGS="--port 9000"'
	@echo 'make test    the test suite and the contract suite       make test ARGS="-k email"'
	@echo 'make test-browser  the dashboard in a real browser; needs Chromium'
	@echo 'make test-documents  the OpenAPI documents by schemathesis, openapi-python-client and Prism; needs npm'
	@echo 'make test-apart  interception of and beside libraries that fit with no others'
	@echo 'make test-examples  the programs in examples/, and docs/doors.md; needs Linux, Node.js, PHP, Ruby, Go and more'
	@echo 'make test-container  the steps of Dockerfile and compose.yaml, without Docker; needs Linux'
	@echo 'make test-replicas  several replicas on a Redis or Valkey server of the machine, behind nginx; needs both'
	@echo 'make test-verify  what make test does in part: every deviant, every alternative, all examples (minutes)'
	@echo 'make lint    ruff, codespell, mypy --strict, import-linter'
	@echo 'make docs    writes the generated tables of the docs anew'
	@echo 'make site    the docs as a site in build/site; needs Python 3.11 or newer'
	@echo 'make bench   the table of speeds                         make bench ARGS="..."'
	@echo 'make attack  requests by the ten thousand at servers of its own; exits with 1 if a bar is broken (minutes)'
	@echo 'make mutants  how many small changes of the code our tests notice (minutes)   make mutants ARGS="web"'
	@echo 'make clean   removes .venv and everything generated'
	@echo
	@echo 'Each sets up .venv by itself, with the newest Python found or with PYTHON=...'

serve: .venv/ready-serve
	@exec $(BIN)/python -m fakekounta serve $(ARGS)

test: .venv/ready-test
	@echo 'Without those in a browser: make test-browser runs them.'
	@exec $(BIN)/python -m pytest -n auto --dist worksteal --order random $(ARGS)

test-browser: .venv/ready-browser
	@exec $(BIN)/python -m pytest tests/browser -n 3 --dist loadgroup $(ARGS)

test-documents: .venv/documents/ready
	@exec .venv/documents/bin/python -m pytest tests/documents -n 2 --dist loadfile $(ARGS)

test-apart: .venv/apart/ready
	@exec .venv/apart/bin/python -m pytest tests/apart $(ARGS)

test-examples: .venv/ready-test
	@exec $(BIN)/python -m pytest tests/examples -n 2 $(ARGS)

test-container: .venv/ready-test
	@exec $(BIN)/python -m pytest tests/container $(ARGS)

test-replicas: .venv/ready-test
	@exec $(BIN)/python -m pytest tests/replicas $(ARGS)

test-verify: .venv/ready-test
	@exec $(BIN)/python -m pytest -m 'whole_verification or hypothesis' --hypothesis-profile thorough -n 2 $(ARGS)

lint: .venv/ready-dev
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/codespell
	$(BIN)/python -m mypy --strict
	$(BIN)/lint-imports
	@PATH="$(BIN):$$PATH" $(BIN)/basedpyright --verifytypes fakekounta --ignoreexternal >.venv/types.txt \
	  || { cat .venv/types.txt; exit 1; }
	@grep completeness .venv/types.txt

docs: .venv/ready-test
	@$(BIN)/python docs/write_tables.py

site: .venv/site/ready
	@.venv/site/bin/sphinx-build --builder html --fail-on-warning --keep-going --nitpicky --quiet docs build/site
	@echo 'open build/site/index.html'

bench: .venv/ready-bench
	@exec $(BIN)/python benchmarks/run.py $(ARGS)

attack: .venv/ready-test
	@exec $(BIN)/python -m tests.attack $(ARGS)

mutants: .venv/ready-dev
	@exec $(BIN)/python -m tests.mutants $(ARGS)

clean:
	rm -rf .venv build dist htmlcov .coverage .coverage.* \
	  .hypothesis .import_linter_cache .mutants .mypy_cache .nox .pytest_cache .ruff_cache .schemathesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/ready-serve: .venv/home pyproject.toml
	@echo 'Installing fakekounta into .venv ...' >&2
	@$(PIP) install --editable .
	@touch $@

.venv/ready-test: .venv/home pyproject.toml
	@echo 'Installing fakekounta and its test dependencies into .venv ...' >&2
	@$(PIP) install --editable '.[test]'
	@touch $@ .venv/ready-serve

.venv/ready-browser: .venv/home pyproject.toml
	@echo 'Installing fakekounta and what drives a browser into .venv ...' >&2
	@$(PIP) install --editable '.[browser]'
	@touch $@ .venv/ready-serve .venv/ready-test

# Venvs of their own. schemathesis is a plugin of pytest, and what others choose must not decide what `make test` runs with.
# niquests brings a urllib3 of its own, which takes the place of the other one for all. Sphinx needs a newer Python.
APART = documents site apart

$(APART:%=.venv/%/ready): .venv/%/ready: .venv/home pyproject.toml
	@echo 'Installing fakekounta and the extra "$*" into .venv/$* ...' >&2
	@$(BIN)/python -m venv .venv/$*
	@.venv/$*/bin/python -m pip --quiet --quiet --disable-pip-version-check install 'pip>=21.3'
	@.venv/$*/bin/python -m pip --quiet --quiet --disable-pip-version-check install --editable '.[$*]'
	@touch $@

.venv/ready-dev: .venv/home pyproject.toml
	@echo 'Installing fakekounta and its development tools into .venv ...' >&2
	@$(PIP) install --editable '.[dev]'
	@touch $@ .venv/ready-serve .venv/ready-test .venv/ready-browser

.venv/ready-bench: .venv/ready-test $(wildcard benchmarks/requirements.txt)
	@if test -f benchmarks/requirements.txt; then \
	  echo 'Installing what the benchmarks compare with into .venv ...' >&2; \
	  $(PIP) install --requirement benchmarks/requirements.txt; \
	fi
	@touch $@

# The pip of Python 3.10.0 to 3.10.2 is too old for an editable install; any other satisfies the line without a download.
.venv/home: $(if $(VENV_IS_SOUND),,FORCE)
	@found=; unfit=; \
	for python in $(if $(PYTHON),'$(PYTHON)',$(PYTHONS)); do \
	  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1 || continue; \
	  if "$$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then found=$$python; break; fi; \
	  unfit=$$python; \
	done; \
	if test -z "$$found" && test -n "$$unfit"; then \
	  echo "error: $$unfit lacks the venv module: install it (Debian, Ubuntu: apt install python3-venv)" >&2; exit 1; \
	elif test -z "$$found"; then \
	  echo 'error: no Python 3.10 or newer found$(if $(PYTHON), as $(PYTHON),; name one with PYTHON=/path/to/python)' >&2; exit 1; \
	fi; \
	echo "Making .venv with $$found ..." >&2; \
	rm -rf .venv && "$$found" -m venv .venv
	@$(PIP) install 'pip>=21.3'
	@pwd -P > $@
