"""What a picture or its link gives where a fault says otherwise; `code` is the word in the link."""

from stepfun_mock.images import draw, jpeg
from stepfun_mock.message import Delivery, ImageRequest, Response

_PNG = (("content-type", "image/png"),)
_JPEG = (("content-type", "image/jpeg"),)
_HTML = (("content-type", "text/html; charset=utf-8"),)
_PAGE = b"<!doctype html>\n<html><body><p>Please sign in to see this picture.</p></body></html>\n"
_TEXT = b"This is no picture.\n"

REDIRECTED = "redirected"
"""The code of a link that points to another."""

FAULTS = {
    "turned": "turned_picture",
    "resized": "resized_picture",
    "jpeg": "jpeg_picture",
    "truncated": "truncated_picture",
    "flipped": "flipped_bit",
    "text": "not_a_picture",
    "dead": "dead_link",
    "slow": "slow_link",
    REDIRECTED: "redirected_link",
    "html": "html_link",
}
"""The faults, by the first word of their codes."""


def spoils(code: str) -> bool:
    """Whether a code leaves no good picture; a link that is slow or leads on gives one at last."""
    return bool(code) and code.partition(" ")[0] not in ("slow", REDIRECTED)


def dead(code: str) -> int | None:
    """The status with which a link of this code answers; None where it gives something."""
    word, _, status = code.partition(" ")
    return int(status) if word == "dead" else None


def shown(code: str, image: ImageRequest, seed: int) -> Response:
    """The picture of a request as a fault would have it.

    Args:
        code: A word, and its argument after a space; empty for the picture as it should be.
        image: What was asked for.
        seed: The seed given or drawn.
    """
    if (status := dead(code)) is not None:
        return Response(status)
    word, _, argument = code.partition(" ")
    if word == "html":
        return Response(200, _HTML, _PAGE)
    if word == "jpeg":
        return Response(200, _JPEG, jpeg(image.width, image.height, seed % 256))
    delivery = Delivery(delay=float(argument)) if word == "slow" else None
    return Response(200, _PNG, _file(word, argument, image, seed), delivery)


def _file(word: str, argument: str, image: ImageRequest, seed: int) -> bytes:
    if word == "text":
        return _TEXT
    if word == "turned":
        image = image._replace(size=f"{image.width}x{image.height}")
    elif word == "resized":
        image = image._replace(size=argument)
    file = draw(image, seed)
    if word == "truncated":
        return file[: len(file) // 2]
    if word == "flipped":
        return _flipped(file)
    return file


def _flipped(file: bytes) -> bytes:
    place = len(file) * 3 // 4  # behind the texts, among the pixels
    return b"%b%c%b" % (file[:place], file[place] ^ 1, file[place + 1 :])
