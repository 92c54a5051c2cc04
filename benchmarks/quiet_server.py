"""The mock on the port given as the only argument, as `stepfun-mock serve` but without its log."""

import sys

from stepfun_mock import StepfunMock
from stepfun_mock.transports.asgi import Application
from stepfun_mock.transports.server import Server, bind

if __name__ == "__main__":
    Server(Application(StepfunMock()), bind("127.0.0.1", int(sys.argv[1]))).run_until_stopped()
