"""Who sends a request, as far as this process can tell; so that neighbours are no retries."""

import contextlib
import sys
import threading


def this_task() -> tuple[int, int]:
    """The thread that runs, and the asyncio task in it or 0: one caller in this process.

    Programs that ask for several pictures at once send the same request from several tasks.
    None of them repeats another.
    """
    asyncio = sys.modules.get("asyncio")  # where nobody has loaded it, nobody runs a task of it
    task = None
    if asyncio is not None:
        with contextlib.suppress(RuntimeError):  # no loop runs in this thread
            task = asyncio.current_task()
    return threading.get_ident(), 0 if task is None else id(task)
