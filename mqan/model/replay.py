"""Greedy decoding by a step of fixed shape, which a GPU repeats without the host (a CUDA graph).

A step is some hundred small kernels, and starting each from Python takes longer than running it.
So the decoder's state lies in a `Desk`: buffers that stay where they are, with room for a whole
answer. The step on them is captured once per shape and replayed for every word of every batch that
fits; shapes are rounded up to few. On a CPU the same step runs as it is.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, cast
from weakref import WeakKeyDictionary

import torch
from torch import Tensor

from mqan.example import EOS, INIT, PAD
from mqan.model.attention import Fixed, Widened
from mqan.model.choice import Sources, pick, sources_of
from mqan.model.decoder import RELEASED, DecoderState
from mqan.model.mqan import MQAN

LEAST = 8  # rows of the smallest desk; fewer take as long
LENGTHS = (32, 16)  # texts are padded to multiples of this: first pointer, second
KEPT = 24  # desks of a model, the last used
EVERY = 8  # steps between looks at how many answers go on; the first few look at each
LAG = 2  # steps until a look is read: so long, the GPU does not wait for the host


def answers(model: MQAN, state: DecoderState, longest: int) -> tuple[Tensor, Tensor]:
    """Words (B, longest) and their masses (B, longest, 3) from the state before the first word.

    Words behind `<eos>` are PAD, masses there mean nothing. As in `search.step_by_step`, ended rows
    leave once they are half, though a few steps later.
    """
    desks = _desks_of(model)
    desk = desks.get(model, Shape.of(state, longest), state)
    desk.open(state, model.config.generable)
    ids, masses = torch.full_like(desk.ids, PAD), torch.zeros_like(desk.masses)
    looks = Looks()
    for t in range(longest):
        desk.advance(model)
        if t < EVERY or t % EVERY == 0:
            looks.begin(t, (~desk.ended).sum())
        live = looks.end(t - LAG)
        if live == 0:
            break
        if live is not None and 2 * rounded(live) <= desk.shape.rows:
            desk.hand_in(ids, masses)
            smaller = desks.get(model, desk.shape._replace(rows=rounded(live)), state)
            smaller.take_over(desk)
            desk = smaller
    desk.hand_in(ids, masses)
    return ids[: len(state.h)], masses[: len(state.h)]


def rounded(rows: int) -> int:
    """At least so many rows, of four sizes per doubling."""
    step = 1 << max(0, (rows - 1).bit_length() - 3)
    return max(LEAST, -(-rows // step) * step)


class Shape(NamedTuple):
    """What a step is captured for.

    lengths: of the texts of each pointer. longest: words of an answer. decode: as in DecoderState.
    precision: settings of torch that choose kernels.
    """

    rows: int
    lengths: tuple[int, ...]
    longest: int
    decode: str
    precision: tuple[object, ...]

    @classmethod
    def of(cls, state: DecoderState, longest: int) -> Shape:
        """The smallest that a state fits."""
        sizes = zip(state.masks, LENGTHS, strict=False)
        lengths = tuple(-(-mask.shape[1] // size) * size for mask, size in sizes)
        kind = state.h.device.type
        autocast = torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else None
        precision = (autocast, torch.backends.cuda.matmul.allow_tf32)
        return cls(rounded(len(state.h)), lengths, longest, state.decode, precision)


@dataclass
class Desk:
    """A decoder's state of fixed shape and what else a step reads and writes, R rows of everything.

    word: (R, 1) the last one. ended: (R, 1). ids, masses: (R, longest), (R, longest, 3) so far.
    rows: (R,) where each row stands in the batch. Rows too many have ended before they begin.
    """

    shape: Shape
    state: DecoderState
    sources: Sources
    word: Tensor
    ended: Tensor
    ids: Tensor
    masses: Tensor
    rows: Tensor
    graph: torch.cuda.CUDAGraph | None = None

    @classmethod
    def blank(cls, shape: Shape, like: DecoderState, weights: Sequence[Widened]) -> Desk:
        """An empty one, for states as `like`."""
        R, L = shape.rows, shape.lengths
        words, position = like.ids[0].new_zeros, like.ids[0].new_zeros(1)
        cross = [layer for layer in like.cross if isinstance(layer, list)]

        def room(key: Tensor, length: int, query: Tensor) -> Tensor:
            heads = key.shape[1]
            return key.new_zeros(R, heads, length, 2, len(query) // heads)

        state = replace(
            like,
            memories=[m.new_zeros(R, n, m.shape[2]) for m, n in zip(like.memories, L, strict=True)],
            masks=[m.new_zeros(R, n) for m, n in zip(like.masks, L, strict=True)],
            ids=[words(R, n) for n in L],
            cross=[
                Fixed(room(key, L[0], w.cross[0]), *w.cross, None)
                for (key, _), w in zip(cross, weights, strict=True)
            ],
            past=[
                Fixed(room(key, shape.longest, w.cross[0]), *w.own, position)
                for (key, _), w in zip(cross, weights, strict=True)
            ],
            h=like.h.new_zeros(R, *like.h.shape[1:]),
            c=like.c.new_zeros(R, *like.c.shape[1:]),
            output=like.output.new_zeros(R, like.output.shape[1]),
            position=position,
        )
        wide, flags = words(R, sum(L)), like.masks[0].new_zeros
        return cls(
            shape,
            state,
            Sources(wide, flags(R, sum(L)), wide.clone(), wide.clone()),
            words(R, 1),
            flags(R, 1),
            words(R, shape.longest),
            like.h.new_zeros(R, shape.longest, 3),
            words(R),
        )

    def open(self, state: DecoderState, generable: int) -> None:
        """Lay out a batch before its first word."""
        own = self.state
        for n, ids in enumerate(state.ids):
            _lay(own.memories[n], state.memories[n])
            _lay(own.masks[n], state.masks[n])
            _lay(own.ids[n], ids, PAD)
        mask = None if state.decode == RELEASED else state.masks[0]
        for room, pair in zip(_fixed(own.cross), state.cross, strict=True):
            room.show(pair[0], pair[1], mask)
        for room in _fixed(own.past):
            room.hide()
        for buffer, new in zip((own.h, own.c, own.output), _fed_back(state), strict=True):
            _lay(buffer, new)
        for buffer, new in zip(self.sources, sources_of(own.ids, generable), strict=True):
            buffer.copy_(new)
        self._position.zero_()
        self.word.fill_(INIT)
        self.ended.zero_()[len(state.h) :] = True
        self.ids.fill_(PAD)
        torch.arange(self.shape.rows, out=self.rows)

    def take_over(self, other: Desk) -> None:
        """Go on with the rows of a larger desk that have not ended, and some that have."""
        chosen = other.ended[:, 0].byte().argsort(stable=True)[: self.shape.rows]
        for mine, theirs in zip(self._rows_of_all(), other._rows_of_all(), strict=True):
            torch.index_select(theirs, 0, chosen, out=mine)
        self._position.copy_(other._position)

    def hand_in(self, ids: Tensor, masses: Tensor) -> None:
        """Write what was answered so far where it stands in the batch."""
        ids[self.rows], masses[self.rows] = self.ids, self.masses

    def advance(self, model: MQAN) -> None:
        """One more word for every row."""
        if self.graph is None:
            self.step(model)
        else:
            self.graph.replay()

    def step(self, model: MQAN) -> None:
        """The same, kernel by kernel."""
        mixture, after = model.step(self.word, self.state)
        ids, masses = pick(mixture, model.out.weight, model.out.bias, self.sources)
        self.ids.index_copy_(1, self._position, ids.masked_fill(self.ended, PAD))
        self.masses.index_copy_(1, self._position, masses.to(self.masses.dtype).unsqueeze(1))
        self.ended.logical_or_(ids == EOS)
        for old, new in zip(_fed_back(self.state), _fed_back(after), strict=True):
            old.copy_(new)
        self.word.copy_(ids)
        self._position.copy_(cast("Tensor", after.position))

    def capture(self, model: MQAN, pool: Any, stream: torch.cuda.Stream) -> None:
        """Have `advance` replay the step. What lies on the desk is lost.

        Not `torch.cuda.graph`, which gives all free memory back first. Once without capture, so
        that libraries have made what they make at their first call. Weights that autocast has
        cast are not kept: its cache lets go of them, the graph would read on.
        """
        graph, present = torch.cuda.CUDAGraph(), torch.cuda.current_stream()
        stream.wait_stream(present)
        cached = torch.is_autocast_cache_enabled()
        torch.set_autocast_cache_enabled(False)
        try:
            with torch.cuda.stream(stream):
                self.step(model)
                graph.capture_begin(pool, "thread_local")
                self.step(model)
                graph.capture_end()
        finally:
            torch.set_autocast_cache_enabled(cached)
        present.wait_stream(stream)
        self.graph = graph

    @property
    def _position(self) -> Tensor:
        return cast("Tensor", self.state.position)

    def _rows_of_all(self) -> list[Tensor]:
        """Every buffer that has R rows."""
        own = self.state
        rooms = [room.pairs for room in (*_fixed(own.cross), *_fixed(own.past))]
        texts = [*own.memories, *own.masks, *own.ids, *self.sources]
        answer = [self.word, self.ended, self.ids, self.masses, self.rows]
        return [*texts, *rooms, *_fed_back(own), *answer]


def _fed_back(state: DecoderState) -> list[Tensor]:
    return [state.h, state.c, state.output]


def _fixed(rooms: object) -> Sequence[Fixed]:
    return cast("Sequence[Fixed]", rooms)


def _lay(buffer: Tensor, new: Tensor, blank: int = 0) -> None:
    """Put a smaller tensor first in a buffer, `blank` behind it."""
    if buffer.shape != new.shape:
        buffer.fill_(blank)
        for axis, size in enumerate(new.shape):
            buffer = buffer.narrow(axis, 0, size)
    buffer.copy_(new)


class Looks:
    """Numbers on their way from the device, read when they have surely arrived."""

    def __init__(self) -> None:
        self._pending: deque[tuple[int, Tensor, torch.cuda.Event | None]] = deque()

    def begin(self, t: int, number: Tensor) -> None:
        """Send a number at step t."""
        if not number.is_cuda:
            self._pending.append((t, number, None))
            return
        host = torch.empty((), dtype=number.dtype, pin_memory=True)
        host.copy_(number, non_blocking=True)
        event = torch.cuda.Event()
        event.record()
        self._pending.append((t, host, event))

    def end(self, t: int) -> int | None:
        """The last number that was sent at step t or before, if it was not read yet."""
        found = None
        while self._pending and self._pending[0][0] <= t:
            _, number, event = self._pending.popleft()
            if event is not None:
                event.synchronize()
            found = int(number)
        return found


class Desks:
    """The desks of a model, made when first asked for, and its weights as they read them."""

    def __init__(self, weights: list[Widened], places: tuple[int, ...]) -> None:
        self.weights, self.places = weights, places
        self._desks: OrderedDict[Shape, Desk] = OrderedDict()
        # Memory that all graphs use in turn, none leaves anything there; where they are captured.
        self._pool: Any = None
        self._stream: torch.cuda.Stream | None = None

    def refresh(self, weights: list[Widened]) -> None:
        """Take over the present weights."""
        for old, new in zip(self.weights, weights, strict=True):
            for mine, theirs in zip((*old.own, *old.cross), (*new.own, *new.cross), strict=True):
                mine.copy_(theirs)

    def get(self, model: MQAN, shape: Shape, like: DecoderState) -> Desk:
        """One of that shape, with anything on it."""
        desk = self._desks.pop(shape, None)
        if desk is None:
            desk = Desk.blank(shape, like, self.weights)
            if like.h.is_cuda:
                self._pool = self._pool or torch.cuda.graph_pool_handle()
                self._stream = self._stream or torch.cuda.Stream()
                desk.capture(model, self._pool, self._stream)
        self._desks[shape] = desk
        if len(self._desks) > KEPT:
            self._desks.popitem(last=False)
        return desk


_ALL: WeakKeyDictionary[MQAN, Desks] = WeakKeyDictionary()


def _desks_of(model: MQAN) -> Desks:
    """Those of a model as it is: graphs read its parameters where they lay when captured."""
    places = tuple(x.data_ptr() for x in (*model.parameters(), *model.buffers()))
    weights = model.decoder.answer.widened()
    found = _ALL.get(model)
    if found is None or found.places != places:
        found = _ALL[model] = Desks(weights, places)
    else:
        found.refresh(weights)
    return found
