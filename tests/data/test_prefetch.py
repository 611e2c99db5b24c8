"""The background thread: errors, shutdown, readiness. That it changes nothing: test_batches."""

import threading
from itertools import count

import pytest

from mqan.data.prefetch import prefetched
from mqan.example import DataError


def broken():
    yield 1
    raise DataError("row 2 is bad")


@pytest.mark.parametrize("depth", [0, 3])
def test_an_error_comes_where_its_item_would_have(depth):
    with prefetched(broken(), depth) as items:
        assert next(items) == 1
        with pytest.raises(DataError, match="row 2"):
            next(items)


def test_leaving_early_stops_the_thread():
    before = threading.active_count()
    with prefetched(count(), 2) as items:
        next(items)
        assert threading.active_count() == before + 1
    assert threading.active_count() == before


def test_items_are_ready_before_they_are_asked_for():
    made = threading.Event()

    def items():
        yield 1
        made.set()
        yield 2

    with prefetched(items(), 2):
        assert made.wait(timeout=10)


def test_a_negative_queue_is_refused():
    with pytest.raises(ValueError, match="0 or more"), prefetched([1], -1):
        pass
