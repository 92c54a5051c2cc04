"""The printed contract: complete in every form, and no wider than the terminal."""

import json
from pathlib import Path

import pytest

from stepfun_mock import contract, handbook, refusals
from stepfun_mock.choices import all_choices
from stepfun_mock.rules import RULES

ROOT = Path(__file__).parent.parent
NAMES = [
    *(row.name for row in contract.MODELS[0].parameters),
    *(row.name for row in contract.REPLY_FIELDS),
    *(rule.id for rule in contract.STATEMENTS),
    *(choice.name for choice in all_choices()),
    *(route.path for route in contract.ROUTES),
    *(tier.id for tier in contract.TIERS),
]


def plain(text: str, role: str) -> str:
    return text


@pytest.mark.parametrize("width", [120, 200])
def test_the_table_keeps_to_the_width_of_the_terminal(width: int) -> None:
    lines = handbook.as_table(width, plain).splitlines()
    assert max(map(len, lines)) <= width
    assert not any(line.endswith(" ") for line in lines)


@pytest.mark.parametrize("width", [10, 80])
def test_words_stay_whole_where_the_table_is_narrow(width: int) -> None:
    words = set(handbook.as_table(width, plain).split())
    assert {"error_description", "censorship_blocked", "negative_prompt.neutral"} <= words
    assert {source.url for source in contract.SOURCES if source.url} <= words


def test_a_painted_table_has_no_spaces_at_the_ends_of_its_lines() -> None:
    painted = handbook.as_table(100, lambda text, role: f"<b>{text}</b>")
    assert not any(line.removesuffix("</b>").endswith(" ") for line in painted.splitlines())


@pytest.mark.parametrize("form", [handbook.as_table(400, plain), handbook.as_markdown()])
def test_every_part_of_the_contract_is_printed(form: str) -> None:
    assert [name for name in NAMES if name not in form] == []
    assert "768x1360 is 1360 wide" in form
    assert all(str(row.status) in form for row in refusals.REFUSALS)


def test_painting_marks_titles_names_and_grades() -> None:
    painted = handbook.as_table(200, lambda text, role: f"<{role}>{text}</{role}>")
    roles = ("title", "heading", "name", "page", "vendor", "reported", "ours")
    assert all(f"<{role}>" in painted for role in roles)


def test_the_json_holds_every_table_with_sources_by_id() -> None:
    data = json.loads(handbook.as_json())
    assert [rule["id"] for rule in data["rules"]] == [rule.id for rule in RULES]
    assert {rule["source"] for rule in data["rules"]} <= {one["id"] for one in data["sources"]}
    assert data["link"] == {"prefix": "/image_gen/", "life_seconds": 7200}
    (steps,) = [row for row in data["models"][0]["parameters"] if row["name"] == "steps"]
    assert (steps["minimum"], steps["maximum"], steps["default"]) == (1, 50, 8)
    assert steps["grade"] == "page"


def test_tiers_and_latency_are_printed_with_their_sources() -> None:
    page = handbook.as_markdown()
    assert "| com/V0 | api.stepfun.com | 5 | 10 | vendor (china-prices) |" in page
    assert "| 7.4 | one picture of 1024x1024, on the plan | reported |" in page
    assert "| latency | 0 | reported, any from 0 |" in page
    assert "| rpm | none | any from 1 |" in page
    data = json.loads(handbook.as_json())
    assert data["tiers"][0] == {
        "host": "api.stepfun.ai",
        "name": "V0",
        "concurrency": 5,
        "rpm": 100,
        "source": "prices",
        "grade": "vendor",
    }
    assert (data["latency"]["seconds"], data["latency"]["grade"]) == (7.4, "reported")


def test_the_page_of_the_documentation_is_what_the_command_prints() -> None:
    page = ROOT / "docs" / "contract.md"
    assert page.read_text("utf-8") == handbook.as_markdown(), (
        "docs/contract.md is old: run stepfun-mock contract --format markdown > docs/contract.md"
    )
