# Everything runs from .venv, which any target makes and keeps up to date with requirements.lock.
#
#   make serve ARGS="--port 9000"    the stand-in
#   make test                        lint, types, import arrows, tests; PYTEST_ARGS for pytest
#   make lint                        the same without the tests
#   make media-matrix                every combination of what a file may be asked to be
#   make bench ARGS="startup"        benchmarks, see tests/bench
#   make format                      rewrite the sources as the linter wants them
#   make lock                        resolve requirements.lock anew (needs the network)

PYTHON ?= python3
ARGS ?=
PYTEST_ARGS ?=

BIN := .venv/bin
INSTALLED := .venv/installed

.PHONY: serve test lint media-matrix bench format lock clean

serve: $(INSTALLED)
	@exec $(BIN)/understudy serve $(ARGS)

test: lint
	$(BIN)/python -m pytest -n 2 $(PYTEST_ARGS)

lint: $(INSTALLED)
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

media-matrix: $(INSTALLED)
	@exec $(BIN)/python -m tests.media.matrix

bench: $(INSTALLED)
	@exec $(BIN)/python -m tests.bench $(ARGS)

format: $(INSTALLED)
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

lock: $(INSTALLED)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 \
		--generate-hashes --strip-extras --no-emit-index-url --no-annotate \
		--custom-compile-command "make lock" --quiet --output-file requirements.lock

clean:
	rm -rf .venv build dist

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Understudy needs Python 3.11; try make PYTHON=python3.11")'
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
