"""Updates as CUDA graphs: one per bucket of batch sizes, replayed on buffers that stay in place.

An update is thousands of small kernels, and starting them takes longer than running them. A CUDA
graph starts them all at once, but only with the shapes and addresses it was captured with. So each
batch is padded to a bucket of sizes, packed on the host into one flat buffer, and copied into the
flat buffer that the bucket's graph reads. Padding changes no loss: dummy rows have empty answers.
"""

import math
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol, TypeVar

import torch
from torch import Tensor

from mqan.batch import Batch, Field
from mqan.example import INIT, PAD
from mqan.train.update import Learner, Turn

CONTEXT_STEP, QUESTION_STEP, ANSWER_STEP = 32, 16, 16
ANSWERS = (4, 8, 12, 16, 24, 32, 40, 52)  # 52: the paper's 50 words, with <init> and <eos>
ROWS_RATIO = 1.15
KEPT = 256  # graphs at a time; each holds some megabytes of launch parameters
WARM_UPS = 2  # updates before a capture: what is made once (plans, kernels, tables) is made then
HEAD = 3  # numbers in front of a flat buffer: step, task, bits of the learning rate


class Bucket(NamedTuple):
    """Sizes that a batch is padded to: rows, and tokens of each text; joined is 0 without it."""

    rows: int
    context: int
    question: int
    answer: int
    joined: int

    @property
    def numbers(self) -> int:
        """Length of the flat buffer."""
        texts = (self.context, self.question, self.answer, self.joined)
        return HEAD + sum(self.rows * (length + 1) for length in texts if length)


def bucket_of(batch: Batch) -> Bucket:
    """The smallest bucket that holds a batch."""
    texts = (batch.context, batch.question, batch.answer, batch.joined)
    context, question, answer, joined = (0 if t is None else t.ids.shape[1] for t in texts)
    return Bucket(
        rows_for(len(batch)),
        _up(context, CONTEXT_STEP),
        _up(question, QUESTION_STEP),
        next((size for size in ANSWERS if size >= answer), _up(answer, ANSWER_STEP)),
        _up(joined, CONTEXT_STEP),
    )


def rows_for(count: int) -> int:
    """The smallest number of rows that holds `count`, of 1, 2, ..., each 15 % above the last."""
    rows = 1
    while rows < count:
        rows = max(rows + 1, math.floor(rows * ROWS_RATIO))
    return rows


def _up(length: int, step: int) -> int:
    return -(-length // step) * step


class Packed(NamedTuple):
    """A turn, padded and packed on the host. flat: int64 (bucket.numbers,), pinned for a GPU."""

    bucket: Bucket
    flat: Tensor


def pack(turn: Turn, pinned: bool = False) -> Packed:
    """Pad a turn to its bucket, in one buffer."""
    bucket = bucket_of(turn.batch)
    flat = torch.empty(bucket.numbers, dtype=torch.int64, pin_memory=pinned)
    packed = unpack(flat, bucket)
    packed.step.copy_(turn.step)
    packed.task.copy_(turn.task)
    rate = packed.rate
    assert isinstance(rate, Tensor)
    rate.fill_(float(turn.rate))
    for name in ("context", "question", "answer", "joined"):
        source, target = getattr(turn.batch, name), getattr(packed.batch, name)
        if source is not None:
            _pad(source, target, PAD if name == "answer" else INIT)
    return Packed(bucket, flat)


def _pad(source: Field, target: Field, dummy: int) -> None:
    """Write a text into a larger one. A dummy row is one token, so that it has something to read.

    That of an answer is PAD: nothing is to be predicted, so the row weighs nothing.
    """
    rows, length = source.ids.shape
    target.ids.fill_(PAD)
    target.ids[:rows, :length] = source.ids
    target.ids[rows:, 0] = dummy
    target.lengths[:rows] = source.lengths
    target.lengths[rows:] = 1


def unpack(flat: Tensor, bucket: Bucket) -> Turn:
    """The turn whose tensors are views of a flat buffer. Its row numbers stay on the host."""
    parts = _fields(flat[HEAD:], bucket)
    context, question, answer = (next(parts) for _ in range(3))
    batch = Batch(context, question, answer, next(parts, None), flat[:0])
    return Turn(batch, flat[0], flat[1:2], flat[2].view(torch.float64))


def _fields(flat: Tensor, bucket: Bucket) -> Iterator[Field]:
    """One text after the other: ids, then lengths."""
    rows, *texts = bucket
    start = 0
    for length in filter(None, texts):
        ids = flat[start : start + rows * length].view(rows, length)
        start += rows * (length + 1)
        yield Field(ids, flat[start - rows : start])


Ready = TypeVar("Ready")


class Updates(Protocol[Ready]):
    """Makes updates. What a turn needs beforehand is done by a thread that runs ahead."""

    def ready(self, turn: Turn) -> Ready:
        """Prepare a turn, whose batch is on the host."""
        ...

    def make(self, ready: Ready) -> tuple[Tensor, Tensor]:
        """Make an update: loss and norm of the gradient, on the device until the next one."""
        ...


class Plain:
    """Updates one operation after the other, on batches as they are: on a CPU."""

    def __init__(self, learner: Learner) -> None:
        self._learner = learner

    def ready(self, turn: Turn) -> Turn:
        """As it is."""
        return turn

    def make(self, ready: Turn) -> tuple[Tensor, Tensor]:
        """Make an update: loss and norm of the gradient."""
        return self._learner.update(ready)


class _Place:
    """The flat buffer of a bucket, the turn that it is read as, and the graph that reads it."""

    def __init__(self, bucket: Bucket, device: torch.device) -> None:
        self.flat = torch.empty(bucket.numbers, dtype=torch.int64, device=device)
        self.turn = unpack(self.flat, bucket)
        self.graph: torch.cuda.CUDAGraph | None = None


class Graphs:
    """Updates by replaying the graph of each batch's bucket, captured when it first comes.

    All graphs share one pool of memory: no two run at a time, and none leaves anything there that
    another reads. What lasts (weights, moments, watch, averages, results) lies outside of it.
    Gradients are made anew within each graph, which neither zeroes nor adds.

    captured: False runs the same operations on the same buffers without graphs, on any device.
    """

    def __init__(self, learner: Learner, captured: bool = True, kept: int = KEPT) -> None:
        self._learner, self._captured, self._kept = learner, captured, kept
        self._device = learner.device
        self._places: OrderedDict[Bucket, _Place] = OrderedDict()
        self._results = torch.zeros(2, dtype=torch.float64, device=self._device)
        if captured:
            self._pool = torch.cuda.graph_pool_handle()
            self._stream = torch.cuda.Stream(self._device)

    def ready(self, turn: Turn) -> Packed:
        """Pad and pack."""
        return pack(turn, pinned=self._device.type == "cuda")

    def make(self, ready: Packed) -> tuple[Tensor, Tensor]:
        """Make an update: loss and norm of the gradient, overwritten by the next one."""
        place = self._place(ready.bucket)
        place.flat.copy_(ready.flat, non_blocking=True)
        if not self._captured:
            self._update(place)
        else:
            place.graph = place.graph or self._capture(place)
            place.graph.replay()
        return self._results[0], self._results[1]

    def __len__(self) -> int:
        """Buckets that have a buffer now."""
        return len(self._places)

    def _place(self, bucket: Bucket) -> _Place:
        """The place of a bucket; where there are too many, the longest unused one goes."""
        if bucket not in self._places:
            if len(self._places) == self._kept:
                self._drop()
            self._places[bucket] = _Place(bucket, self._device)
        self._places.move_to_end(bucket)
        return self._places[bucket]

    def _drop(self) -> None:
        if self._captured:
            torch.cuda.synchronize(self._device)  # it may be running
        _, place = self._places.popitem(last=False)
        if place.graph is not None:
            place.graph.reset()

    def _update(self, place: _Place) -> None:
        """Make the update and put loss and norm where they last."""
        for result, value in zip(self._results, self._learner.update(place.turn), strict=True):
            result.copy_(value)

    def _capture(self, place: _Place) -> torch.cuda.CUDAGraph:
        """Capture the update of a place, whose buffer must hold a batch."""
        main = torch.cuda.current_stream(self._device)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.device(self._device):
            with self._learner.rehearsal():
                # On another stream, as torch asks: what a capture needs is then made for it too.
                self._stream.wait_stream(main)
                with torch.cuda.stream(self._stream):
                    for _ in range(WARM_UPS):
                        self._update(place)
                main.wait_stream(self._stream)
            # "thread_local": the thread that packs batches goes on pinning memory meanwhile.
            with torch.cuda.graph(
                graph, self._pool, self._stream, capture_error_mode="thread_local"
            ):
                self._update(place)
        # Gradients lie in the pool, and are the next graph's to overwrite.
        self._learner.optimiser.zero_grad(set_to_none=True)
        return graph


def updates(learner: Learner) -> Updates[Any]:
    """Graphs on a GPU, one operation after the other on a CPU."""
    return Graphs(learner) if learner.device.type == "cuda" else Plain(learner)
