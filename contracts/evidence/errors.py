"""What the readers of pictures say no with, and the bound that they share."""

MOST_PIXELS = 4096 * 4096


class BrokenPictureError(ValueError):
    """These bytes are no whole picture; the text is a sentence that says why."""


def check_size(width: int, height: int, limit: int) -> None:
    """Let a picture of ``width`` x ``height`` pixels pass, where ``limit`` is the most pixels.

    Raises:
        BrokenPictureError: A side is zero, or there are more pixels than the limit.
    """
    if not width or not height:
        raise BrokenPictureError(f"the picture measures {width}x{height}: a side is missing")
    if width * height > limit:
        raise BrokenPictureError(
            f"the picture measures {width}x{height}, more than {limit} pixels in all"
        )
