# Every target sets up what it needs, from a bare python3 of 3.11 or later.

PYTHON ?= python3
BIN := .venv/bin
OLD := .venv-openai2/bin

.PHONY: serve test proof check format bench bench-peers clean

# The server alone, without the tools that develop it. ARGS="--port 9000" hands on flags.
serve: .venv/.serving
	$(BIN)/stepfun-mock serve $(ARGS)

# What takes long: run by `proof`, and not by `test`.
SLOW := tests/proving tests/suite tests/test_wheel.py tests/browser/test_accessibility.py
# Single tests that go by thousands, through all that is on the machine, or again by what openai 2 has been through.
LONG := tests/faultclients/test_fault_table.py::test_each_client_does_what_the_page_says \
	tests/test_examples.py::test_they_pass_outside_the_repository_without_a_key \
	tests/plugin/test_leaks.py::test_a_thousand_tests_leave_no_trace \
	tests/test_chaos.py::test_ten_thousand_requests_are_replayed_exactly \
	tests/test_images.py::test_every_interpreter_on_this_machine_draws_the_same_pixels \
	tests/test_records.py::test_20_000_requests_leave_no_more_than_10_000 \
	tests/browser/test_trouble.py::test_10_000_requests_keep_the_page_small_and_the_filter_quick
# What reaches the package through a browser or other programs, by itself: lines are not counted there, and what counts
# seconds is not beside it. The suite runs in one process: its tests share what was answered.
BESIDE := tests/browser tests/faultclients tests/test_architecture.py tests/test_curl.py \
	tests/test_examples.py tests/test_openai_sdk.py tests/test_readme.py tests/plugin/test_xdist.py
SKIPPED = $(addprefix --ignore=,$(SLOW)) $(addprefix --deselect=,$(LONG))
REST = $(SKIPPED) $(addprefix --ignore=,$(BESIDE)) tests examples

# Else each worker would compile all tests for itself, where the environment has Python keep nothing.
test proof: export PYTHONDONTWRITEBYTECODE =

test: .venv/.ready .venv-openai2/.ready
	$(OLD)/python -m pytest -q -n 4 --dist worksteal -o addopts= tests/test_openai_sdk.py tests/test_intercept.py \
		tests/test_respx.py tests/plugin/test_fixtures.py tests/plugin/test_server_fixture.py \
		tests/test_server.py tests/test_mockserver.py tests/test_wire_*.py tests/faultclients examples/openai_sdk
	$(BIN)/python -m pytest -q -n 4 --dist worksteal $(SKIPPED) $(BESIDE)
	$(BIN)/python -m pytest -q contracts
	$(BIN)/python -m pytest -q -n 4 --dist worksteal $(REST) $(ARGS)

# What is slow; the rest again, with the examples that `test` leaves out and lines counted; the contract suite on servers
# with one fault each, and on odd ones without any.
proof: .venv/.ready
	$(BIN)/python -m pytest -q -n 3 --dist worksteal $(SLOW) $(LONG)
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -q -n 4 --dist worksteal --hypothesis-profile thorough $(REST)
	$(BIN)/coverage combine -q
	$(BIN)/coverage report
	$(BIN)/stepfun-mock check --self-test

check: .venv/.ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pyrefly check --summary=none

format: .venv/.ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/.ready
	$(BIN)/python -m compileall -q stepfun_mock
	$(BIN)/python -m benchmarks $(ARGS)

# Beside other projects, which are installed into the user's cache folder. ARGS=--write keeps the page.
bench-peers: .venv/.ready
	$(BIN)/python -m compileall -q stepfun_mock
	$(BIN)/python -m benchmarks.peers $(ARGS)

clean:
	rm -rf .venv .venv-openai2 build dist .coverage* .mypy_cache .pytest_cache .ruff_cache

# An environment is made from nothing, so that one of an older Python does not stay.
define new_environment
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "stepfun-mock needs Python 3.11 or later: make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; exit 2; }
	@echo "setting up $(1) (once)" >&2
	@$(PYTHON) -m venv --clear $(1)
	@$(1)/bin/python -m pip install --quiet --upgrade pip
endef

.venv/.serving: pyproject.toml
	$(call new_environment,.venv)
	@$(BIN)/python -m pip install --quiet --editable .
	@touch $@

.venv/.ready: .venv/.serving
	@echo "adding the tests' and the linters' tools (once)" >&2
	@$(BIN)/python -m pip install --quiet --editable . --group test --group openai3 --group browser --group lint
	@touch $@

# openai 3 stands on httpx2, openai 2 on httpx; they cannot share an environment.
.venv-openai2/.ready: pyproject.toml
	$(call new_environment,.venv-openai2)
	@$(OLD)/python -m pip install --quiet --editable . --group test --group openai2
	@touch $@
