"""`python -m stepfun_mock` is the command `stepfun-mock`."""

from stepfun_mock.cli import main

main(prog_name="stepfun-mock")
