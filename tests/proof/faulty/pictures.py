"""Servers whose picture is no whole image file of the type that it claims, or no proper Base64."""

import base64
import textwrap
from collections.abc import Callable
from dataclasses import replace

from ..drawing import image, saved, with_comment
from ..messages import Parameters, Picture
from ..reference import Make, ReferenceServer
from .kinds import Faulty

# The beginning of a film, as one finds it where an example was made up.
FILM = bytes.fromhex("000000206674797069736f6d0000020069736f6d69736f32617663316d70343100000008")
END = 12


def files(changed: Callable[[bytes], bytes]) -> Make:
    """A server that changes the file of every picture."""

    class Changing(ReferenceServer):
        def draw(self, parameters: Parameters, seed: int) -> Picture:
            picture = super().draw(parameters, seed)
            return replace(picture, file=changed(picture.file))

    return Changing


def texts(changed: Callable[[bytes], str]) -> Make:
    """A server that writes every picture as text in another way."""

    class Writing(ReferenceServer):
        def text(self, picture: Picture) -> str:
            return changed(picture.file)

    return Writing


def base64_of(file: bytes) -> str:
    return base64.b64encode(file).decode()


def unpadded(file: bytes) -> str:
    # A file whose length is a multiple of three needs no padding.
    file = file if len(file) % 3 else with_comment(file, 20)
    return base64_of(file).rstrip("=")


def bit_flipped(where: bytes) -> Callable[[bytes], bytes]:
    """Flips one bit a little behind a mark in the file, and leaves the checksums as they are."""

    def changed(file: bytes) -> bytes:
        spot = file.index(where) + 100
        return file[:spot] + bytes([file[spot] ^ 8]) + file[spot + 1 :]

    return changed


def jpeg(file: bytes) -> bytes:
    return saved(image(file), "JPEG", quality=80)


def cut_jpeg(file: bytes) -> bytes:
    whole = jpeg(file)
    return whole[: len(whole) * 2 // 3]


def without_head(file: bytes) -> bytes:
    return file[8:]


WHOLE = "picture.whole"
CODED = "reply.b64_json"
BOTH = ("reply.b64_json",)

FAULTS = (
    Faulty(
        "b64-data-address",
        "puts data:image/png;base64, before the picture",
        CODED,
        texts(lambda file: "data:image/png;base64," + base64_of(file)),
    ),
    Faulty(
        "b64-for-addresses",
        "writes the Base64 that is made for addresses",
        CODED,
        texts(lambda file: base64.urlsafe_b64encode(file).decode()),
    ),
    Faulty(
        "b64-lines",
        "breaks the Base64 into lines",
        CODED,
        texts(lambda file: "\n".join(textwrap.wrap(base64_of(file), 76))),
    ),
    Faulty(
        "b64-last-line",
        "ends the Base64 with a line break",
        CODED,
        texts(lambda file: base64_of(file) + "\n"),
    ),
    Faulty("b64-unpadded", "leaves out the padding of the Base64", CODED, texts(unpadded)),
    Faulty(
        "b64-twice",
        "writes Base64 of Base64",
        CODED,
        texts(lambda file: base64_of(base64_of(file).encode())),
        also=(WHOLE,),
    ),
    Faulty(
        "b64-hexadecimal",
        "writes the picture in hexadecimal figures",
        CODED,
        texts(lambda file: file.hex()),
        also=(WHOLE,),
    ),
    Faulty(
        "b64-other-characters",
        "has an asterisk in the Base64",
        CODED,
        texts(lambda file: base64_of(file)[:200] + "*" + base64_of(file)[201:]),
        also=(WHOLE,),
    ),
    Faulty(
        "b64-empty",
        "gives an empty text for the picture",
        CODED,
        texts(lambda _: ""),
        also=(WHOLE, "payload.one"),
    ),
    Faulty(
        "picture-of-words", "gives a text for the picture", WHOLE, files(lambda _: b"a red fox")
    ),
    Faulty(
        "picture-film", "gives the head of a film for the picture", WHOLE, files(lambda _: FILM)
    ),
    Faulty(
        "picture-half",
        "breaks the picture off in the middle",
        WHOLE,
        files(lambda file: file[: len(file) // 2]),
    ),
    Faulty(
        "picture-without-end",
        "leaves out the end mark of the picture",
        WHOLE,
        files(lambda file: file[:-END]),
    ),
    Faulty(
        "picture-without-head",
        "leaves out the first eight bytes of the picture",
        WHOLE,
        files(without_head),
    ),
    Faulty(
        "picture-colour-flipped",
        "flips a bit in the colours of the picture",
        WHOLE,
        files(bit_flipped(b"PLTE")),
    ),
    Faulty(
        "picture-data-flipped",
        "flips a bit in the cells of the picture",
        WHOLE,
        files(bit_flipped(b"IDAT")),
    ),
    Faulty(
        "picture-with-more",
        "puts other bytes behind the picture",
        WHOLE,
        files(lambda file: file + b"<!-- made by the image service -->"),
    ),
    Faulty("picture-jpeg-cut", "breaks a JPEG off after two thirds", WHOLE, files(cut_jpeg)),
    Faulty(
        "picture-none",
        "gives no bytes for the picture",
        WHOLE,
        files(lambda _: b""),
        also=("reply.b64_json", "payload.one"),
    ),
    Faulty(
        "picture-jpeg-as-png",
        "serves a JPEG and calls it a PNG",
        WHOLE,
        files(jpeg),
        also=("picture.png",),
    ),
)
