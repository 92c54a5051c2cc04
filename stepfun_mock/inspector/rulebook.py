"""The contract, as the page shows it."""

from typing import Any

from stepfun_mock.rules import RULES


def rules() -> dict[str, Any]:
    """The contract, rule by rule."""
    return {
        "rules": [
            {
                "id": rule.id,
                "part": rule.part,
                "statement": rule.statement,
                "grade": str(rule.grade),
                "source": {"title": rule.source.title, "url": rule.source.url},
            }
            for rule in RULES
        ]
    }
