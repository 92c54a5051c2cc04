"""The pytest plugin, shown by test runs of its own: each test writes a suite and runs it."""
