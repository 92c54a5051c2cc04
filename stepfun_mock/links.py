"""Signed picture links that expire, and carry all that is needed to draw the picture again.

Nothing is stored: any process with the same secret can serve a link.
"""

import base64
import binascii
import hmac
import json
import re
import time
import zlib
from hashlib import blake2b
from json.encoder import encode_basestring
from typing import NoReturn

from stepfun_mock.contract import LINK_PREFIX
from stepfun_mock.errors import RefusedError
from stepfun_mock.message import ImageRequest
from stepfun_mock.refusals import LINK_DEAD

_PATH = re.compile(rf"{LINK_PREFIX}([0-9]{{8}})/([0-9a-f]{{32}})\.png")
_QUERY = re.compile(r"(p=([A-Za-z0-9_-]+)&expires=([0-9]{1,20}))&signature=([0-9a-f]{32})")
_PLAIN, _PACKED = b"0", b"1"
_LONG = 160  # bytes
_DAY = 86400
_DIGEST = 32  # bytes, so 64 hex digits: half of them name the picture, half sign the link
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


class Links:
    """Makes and reads picture links.

    Args:
        secret: Signs the links; processes that share it can serve each other's.
        life: Seconds that a link lives, counted from the whole second in which it is made.

    Raises:
        ValueError: an empty secret, with which anybody could sign.
    """

    def __init__(self, secret: bytes, life: int) -> None:
        if not secret:
            raise ValueError(
                "the secret that signs links is empty; give some bytes, or none at all"
            )
        self._keyed = blake2b(digest_size=_DIGEST, key=blake2b(secret).digest())
        self._life = life
        self._day = (-1, "")

    def make(
        self,
        base: str,
        request: ImageRequest,
        seed: int,
        now: float,
        *,
        code: str = "",
        life: int | None = None,
    ) -> str:
        """Sign a link to the picture of `request` and `seed`.

        Args:
            base: Scheme and host that the client used, `http://127.0.0.1:8793`.
            request: What was asked for.
            seed: The seed given or drawn.
            now: The mock's time in Unix seconds, from which the link lives.
            code: How the picture is not as it should be; see `stepfun_mock.pictures`.
            life: Seconds that this link lives, where not as the others.
        """
        date = self._date(int(now) // _DAY)
        expires = int(now) + (self._life if life is None else life)
        query = f"p={_pack(request, seed, code)}&expires={expires}"
        digest = self._digest(date, query)
        return f"{base}{LINK_PREFIX}{date}/{digest[:32]}.png?{query}&signature={digest[32:]}"

    def read(self, path: str, query: str, now: float) -> tuple[ImageRequest, int, str]:
        """Give the request, the seed and the code of a link.

        Raises:
            RefusedError: `link.dead`; expired, forged and unknown links look alike.
        """
        place, parts = _PATH.fullmatch(path), _QUERY.fullmatch(query)
        if not place or not parts:
            _refuse()
        signed, payload, expires, signature = parts.groups()
        digest = self._digest(place[1], signed)
        if not hmac.compare_digest(digest, place[2] + signature) or now >= int(expires):
            _refuse()
        return _unpack(payload)

    def _digest(self, date: str, query: str) -> str:
        # Keyed BLAKE2 is a MAC by itself, and several times faster than HMAC of so few bytes.
        digest = self._keyed.copy()
        digest.update(f"{date}?{query}".encode())
        return digest.hexdigest()

    def _date(self, day: int) -> str:
        if self._day[0] != day:
            self._day = (day, time.strftime("%Y%m%d", time.gmtime(day * _DAY)))
        return self._day[1]


def _refuse() -> NoReturn:
    raise RefusedError(
        LINK_DEAD, "this picture link has expired or was never given; ask for the picture again"
    )


def _pack(request: ImageRequest, seed: int, code: str) -> str:
    texts = f"{encode_basestring(request.prompt)},{encode_basestring(request.negative_prompt)}"
    mode = "true" if request.text_mode else "false"
    figures = f'"{request.size}",{request.steps},{request.cfg_scale},{mode},{seed}'
    fault = f',"{code}"' if code else ""
    plain = f'["{request.model}",{texts},{figures}{fault}]'.encode()
    # Compressing the short ones costs more time than it saves characters.
    packed = _PLAIN + plain if len(plain) < _LONG else _PACKED + zlib.compress(plain, 6, -12)
    coded = binascii.b2a_base64(packed, newline=False).translate(_URL_SAFE)
    return coded.rstrip(b"=").decode()


def _unpack(payload: str) -> tuple[ImageRequest, int, str]:
    packed = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    plain = packed[1:] if packed[:1] == _PLAIN else zlib.decompress(packed[1:], -12)
    model, prompt, negative_prompt, size, steps, cfg_scale, text_mode, seed, *code = json.loads(
        plain
    )
    request = ImageRequest(
        model=model,
        prompt=prompt,
        size=size,
        n=1,
        response_format="url",
        seed=seed,
        steps=steps,
        cfg_scale=cfg_scale,
        negative_prompt=negative_prompt,
        text_mode=text_mode,
    )
    return request, seed, "".join(code)
