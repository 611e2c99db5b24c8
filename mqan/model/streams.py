"""Independent parts of a network beside each other on a GPU.

What reads a question is as many kernels as what reads its context, each so small that most of a GPU
idles. On streams of their own they run at the same time, also within a CUDA graph, and so do their
backward passes, for autograd computes a gradient on the stream of its forward pass. The numbers are
the same. On a CPU one part comes after the other, and on a GPU where a try went wrong.
"""

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import torch
from torch import Tensor

from mqan.kernels import compile as kernels

Result = TypeVar("Result")
SOURCE = "streams.py"  # by which `mqan.model.check` switches them off


def side_by_side(form: Callable[..., Result], arguments: Sequence[tuple[Any, ...]]) -> list[Result]:
    """`form` of each tuple of arguments; no two of these calls may share what they change.

    Tensors are found in arguments and results as deep as tuples and lists go. The calls must not
    share parameters, whose gradients autograd would sum across streams, nor may one of them make
    what is kept on the device for later calls. One thread at a time.
    """
    found = next(tensors(arguments), None)
    if found is None or not found.is_cuda or len(arguments) < 2 or not kernels.usable(SOURCE):
        return [form(*one) for one in arguments]
    main = torch.cuda.current_stream(found.device)
    begun = main.record_event()
    results = [form(*arguments[0])]
    for number, one in enumerate(arguments[1:], 1):
        side = _side(found.device, number)
        side.wait_event(begun)
        with torch.cuda.stream(side):
            _keep(one, side)
            results.append(form(*one))
    for number, result in enumerate(results[1:], 1):
        main.wait_stream(_side(found.device, number))
        _keep(result, main)
    return results


def tensors(value: object) -> Iterator[Tensor]:
    """All tensors in nested tuples and lists."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, (tuple, list)):
        for part in value:
            yield from tensors(part)


def _keep(value: object, stream: torch.cuda.Stream) -> None:
    """Have what these tensors lie in stay theirs until the stream has read it too."""
    for tensor in tensors(value):
        tensor.record_stream(stream)


@functools.cache  # the same at every call: a graph's warm-up and its capture need the same ones
def _side(device: torch.device, number: int) -> torch.cuda.Stream:
    return torch.cuda.Stream(device)
