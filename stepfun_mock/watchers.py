"""Who is to be told of something, for as long as they want to be."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Lock


class Watchers:
    """Functions that are called together; any thread may add one, or tell them."""

    def __init__(self) -> None:
        self._told: tuple[Callable[[], None], ...] = ()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._told)

    @contextmanager
    def watched(self, watch: Callable[[], None]) -> Iterator[None]:
        """Call `watch` whenever there is something to tell, while a `with` block lasts."""
        watcher = partial(watch)  # the same function may watch twice
        with self._lock:
            self._told = (*self._told, watcher)
        try:
            yield
        finally:
            # The tuple is new each time: another thread may be going through the one before.
            with self._lock:
                self._told = tuple(one for one in self._told if one is not watcher)

    def tell(self) -> None:
        """Call them all, in this thread."""
        for told in self._told:
            told()
