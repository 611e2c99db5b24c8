"""The Multitask Question Answering Network (paper, section 3; Figure 2): the main path.

    encoder   embed (CoVe), encode, coattend, deepen     encoder.py
    decoder   self-attend, LSTM, attend, switch           decoder.py
    mixture   vocabulary, context, question               mixture.py

The ablations S2S, +SAtt, +CAtt and +QPtr, and an encoder of Transformer layers alone, are rows of
`config.VARIANTS`; there is no other model.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from mqan.batch import Batch
from mqan.example import PAD
from mqan.model.config import ModelConfig
from mqan.model.decoder import CONSISTENT, Decoder, DecoderState
from mqan.model.embedding import WordVectors, mask_of
from mqan.model.encoder import Encoder
from mqan.model.mixture import Mixture, nll


class MQAN(nn.Module):
    """One network for every task: it sees words, never a task's name.

    vectors: (words, vector width), fixed; ids below `config.generable` can be generated.
    """

    def __init__(self, config: ModelConfig, vectors: Tensor) -> None:
        super().__init__()
        if vectors.shape[1] != config.vector_width:
            raise ValueError(
                f"vectors are {vectors.shape[1]} wide, config says {config.vector_width}"
            )
        if len(vectors) < config.generable:
            raise ValueError(
                f"{len(vectors)} words have vectors, fewer than the {config.generable} generable"
            )
        self.config = config
        self.words = WordVectors(vectors)
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        self.out = nn.Linear(config.width, config.generable)

    def start(self, batch: Batch, decode: str = CONSISTENT) -> DecoderState:
        """Encode a batch: the decoder's state before the first word of the answer."""
        row = self.config.row
        fields = {name: batch.stream(name) for name in row.streams}
        masks = {n: mask_of(f.lengths, f.ids.shape[1]) for n, f in fields.items()}
        memories = self.encoder({n: self.words(f.ids) for n, f in fields.items()}, masks)
        ids = [fields[name].ids for name in row.pointers]
        return self.decoder.start(memories, [masks[name] for name in row.pointers], ids, decode)

    def step(self, words: Tensor, state: DecoderState) -> tuple[Mixture, DecoderState]:
        """Feed answer words (B, T): the distribution after each of them, and the next state."""
        return self.decoder(self.words(words), state)

    def loss(self, batch: Batch) -> Tensor:
        """Mean negative log-likelihood of the answers, nats per token, `<eos>` included."""
        answer = batch.answer.ids
        mixture, _ = self.step(answer[:, :-1], self.start(batch))
        targets = answer[:, 1:]
        return nll(mixture, self.out.weight, self.out.bias, targets, targets != PAD)

    forward = loss

    def parameter_count(self) -> int:
        """Trained numbers, the released code's two unused projections included."""
        return sum(p.numel() for p in self.parameters() if p.requires_grad)

    def frozen_count(self) -> int:
        """Numbers of the MT-LSTM, which stays as it is."""
        return sum(p.numel() for p in self.parameters() if not p.requires_grad)


class Part(NamedTuple):
    """A parameter of the model: its name, shape, how many numbers it has, whether they learn."""

    name: str
    shape: tuple[int, ...]
    numbers: int
    trained: bool


def describe(config: ModelConfig) -> list[Part]:
    """Every parameter, without allocating the model."""
    with torch.device("meta"):
        model = MQAN(config, torch.empty(config.generable, config.vector_width))
    parameters = model.named_parameters()
    return [Part(name, tuple(p.shape), p.numel(), p.requires_grad) for name, p in parameters]
