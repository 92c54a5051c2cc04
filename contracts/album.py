"""The pictures of the replies: taken out of Base64 or fetched by link, read, and compared."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from .evidence import base64text, pictures
from .evidence.errors import BrokenPictureError
from .evidence.pictures import Picture
from .exchange import Exchange, Trouble
from .noise import Noise
from .shot import Shot
from .verdict import CannotLookError, Verdict

# What stores of files say of whatever they hold, and other names of the same types.
_BYTES = ("application/octet-stream", "binary/octet-stream")
_OTHER_NAMES = {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/x-png": "image/png"}


class NoPictureError(Exception):
    """A reply without a picture that can be read; `rule` names the promise that it breaks."""

    def __init__(self, rule: str, sentence: str, exchanges: tuple[int, ...]) -> None:
        super().__init__(sentence)
        self.rule = rule
        self.sentence = sentence
        self.exchanges = exchanges


@dataclass(frozen=True, slots=True)
class Taken:
    """A picture, its bytes, the exchanges that brought it, and whether nobody said what it is."""

    picture: Picture
    data: bytes
    exchanges: tuple[int, ...]
    unlabelled: bool = False


class Album:
    """Reads each picture once.

    Args:
        fetch: Fetches a link, given its URL and the name under which that is written down.
    """

    def __init__(self, fetch: Callable[[str, str], Exchange]) -> None:
        self._fetch = fetch
        self._taken: dict[str, Taken | NoPictureError] = {}
        self.fetched: dict[str, Exchange] = {}
        self.noise: Noise | None = None  # measured once, on the first pictures of one request

    @property
    def taken(self) -> dict[str, Taken | NoPictureError]:
        """What came of every picture that was looked at, by the id of its probe."""
        return dict(self._taken)

    def take(self, shot: Shot) -> Taken:
        """The picture of a reply.

        Raises:
            NoPictureError: there is none, or none that can be read to its last byte.
            CannotLookError: its link could not be fetched, for no fault of the server's.
        """
        name = shot.probe.id
        if name not in self._taken:
            try:
                self._taken[name] = self._read(shot)
            except NoPictureError as problem:
                self._taken[name] = problem
        found = self._taken[name]
        if isinstance(found, NoPictureError):
            raise found
        return found

    def _read(self, shot: Shot) -> Taken:
        text = shot.item.get(shot.wants)
        if text is None:
            sentence = f"the picture must come as {shot.wants}, but none did"
            raise NoPictureError("payload.one", sentence, (shot.number,))
        if not isinstance(text, str):
            raise NoPictureError(
                f"reply.{shot.wants}",
                f"{shot.wants} must be a text, but {_kind(text)} came",
                (shot.number,),
            )
        if shot.wants == "url":
            return self.linked(text, shot)
        try:
            data = base64text.read(text)
        except ValueError as problem:
            raise NoPictureError("reply.b64_json", str(problem), (shot.number,)) from None
        return _taken(data, None, (shot.number,))

    def linked(self, url: str, shot: Shot, name: str = "") -> Taken:
        """Fetch a link and read what it brings."""
        numbers: tuple[int, ...] = (shot.number,)
        if not _is_whole(url):
            sentence = f'url must be a whole http or https URL, but "{url[:80]}" came'
            raise NoPictureError("reply.url", sentence, numbers)
        exchange = self._fetch(url, name or f"link of {shot.probe.id}")
        self.fetched.setdefault(shot.probe.id, exchange)
        numbers = (*numbers, exchange.number)
        if exchange.trouble is not None and exchange.trouble.kind is Trouble.ADDRESS:
            # That it is not followed from here is our caution, and no fault of the server's.
            reason = f"the link was not followed: {exchange.trouble.sentence}"
            raise CannotLookError(Verdict.INCONCLUSIVE, reason)
        if exchange.reply is None:
            sentence = exchange.trouble.sentence if exchange.trouble else "nothing came"
            raise NoPictureError("reply.url", f"the link: {sentence}", numbers)
        if exchange.reply.status != 200:
            sentence = f"the link must answer 200, but answered {exchange.reply.status}"
            raise NoPictureError("reply.url", sentence, numbers)
        media_type = (exchange.reply.header("content-type") or "").partition(";")[0].strip()
        if not media_type.lower().startswith("image/") and media_type.lower() not in _BYTES:
            sentence = f'the link must answer with an image type, but "{media_type}" came'
            raise NoPictureError("reply.url", sentence, numbers)
        told = _OTHER_NAMES.get(media_type.lower(), media_type.lower())
        return _taken(exchange.reply.body, told, numbers)


def _taken(data: bytes, media_type: str | None, numbers: tuple[int, ...]) -> Taken:
    try:
        picture = pictures.read(data)
    except BrokenPictureError as problem:
        raise NoPictureError("picture.whole", str(problem), numbers) from None
    if media_type not in (None, picture.media_type, *_BYTES):
        sentence = f"the link says {media_type}, but the picture is {picture.media_type}"
        raise NoPictureError("picture.whole", sentence, numbers)
    return Taken(picture, data, numbers, unlabelled=media_type in _BYTES)


def _is_whole(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    plain = url.isprintable() and not any(one in url for one in " \\")
    return (
        plain and parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username
    )


def _kind(value: object) -> str:
    return {dict: "an object", list: "a list", bool: "true or false"}.get(type(value), "a number")
