"""The settings of a test run as the command line, the environment and the ini file have them.

A table that costs nothing to load, since every run of pytest loads it.
"""

VARIABLE_PREFIX = "STEPFUN_MOCK_PYTEST_"
"""Variables of their own, so that those of `stepfun-mock serve` change no test."""


class Option:
    """A setting as the command line, the environment and the ini file have it.

    A plain class: making a tuple or a dataclass of it takes ten times as long.

    Args:
        name: What it is called.
        about: What it does, for `--help`.
        metavar: What its value looks like, for `--help`.
        many: Whether it takes several values.
    """

    def __init__(self, name: str, about: str, metavar: str, many: bool = False) -> None:
        self.name = name
        self.about = about
        self.metavar = metavar
        self.many = many

    @property
    def flag(self) -> str:
        """The flag of the command line."""
        return f"--stepfun-{self.name.replace('_', '-')}"

    @property
    def ini(self) -> str:
        """The key in the ini file."""
        return f"stepfun_{self.name}"

    @property
    def variable(self) -> str:
        """The variable of the environment; several values have spaces between them."""
        return f"{VARIABLE_PREFIX}{self.name.upper()}"


OPTIONS = (
    Option("choice", "decide what the documentation leaves open; repeatable", "NAME=VALUE", True),
    Option(
        "advice",
        "what works here and hurts in life: a warning, an error, or nothing",
        "warn|error|off",
    ),
    Option("ignore_advice", "pass over this advice, as in link.*; repeatable", "ID", True),
    Option("unmet_faults", "whether faults that no request met fail a test", "error|allow"),
    Option("openai_variables", "whether OPENAI_API_KEY and OPENAI_BASE_URL are set too", "on|off"),
    Option("port", "port of stepfun_server; 0, the default, picks a free one", "PORT"),
)
