"""How much may be spent: pictures and requests, counted before they are sent."""

from threading import Lock


class SpentError(BaseException):
    """A cap would be passed, so nothing may be sent.

    Not an `Exception`: Hypothesis would take it for a failure of the server, and make a hundred
    more attempts to reproduce it.

    Attributes:
        flag: The flag that sets the cap.
    """

    def __init__(self, flag: str, cap: int, thing: str) -> None:
        things = thing if cap == 1 else f"{thing}s"
        super().__init__(f"the budget of {cap} {things} is spent ({flag})")
        self.flag = flag


class Budget:
    """Counts pictures and requests, and never passes a cap; for any number of threads.

    Args:
        max_images: Pictures that may be asked for, from 0; None for any number.
        max_requests: Requests that may be sent, from 0; None for any number.

    Raises:
        ValueError: a cap below 0.
    """

    def __init__(self, max_images: int | None = None, max_requests: int | None = None) -> None:
        for flag, cap in (("--max-images", max_images), ("--max-requests", max_requests)):
            if cap is not None and cap < 0:
                raise ValueError(f"{flag} must be 0 or more, but {cap} came")
        self._max_images = max_images
        self._max_requests = max_requests
        self._images = 0
        self._requests = 0
        self._lock = Lock()

    @property
    def images(self) -> int:
        """Pictures reserved, and not given back."""
        return self._images

    @property
    def requests(self) -> int:
        """Requests reserved."""
        return self._requests

    def reserve(self, images: int) -> None:
        """Set aside one request, and the picture that it may draw.

        Args:
            images: 1 where the request may be billed, 0 where it cannot.

        Raises:
            SpentError: a cap would be passed. Nothing is reserved then.
            ValueError: another number of pictures.
        """
        if images not in (0, 1):
            raise ValueError(f"a request draws 0 or 1 pictures, but {images} came")
        with self._lock:
            if self._max_images is not None and self._images + images > self._max_images:
                raise SpentError("--max-images", self._max_images, "picture")
            if self._max_requests is not None and self._requests + 1 > self._max_requests:
                raise SpentError("--max-requests", self._max_requests, "request")
            self._images += images
            self._requests += 1

    def give_back(self) -> None:
        """Give back one picture, since its request was refused. The request stays counted.

        Raises:
            ValueError: no picture is reserved.
        """
        with self._lock:
            if not self._images:
                raise ValueError("there is no picture to give back")
            self._images -= 1
