"""The page of a server: what came in, with its pictures, as it comes; and what comes next."""

from stepfun_mock.inspector.inspector import Inspector

__all__ = ["Inspector"]
