"""One background thread that has items ready before they are asked for; same items, same order."""

import queue
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

Item = TypeVar("Item")

_POLL_S = 0.1  # how soon the thread notices that nobody wants its items any more


class _End:
    """Follows the last item through the queue; carries what went wrong, if anything."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


@contextmanager
def prefetched(items: Iterable[Item], depth: int) -> Iterator[Iterator[Item]]:
    """Give an iterator over `items` that a thread keeps up to `depth` items ahead.

    With depth 0 there is no thread. An exception of `items` is raised where its item would have
    come. Leaving the block stops the thread and waits for it, consumed or not.
    """
    if depth < 0:
        raise ValueError(f"a queue holds 0 or more items, not {depth}")
    if depth == 0:
        yield iter(items)
        return
    ready: queue.Queue[Item | _End] = queue.Queue(maxsize=depth)
    stop = threading.Event()
    thread = threading.Thread(target=_fill, args=(items, ready, stop), name="prefetch", daemon=True)
    thread.start()
    try:
        yield _drain(ready)
    finally:
        stop.set()
        thread.join()


def _fill(items: Iterable[Item], ready: "queue.Queue[Item | _End]", stop: threading.Event) -> None:
    end = _End(None)
    try:
        for item in items:
            if not _put(ready, item, stop):
                return
    except BaseException as error:  # noqa: BLE001 - handed to the consumer, who raises it
        end = _End(error)
    _put(ready, end, stop)


def _put(ready: "queue.Queue[Item | _End]", item: "Item | _End", stop: threading.Event) -> bool:
    """Wait for a free place; False once the consumer has left."""
    while not stop.is_set():
        try:
            ready.put(item, timeout=_POLL_S)
        except queue.Full:
            continue
        return True
    return False


def _drain(ready: "queue.Queue[Item | _End]") -> Iterator[Item]:
    while True:
        item = ready.get()
        if isinstance(item, _End):
            if item.error is not None:
                raise item.error
            return
        yield item
