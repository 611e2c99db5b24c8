"""The pointer decoder (paper, "Answer Representations" to "Multi-Pointer-Generator").

There is one decoder: `Decoder.forward` advances any number of steps from a state. Training gives it
the whole answer, search one word at a time; nothing is written twice that could drift apart.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mqan.model.attention import DecoderLayer, Fixed, JoinedWeights, Widened, positions
from mqan.model.config import ModelConfig
from mqan.model.dropout import Dropout, keep_mask
from mqan.model.embedding import Projection
from mqan.model.encoder import Memory
from mqan.model.mixture import Copying, Mixture
from mqan.model.recurrence import MASKED, State, Weights, unroll

CONSISTENT, RELEASED = "consistent", "released"


@dataclass(frozen=True)
class DecoderState:
    """Where a decoder stands in a batch of answers; tensors, but for `joined`, have B first.

    memories: final encodings (B, L, D), one per pointer. masks, ids: (B, L) of the same streams.
    cross: keys and values of each layer on the first stream's self-attention encodings.
    joined: weights of each layer, the same for every word.
    past: keys and values of each layer on the answer so far; None before the first word.
    h, c: (B, layers, D); output: (B, D). position: answer words consumed so far; on the device,
    (1,), where `cross` and `past` are `Fixed` (replay.py).
    """

    memories: list[Tensor]
    masks: list[Tensor]
    ids: list[Tensor]
    cross: Sequence[list[Tensor] | Fixed]
    joined: tuple[JoinedWeights, ...]
    past: Sequence[list[Tensor] | Fixed] | None
    h: Tensor
    c: Tensor
    output: Tensor
    position: int | Tensor
    decode: str

    def select(self, rows: Tensor) -> DecoderState:
        """The state of some rows only."""
        return replace(self, **{f.name: _pick(getattr(self, f.name), rows) for f in fields(self)})

    def follow(self, rows: Tensor) -> DecoderState:
        """The state where row b goes on from the answer of row `rows[b]`, which reads the same."""
        changing = ("past", "h", "c", "output")
        return replace(self, **{name: _pick(getattr(self, name), rows) for name in changing})


def _pick(value: object, rows: Tensor) -> object:
    """Rows of every tensor in a value of DecoderState."""
    if isinstance(value, Tensor):
        return value.index_select(0, rows)
    return [_pick(v, rows) for v in value] if isinstance(value, list) else value


class SelfAttentiveAnswer(nn.Module):
    """Transformer decoder over the answer so far, attending to the first pointer's encodings."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        sizes = (config.width, config.heads, config.hidden, config.dropout, config.input_dropout)
        layers = nn.ModuleList(DecoderLayer(*sizes) for _ in range(config.layers))
        self.layers = cast("Sequence[DecoderLayer]", layers)
        self.dropout = Dropout(config.dropout)
        self.width = config.width

    def cross(self, encodings: list[Tensor], decode: str) -> list[list[Tensor]]:
        """Projected keys and values per layer. Released decoding is one encoder layer too low."""
        used = encodings[:-1] if decode == RELEASED else encodings[1:]
        return [layer.memory(x) for layer, x in zip(self.layers, used, strict=True)]

    def joined(self) -> tuple[JoinedWeights, ...]:
        """Weights of each layer, for the state."""
        return tuple(layer.joined() for layer in self.layers)

    def widened(self) -> list[Widened]:
        """The same for a step of fixed shape."""
        return [layer.widened() for layer in self.layers]

    def forward(self, x: Tensor, state: DecoderState) -> tuple[Tensor, list[list[Tensor] | Fixed]]:
        """Embedded words (B, T, D) -> their representations (B, T, D) and the new `past`."""
        released = state.decode == RELEASED
        x = x * math.sqrt(self.width) if released else x
        x = self.dropout(x + self._positions(state, x))
        mask = None if released else state.masks[0][:, None, None]
        past: list[list[Tensor] | Fixed] = []
        for n, layer in enumerate(self.layers):
            before = None if state.past is None else state.past[n]
            x, kept = layer(x, before, state.cross[n], mask, state.joined[n])
            past.append(kept)
        return x, past

    def _positions(self, state: DecoderState, x: Tensor) -> Tensor:
        """Codes (T, D) of the new positions."""
        if isinstance(state.position, int):
            return positions(state.position, x.shape[1], self.width, x)
        assert state.past is not None and isinstance(state.past[0], Fixed)
        longest = state.past[0].pairs.shape[2]
        return positions(0, longest, self.width, x).index_select(0, state.position)


class PlainAnswer(nn.Module):
    """Leaves answer self-attention out: the decoder reads the embedded words."""

    def cross(self, encodings: list[Tensor], decode: str) -> list[list[Tensor]]:
        """Nothing to attend to."""
        return []

    def joined(self) -> tuple[JoinedWeights, ...]:
        """No layers."""
        return ()

    def widened(self) -> list[Widened]:
        """No layers."""
        return []

    def forward(self, x: Tensor, state: DecoderState) -> tuple[Tensor, list[list[Tensor] | Fixed]]:
        """(B, T, D) unchanged."""
        return x, []


class Decoder(nn.Module):
    """LSTM with input feeding, attention on each pointer's stream, and the two switches."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        D, count = config.width, len(config.row.pointers)
        self.projection = Projection(config)
        self.answer = SelfAttentiveAnswer(config) if config.row.self_attention else PlainAnswer()
        sizes = [2 * D] + [D] * (config.rnn_layers - 1)
        self.cells = cast("Sequence[nn.LSTMCell]", nn.ModuleList(nn.LSTMCell(n, D) for n in sizes))
        # Allocated and never used, as in the released code: they belong to the published count.
        self.unused = nn.ModuleList(nn.Linear(D, D, bias=False) for _ in range(count))
        summarise = nn.ModuleList(nn.Linear(2 * D, D, bias=False) for _ in range(count))
        self.summarise = cast("Sequence[nn.Linear]", summarise)
        self.switches = nn.ModuleList(nn.Linear(4 * D, 1) for _ in range(count))
        self.dropout = Dropout(config.dropout)
        self.input_dropout = Dropout(config.input_dropout)
        self.cell_from_hidden = config.cell_from_hidden

    def start(
        self, memories: list[Memory], masks: list[Tensor], ids: list[Tensor], decode: str
    ) -> DecoderState:
        """State before `<init>`: the LSTM starts from the first pointer's last encoder states."""
        if decode not in (CONSISTENT, RELEASED):
            raise ValueError(f"decode is {decode!r}; {CONSISTENT!r} or {RELEASED!r} expected")
        first, exact = memories[0], self.cells[0].weight_hh.dtype  # not autocast's
        h = first.states.h.transpose(0, 1).to(exact)
        c = h if self.cell_from_hidden else first.states.c.transpose(0, 1).to(exact)
        cross = self.answer.cross(first.encodings, decode)
        finals = [memory.final.to(exact) for memory in memories]
        nothing = torch.zeros_like(h[:, 0])
        joined = self.answer.joined()
        return DecoderState(finals, masks, ids, cross, joined, None, h, c, nothing, 0, decode)

    def forward(self, vectors: Tensor, state: DecoderState) -> tuple[Mixture, DecoderState]:
        """Advance over answer words: vectors (B, T, vector width) -> T mixtures, the next state."""
        x, past = self.answer(self.projection(vectors), state)
        B, T, D = x.shape
        fed_mask = self._mask(
            state.output, B, T, D, twice=True
        )  # after the output, before the feed
        input_mask = self._mask(state.output, B, T, 2 * D)  # on the LSTM's input
        cell = self.cells[0]
        fresh, recurrent = cell.weight_ih.split(D, 1)
        seen = x if input_mask is None else x * input_mask[..., :D]
        gates = F.linear(seen, fresh, cell.bias_ih + cell.bias_hh)
        both = fed_mask
        if fed_mask is not None and input_mask is not None:
            both = fed_mask * input_mask[..., D:]
        deeper = tuple((c.weight_ih, c.weight_hh, c.bias_ih + c.bias_hh) for c in self.cells[1:])
        masks = [m for _ in deeper if (m := self._mask(state.output, B, T, D)) is not None]
        with torch.autocast(x.device.type, enabled=False):  # what feeds back stays float32
            loop = unroll(
                gates.to(cell.weight_hh.dtype),
                both,
                state.memories[0],
                state.masks[0],
                Weights(recurrent, cell.weight_hh, self.summarise[0].weight, deeper),
                State(state.h.transpose(0, 1), state.c.transpose(0, 1), state.output),
                torch.stack(masks) if masks else None,
            )
        previous = torch.cat([state.output.unsqueeze(1), loop.outputs[:, :-1]], 1)
        fed = torch.cat([x, previous if fed_mask is None else previous * fed_mask], -1)
        mixture = self._mix(loop.hidden, loop.outputs, loop.scores, fed, state)
        after = replace(
            state,
            past=past,
            h=loop.state.h.transpose(0, 1),
            c=loop.state.c.transpose(0, 1),
            output=loop.state.output,
            position=state.position + T,
        )
        return mixture, after

    def _mix(
        self, h: Tensor, outputs: Tensor, scores: Tensor, fed: Tensor, state: DecoderState
    ) -> Mixture:
        """What does not feed back, for all steps at once: question attention and both switches."""
        logits = [self._switch(0, h, outputs, fed)]
        pointers = [Copying(scores, state.ids[0])]
        for n, memory in enumerate(state.memories[1:], 1):
            score = (h @ memory.transpose(1, 2)).masked_fill(~state.masks[n].unsqueeze(1), MASKED)
            summary = score.softmax(-1) @ memory
            output = torch.tanh(self.summarise[n](torch.cat([h, summary], -1)))
            logits.append(self._switch(n, h, output, fed))
            pointers.append(Copying(score, state.ids[n]))
        between = logits[1] if len(logits) > 1 else None
        return Mixture(self.dropout(outputs), logits[0], between, tuple(pointers))

    def _switch(self, n: int, h: Tensor, output: Tensor, fed: Tensor) -> Tensor:
        """Logit (B, T) of gamma (n = 0) or lambda (n = 1)."""
        return self.switches[n](self.input_dropout(torch.cat([h, output, fed], -1))).squeeze(-1)

    def _mask(self, like: Tensor, *shape: int, twice: bool = False) -> Tensor | None:
        """A scaled dropout mask, None when nothing is dropped. `twice` is two masks in a row."""
        rate = self.dropout.rate
        if not (self.training and rate):
            return None
        mask = keep_mask(shape, rate, like)
        return mask * keep_mask(shape, rate, like) if twice else mask
