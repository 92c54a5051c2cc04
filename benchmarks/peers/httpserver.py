"""pytest-httpserver in a process of its own; arguments: the port, and a file with the reply.

Run with the interpreter of an environment that has it; nothing else is imported.
"""

import logging
import signal
import sys
from pathlib import Path

from pytest_httpserver import HTTPServer


def main() -> None:
    """Answer every POST until ended."""
    port, reply = int(sys.argv[1]), Path(sys.argv[2])
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line for each request
    server = HTTPServer("127.0.0.1", port)
    expected = server.expect_request("/v1/images/generations", method="POST")
    expected.respond_with_data(reply.read_text("utf-8"), content_type="application/json")
    server.start()
    signal.pause()


if __name__ == "__main__":
    main()
