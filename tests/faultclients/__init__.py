"""What real clients make of each fault: asked over a real socket, and kept in docs/faults.md.

The docstrings of the faults say it of openai, requests and aiohttp, in sentences made from there.

python -m tests.faultclients --write              from the root of the repository
python -m tests.faultclients --column "openai 2"  one client, as JSON
"""
