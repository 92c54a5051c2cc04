"""Pictures: bytes to a picture that can be compared and shown, whatever its format."""

import hashlib
import json
import re
import threading
import warnings
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from operator import sub
from typing import NamedTuple

from PIL import Image, ImageFile, UnidentifiedImageError

from . import jpeg, png, webp
from .errors import BrokenPictureError

__all__ = ["THUMBNAIL_MEDIA_TYPE", "BrokenPictureError", "Picture", "distance", "read", "thumbnail"]

THUMBNAIL_MEDIA_TYPE = "image/webp"

_SIDE = 64  # columns and rows of a sample
_HEAD = 512  # bytes that are enough to see what something is
_EXCERPT = 40  # characters


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that was decoded to the last pixel.

    Args:
        format: "png", "jpeg" or "webp".
        media_type: Such as "image/png".
        width: In pixels.
        height: In pixels.
        sample: 64 rows of 64 pixels, red, green and blue, each the mean of its part of the
            picture as it is seen on white.
        pixels: A digest of the size and of every pixel in 8 bits per channel. It is the same
            for the same picture in another file, and alpha counts where it is not full.
    """

    format: str
    media_type: str
    width: int
    height: int
    sample: bytes = field(repr=False)
    pixels: str


class _Format(NamedTuple):
    name: str
    magic: re.Pattern[bytes]
    read: Callable[[bytes], png.Header | jpeg.Frame | webp.Canvas]

    @property
    def media_type(self) -> str:
        return f"image/{self.name}"


_FORMATS = (
    _Format("png", re.compile(rb"\x89PNG"), png.read),
    _Format("jpeg", re.compile(rb"\xff\xd8\xff"), jpeg.read),
    _Format("webp", re.compile(rb"RIFF....WEBP", re.DOTALL), webp.read),
)

# What comes instead of a picture, the first that fits.
_OTHERS = tuple(
    (re.compile(pattern, re.DOTALL), name)
    for pattern, name in (
        (rb"\Z", "nothing"),
        (rb"\0+\Z", "a run of zero bytes"),
        (rb"GIF8[79]a", "a GIF"),
        (rb"....ftypavi[fs]", "an AVIF picture"),
        (rb"....ftyp(hei|hev|mif1|msf1)", "a HEIC picture"),
        (rb"....ftyp", "an MP4 header"),
        (rb"\x1aE\xdf\xa3", "a WebM header"),
        (rb"\xff\x0a|\0\0\0\x0cJXL ", "a JPEG XL picture"),
        (rb"BM....\0\0\0\0", "a BMP"),
        (rb"II\*\0|MM\0\*", "a TIFF"),
        (rb"\x00\x00\x01\x00", "an icon"),
        (rb"RIFF....(WAVE|AVI )", "a RIFF file that is not WebP"),
        (rb"%PDF-", "a PDF"),
        (rb"PK\x03\x04", "a ZIP archive"),
        (rb"\x1f\x8b", "gzip-compressed bytes"),
        (rb"(?i:data:)", "a data: URL"),
        (rb"iVBORw0KGgo|/9j/|UklGR", "the base64 of a picture, not decoded"),
        (rb"(\xef\xbb\xbf)?\s*<(?i:!doctype\s+html|html|head|body|title)\b", "an HTML page"),
        (rb"(\xef\xbb\xbf)?\s*(<\?xml[^>]*>\s*)?<svg\b", "an SVG drawing"),
        (rb"(\xef\xbb\xbf)?\s*<\?xml\b", "an XML document"),
        (rb'\s*(\{\s*["}]|\[\s*[]["{])', "JSON"),
    )
)

# Filters of warnings and the settings of Pillow are the whole process's: one thread at a time.
_pillow = threading.Lock()


def read(data: bytes) -> Picture:
    """Return the picture that a PNG, a JPEG or a WebP of at most 4096 x 4096 pixels holds.

    The structure is read first, so that a decoder only meets what is whole and of a size that
    it can bear. Of an animation the first frame is the picture.

    Raises:
        BrokenPictureError: With what is wrong, or with what the bytes look like instead.
    """
    kind, sides = _structure(data)
    with _decoded(data, kind, sides) as image:
        return Picture(
            kind.name,
            kind.media_type,
            *sides,
            sample=_on_white(image).resize((_SIDE, _SIDE), Image.Resampling.BOX).tobytes(),
            pixels=_digest(image),
        )


def distance(a: Picture, b: Picture) -> float:
    """Return how far two pictures are from each other: 0 is alike, 1 is black and white.

    It is the mean absolute difference of the samples, whatever the sizes of the pictures.
    """
    differences: int = sum(map(abs, map(sub, a.sample, b.sample)))
    return differences / len(a.sample) / 255


def thumbnail(data: bytes, side: int = 256) -> bytes:
    """Return a picture as a WebP (`THUMBNAIL_MEDIA_TYPE`) of at most ``side`` pixels a side.

    Raises:
        BrokenPictureError: `read` refuses the bytes, or they cannot be drawn that large.
    """
    kind, sides = _structure(data)
    with _decoded(data, kind, sides) as image:
        image.thumbnail((side, side))
        file = BytesIO()
        image.save(file, "WEBP", quality=80)
        return file.getvalue()


def _structure(data: bytes) -> tuple[_Format, tuple[int, int]]:
    for kind in _FORMATS:
        if kind.magic.match(data):
            found = kind.read(data)
            return kind, (found.width, found.height)
    raise BrokenPictureError(f"instead of a PNG, a JPEG or a WebP there is {_likeness(data)}")


def _likeness(data: bytes) -> str:
    head = data[:_HEAD]
    for pattern, name in _OTHERS:
        if pattern.match(head):
            return name
    try:
        # The cut may go through a character, which is the end of a text only where all is in it.
        text = getincrementaldecoder("utf-8")().decode(head, final=len(data) <= _HEAD)
    except UnicodeDecodeError:
        text = ""
    if text and all(one.isprintable() or one.isspace() for one in text):
        return f"text: {json.dumps(text[:_EXCERPT])}"
    return "something of no known format"


@contextmanager
def _decoded(data: bytes, kind: _Format, sides: tuple[int, int]) -> Iterator[Image.Image]:
    """The picture in RGB, or in RGBA where it lets something through, as long as Pillow is held.

    Whatever goes wrong in here is the picture's fault: decoders raise errors of every class.
    """
    with _strict_pillow():
        try:
            with Image.open(BytesIO(data), formats=[kind.name]) as image:
                if image.size != sides:
                    raise BrokenPictureError(
                        "its header says {}x{}, but Pillow sees {}x{}".format(*sides, *image.size)
                    )
                image.load()
                yield _in_colour(image)
        except BrokenPictureError:
            raise
        except UnidentifiedImageError:  # its text has the address of an object
            raise BrokenPictureError(f"Pillow does not take it for a {kind.name}") from None
        except Exception as error:
            why = str(error) or type(error).__name__
            raise BrokenPictureError(f"Pillow gives up on the {kind.name}: {why}") from error


@contextmanager
def _strict_pillow() -> Iterator[None]:
    with _pillow, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        lenient = ImageFile.LOAD_TRUNCATED_IMAGES
        ImageFile.LOAD_TRUNCATED_IMAGES = False
        try:
            yield
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = lenient


def _in_colour(image: Image.Image) -> Image.Image:
    if image.mode == "I;16":
        # Pillow would cut off what is brighter than 255. Colours of 16 bits come halved already.
        high = image.tobytes()[1::2]
        return Image.frombytes("L", image.size, high).convert("RGB")
    if not image.has_transparency_data:
        return image if image.mode == "RGB" else image.convert("RGB")
    transparent = image.convert("RGBA")
    if transparent.getchannel("A").getextrema() == (255, 255):
        return transparent.convert("RGB")
    return transparent


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode == "RGB":
        return image
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    return white


def _digest(image: Image.Image) -> str:
    digest = hashlib.sha256(f"{image.mode} {image.size}".encode())
    digest.update(image.tobytes())
    return digest.hexdigest()
