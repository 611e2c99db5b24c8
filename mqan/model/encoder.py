"""From word vectors to what the decoder reads (paper, section 3: everything before the decoder)."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from mqan.model.attention import EncoderLayer
from mqan.model.coattention import Coattention, NoCoattention
from mqan.model.config import ModelConfig
from mqan.model.cove import MTLSTM, NoCove
from mqan.model.dropout import Dropout
from mqan.model.embedding import Projection
from mqan.model.recurrent import BiLSTM, FinalState
from mqan.model.streams import side_by_side
from mqan.model.transformer import TransformerReader


class Memory(NamedTuple):
    """A stream the decoder reads.

    final: (B, L, D), zeros on padding. states: last states of its last BiLSTM or other reader.
    encodings: input and output of each self-attention layer, (B, L, D) each; empty without them.
    """

    final: Tensor
    states: FinalState
    encodings: list[Tensor]


def reader(config: ModelConfig, inputs: int, depth: int) -> nn.Module:
    """What reads a text of `inputs` features: forward(x, mask) -> (B, L, D), states."""
    if config.row.recurrent:
        return BiLSTM(inputs, config.width, depth, config.dropout)
    return TransformerReader(config, inputs, depth)


class Deepening(nn.Module):
    """Compression, self-attention and final encoding of one stream; its own weights per stream."""

    def __init__(self, config: ModelConfig, features: int) -> None:
        super().__init__()
        sizes = (config.width, config.heads, config.hidden, config.dropout, config.input_dropout)
        self.compress = reader(config, features, config.rnn_layers)
        self.dropout = Dropout(config.dropout)
        self.layers = nn.ModuleList(EncoderLayer(*sizes) for _ in range(config.layers))
        self.final = reader(config, config.width, config.rnn_layers)

    def forward(self, features: list[Tensor], mask: Tensor) -> Memory:
        """[coattended (B, L, 2D or 0), encoded (B, L, D), embedded (B, L, D)] -> Memory."""
        x, _ = self.compress(torch.cat(features, -1), mask)
        encodings = [self.dropout(x)]
        for layer in self.layers:
            encodings.append(layer(encodings[-1], mask))
        final, states = self.final(encodings[-1], mask)
        return Memory(final, states, encodings)


class Encoder(nn.Module):
    """CoVe, projection and one BiLSTM shared by all streams; coattend, deepen the pointed-to."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        row = config.row
        self.streams, self.pointers = row.streams, row.pointers
        self._pointed = [row.streams.index(name) for name in row.pointers]
        self.cove = MTLSTM(config) if config.cove_hidden else NoCove()
        self.projection = Projection(config, self.cove.features)
        # Where nothing deepens it, the shared BiLSTM is the final encoder and carries the depth.
        depth = 1 if row.self_attention else config.rnn_layers
        self.independent = reader(config, config.width, depth)
        self.coattention = (
            Coattention(config.width, config.coattention_dropout)
            if row.coattention
            else NoCoattention()
        )
        features = self.coattention.features + 2 * config.width
        self.deepen = nn.ModuleDict(
            {name: Deepening(config, features) for name in row.pointers if row.self_attention}
        )

    def forward(self, vectors: dict[str, Tensor], masks: dict[str, Tensor]) -> list[Memory]:
        """Word vectors (B, L, vector width) and masks of each stream -> one Memory per pointer."""
        embedded = [self.projection(self.cove(vectors[n], masks[n])) for n in self.streams]
        encoded, states = zip(
            *(self.independent(x, masks[n]) for x, n in zip(embedded, self.streams, strict=True)),
            strict=True,
        )
        coattended = self.coattention(list(encoded), [masks[name] for name in self.streams])
        if not self.deepen:
            return [Memory(encoded[at], states[at], []) for at in self._pointed]
        features = [[coattended[at], encoded[at], embedded[at]] for at in self._pointed]
        work = [(n, x, masks[n]) for n, x in zip(self.pointers, features, strict=True)]
        return side_by_side(lambda name, x, mask: self.deepen[name](x, mask), work)
