"""`python -m stepfun_mock` is the command `stepfun-mock`."""

import os
import sys

# `python -m` puts the current folder first, where a project's own files lie; what is not loaded
# by now, such as pathlib, may be one of them.
if sys.path[0] == "" or sys.path[0] == os.getcwd():  # noqa: PTH109
    del sys.path[0]

from stepfun_mock.cli import main

main(prog_name="stepfun-mock")
