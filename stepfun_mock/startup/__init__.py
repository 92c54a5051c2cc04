"""What a server starts with: flags, and a TOML file under them."""

from stepfun_mock.startup.startup import Startup as Startup
