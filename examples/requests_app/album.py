"""An album on requests: each picture is asked for as a link, and downloaded at once.

STEP_API_KEY=... python album.py album/ fox "a red fox in the snow"
"""

import os
import sys
from pathlib import Path

import requests

TIMEOUT = 60
"""Seconds."""


class FilteredError(Exception):
    """The service's filter held the picture back; other words may pass."""


class GoneError(Exception):
    """The link is dead; StepFun's live for two hours."""


def ask(prompt: str) -> str:
    """Ask for a picture, and get a link to it."""
    base_url = os.environ.get("STEP_BASE_URL", "https://api.stepfun.ai/v1")
    reply = requests.post(
        f"{base_url}/images/generations",
        headers={"Authorization": f"Bearer {os.environ['STEP_API_KEY']}"},
        json={"model": "step-image-edit-2", "prompt": prompt, "response_format": "url"},
        timeout=TIMEOUT,
    )
    reply.raise_for_status()
    (item,) = reply.json()["data"]
    if item["finish_reason"] != "success":
        raise FilteredError(prompt)
    return str(item["url"])


def download(link: str) -> bytes:
    """Fetch a picture."""
    reply = requests.get(link, timeout=TIMEOUT)
    if reply.status_code == 404:
        raise GoneError(link)
    reply.raise_for_status()
    return reply.content


def add(album: Path, title: str, prompt: str) -> Path:
    """Put a new picture into an album, which is a folder."""
    picture = download(ask(prompt))  # at once: what is kept is the picture, not the link
    file = album / f"{title}.png"
    file.write_bytes(picture)
    return file


if __name__ == "__main__":
    print(add(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
