# Every target sets up what it needs, from a bare python3 of 3.11 or later.

PYTHON ?= python3
BIN := .venv/bin
OLD := .venv-openai2/bin

.PHONY: serve test check format bench clean

serve: .venv/.ready
	$(BIN)/stepfun-mock serve $(ARGS)

test: .venv/.ready .venv-openai2/.ready
	$(OLD)/python -m pytest -q -o addopts= tests/test_openai_sdk.py
	$(BIN)/python -m pytest --cov --cov-report=term $(ARGS)

check: .venv/.ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: .venv/.ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/.ready
	$(BIN)/python -m compileall -q stepfun_mock
	$(BIN)/python -m benchmarks $(ARGS)

clean:
	rm -rf .venv .venv-openai2 build dist .coverage* .mypy_cache .pytest_cache .ruff_cache

# openai 3 stands on httpx2, openai 2 on httpx; they cannot share an environment.
.venv/.ready: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable . --group test --group openai3 --group lint
	touch $@

.venv-openai2/.ready: pyproject.toml
	$(PYTHON) -m venv .venv-openai2
	$(OLD)/python -m pip install --quiet --upgrade pip
	$(OLD)/python -m pip install --quiet --editable . --group test --group openai2
	touch $@
