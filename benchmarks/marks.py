"""The part of a page that is written by a measurement: what stands between two marks."""

from pathlib import Path

from benchmarks.harness import BenchmarkError


def put(page: Path, name: str, text: str) -> None:
    """Put a text between the marks of this name.

    Args:
        page: A file in Markdown.
        name: The marks are `<!-- name: begin -->` and `<!-- name: end -->`.
        text: What is to stand there, without the last end of line.

    Raises:
        BenchmarkError: a mark is not there.
    """
    before, _, after = _parted(page, name)
    page.write_text(f"{before}\n{text}\n{after}", "utf-8")


def between(page: Path, name: str) -> str:
    """What stands between the marks of this name.

    Raises:
        BenchmarkError: a mark is not there.
    """
    return _parted(page, name)[1].strip("\n")


def _parted(page: Path, name: str) -> tuple[str, str, str]:
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    text = page.read_text("utf-8")
    if begin not in text or end not in text.partition(begin)[2]:
        raise BenchmarkError(
            f"{page.name} has lost the marks {begin} and {end}; put them where the text is to go"
        )
    before, _, rest = text.partition(begin)
    written, _, after = rest.partition(end)
    return before + begin, written, end + after
