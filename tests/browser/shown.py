"""A mock with its page, on a port."""

import json
import threading
from typing import Any

from conftest import GENERATIONS, MINIMAL, item
from stepfun_mock import Request, Response, StepfunMock
from stepfun_mock.inspector import Inspector
from stepfun_mock.transports.asgi import Application
from stepfun_mock.transports.server import Server, bind

KEY = "sk-of-the-test-0123456789"
"""The key that is sent; it must be seen nowhere."""


class Shown:
    """A server that can be stopped, and started again on the same port.

    Args:
        mock: The core that answers.
    """

    def __init__(self, mock: StepfunMock) -> None:
        self.port = 0
        self._hold(mock)
        self.begin()

    def _hold(self, mock: StepfunMock) -> None:
        self.mock = mock
        self._page = Inspector(mock)

    @property
    def root(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"{self.root}/__stepfun_mock/"

    def begin(self) -> None:
        """Answer, on the port of before where there was one."""
        ready = threading.Event()
        application = Application(self.mock, page=self._page)
        self._server = Server(application, bind("127.0.0.1", self.port), on_ready=ready.set)
        self.port = self._server.port
        self._thread = threading.Thread(target=self._server.run_until_stopped, daemon=True)
        self._thread.start()
        assert ready.wait(10)

    def stop(self) -> None:
        """Answer no more."""
        self._server.stop()
        self._thread.join(10)
        assert not self._thread.is_alive()

    def become_another(self) -> None:
        """Be, once stopped, a server that knows nothing of before; to `begin` is left to do."""
        self._hold(StepfunMock())

    def ask(self, prompt: str = MINIMAL["prompt"], **fields: Any) -> Response:
        """Ask for a picture, as the openai SDK would."""
        return self.send(json.dumps({**MINIMAL, "prompt": prompt, **fields}).encode())

    def send(self, body: bytes) -> Response:
        """Send any body as a request for a picture."""
        headers = {
            "host": f"127.0.0.1:{self.port}",
            "authorization": f"Bearer {KEY}",
            "content-type": "application/json",
            "user-agent": "OpenAI/Python 3.54.0",
        }
        return self.mock.handle(Request("POST", GENERATIONS, headers, body))

    def fetch(self, reply: Response) -> Response:
        """Fetch the link of a reply, as a client would."""
        path, _, query = item(reply)["url"].removeprefix(self.root).partition("?")
        host = {"host": f"127.0.0.1:{self.port}"}
        return self.mock.handle(Request("GET", path, host, query=query))
