"""What the mock and each server peer answer to the same requests, told by what came back."""

import http.client
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus

from benchmarks.harness import BenchmarkError, body, say
from benchmarks.peers.peer import Behaviour
from benchmarks.peers.pictures import Found, Reply, found, generation
from benchmarks.peers.servers import SERVE, Contender, contenders, serving

FAILED = "it did not start, or broke off while it was asked"
"""What is said of a peer that was installed and could not be asked."""

_ODD: Mapping[str, tuple[str, object]] = {
    "`size: 7x7`": ("size", "7x7"),
    "`n: 9`": ("n", 9),
    "`seed: -1`": ("seed", -1),
    "`steps: 999`": ("steps", 999),
    "an empty prompt": ("prompt", ""),
}
_SIZE, _SEED = "the picture of `768x1360`, documented as height x width", "the same seed twice"
_LINK, _USUAL = "a link, fetched at once", "the documentation's example"
# Besides what fails on the way: links and items may be whatever their makers like.
_TROUBLES = (BenchmarkError, OSError, http.client.HTTPException, ValueError, AttributeError)


def behaviours() -> list[Behaviour]:
    """The mock first, then each peer.

    Raises:
        BenchmarkError: the mock could not be asked.
    """
    return [_behaviour(one) for one in (SERVE, *contenders())]


def _behaviour(contender: Contender) -> Behaviour:
    if contender.peer.missing:
        return Behaviour(contender.peer)
    try:
        with serving(contender) as server:
            return Behaviour(contender.peer, _answers(server.port))
    except _TROUBLES as problem:
        say(f"  {contender.peer.name}: {problem}")
        if contender is SERVE:
            raise BenchmarkError(f"the mock could not be asked: {problem}") from problem
        return Behaviour(replace(contender.peer, missing=FAILED))


def _answers(port: int) -> dict[str, str]:
    usual = generation(port, _parameters())
    odd = {
        asked: _odd(generation(port, _parameters(**{name: value})), usual, name)
        for asked, (name, value) in _ODD.items()
    }
    told = {_USUAL: f"{usual.status}, {len(usual.body):,} bytes"}
    return {**told, **odd, _SIZE: _size(port), _SEED: _seed(port), _LINK: _picture(port).where}


def _parameters(**changed: object) -> dict[str, object]:
    parameters: dict[str, object] = json.loads(body())
    return parameters | changed


def _odd(reply: Reply, usual: Reply, name: str) -> str:
    if reply.status != HTTPStatus.OK:
        return f"{reply.status}, {_named(reply, name)}"
    if reply.items == usual.items:
        return "200, the usual reply"
    return f"200, {len(reply.items)} pictures" if len(reply.items) > 1 else "200, a picture"


def _named(reply: Reply, name: str) -> str:
    word = re.compile(rf"\b{name}\b")
    if word.search(reply.body.decode(errors="replace")):
        return f"names `{name}`"
    return f"names `{name}` in a header" if word.search(reply.head) else "names no parameter"


def _size(port: int) -> str:
    picture = _picture(port, size="768x1360", response_format="b64_json")
    if picture.size is None:
        return f"no picture ({picture.where})"
    width, height = picture.size
    return f"{width} wide, {height} high"


def _seed(port: int) -> str:
    first, again, other = (
        generation(port, _parameters(seed=seed, response_format="b64_json")) for seed in (7, 7, 8)
    )
    if not all(reply.items for reply in (first, again, other)):
        return "no reply with a picture"
    shown = [found(port, reply.items[0]) for reply in (first, again, other)]
    if shown[0].size is None:
        return _alike("reply", [reply.items for reply in (first, again, other)])
    return _alike("picture", [picture.data for picture in shown])


def _alike(what: str, three: Sequence[object]) -> str:
    first, again, other = three
    if first != again:
        return f"another {what}"
    return f"the same {what}, as for any seed" if first == other else f"the same {what}"


def _picture(port: int, **changed: object) -> Found:
    items = generation(port, _parameters(**changed)).items
    return found(port, items[0]) if items else Found("no reply with a picture")
