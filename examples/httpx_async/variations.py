"""Variations of one picture on async httpx: one prompt, several seeds, all asked for at once.

STEP_API_KEY=... python variations.py "a red fox in the snow" 1 2 3
"""

import asyncio
import base64
import os
import sys
from collections.abc import Iterable
from pathlib import Path

import httpx

TIMEOUT = 60
"""Seconds."""


async def variations(prompt: str, seeds: Iterable[int]) -> dict[int, bytes]:
    """A picture for each seed, but for those that the service's filter held back."""
    base_url = os.environ.get("STEP_BASE_URL", "https://api.stepfun.ai/v1")
    headers = {"Authorization": f"Bearer {os.environ['STEP_API_KEY']}"}
    async with httpx.AsyncClient(base_url=base_url, headers=headers, timeout=TIMEOUT) as client:
        drawn = await asyncio.gather(*(_draw(client, prompt, seed) for seed in seeds))
    return {seed: picture for seed, picture in drawn if picture is not None}


async def _draw(client: httpx.AsyncClient, prompt: str, seed: int) -> tuple[int, bytes | None]:
    body = {
        "model": "step-image-edit-2",
        "prompt": prompt,
        "seed": seed,
        "response_format": "b64_json",
    }
    reply = await client.post("/images/generations", json=body)
    reply.raise_for_status()
    (item,) = reply.json()["data"]
    if item["finish_reason"] != "success":
        return seed, None
    return seed, base64.b64decode(item["b64_json"])


if __name__ == "__main__":
    found = asyncio.run(variations(sys.argv[1], map(int, sys.argv[2:])))
    for number, png in found.items():
        Path(f"{number}.png").write_bytes(png)
