"""The translator whose encoder becomes the MT-LSTM (McCann et al. 2017, section 3).

Two-layer BiLSTM on fixed vectors of the English words, two-layer LSTM with input feeding on trained
vectors of the German ones, attention, softmax: the trainer of salesforce/cove (OpenNMT-py) at its
defaults, uniform(-0.1, 0.1) at the start included. Departures: docs/departures.md, "Model".
"""

from collections.abc import Iterator
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mqan.batch import Batch
from mqan.example import PAD
from mqan.model.cove import LAYERS
from mqan.model.dropout import Dropout, keep_mask
from mqan.model.embedding import WordVectors, mask_of
from mqan.model.recurrence import State, Weights, unroll
from mqan.model.recurrent import BiLSTM

INITIAL = 0.1


class Translator(nn.Module):
    """English context -> German answer; H = `hidden` per direction, the decoder has D = 2H.

    vectors: (words, width), fixed, of all words of the pairs. classes: (words,) German number of
    each of them, UNK for those that cannot be written; special tokens keep theirs.
    """

    classes: Tensor

    def __init__(self, vectors: Tensor, classes: Tensor, hidden: int, dropout: float) -> None:
        super().__init__()
        width, D, count = vectors.shape[1], 2 * hidden, int(classes.max()) + 1
        self.words = WordVectors(vectors)
        self.register_buffer("classes", classes, persistent=False)
        self.dropout = Dropout(dropout)
        self.encoder = BiLSTM(width, D, LAYERS, dropout)
        self.keys = nn.Linear(D, D, bias=False)
        self.embed = nn.Embedding(count, width)
        cells = nn.ModuleList(nn.LSTMCell(size, D) for size in (width + D, D))
        self.cells = cast("list[nn.LSTMCell]", cells)
        self.summarise = nn.Linear(2 * D, D, bias=False)
        self.out = nn.Linear(D, count)
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -INITIAL, INITIAL)

    def loss(self, batch: Batch) -> Tensor:
        """Mean negative log-likelihood of the German words, nats per token, `<eos>` included."""
        answer = self.classes[batch.answer.ids]
        targets = answer[:, 1:]
        states = self.decode(batch, answer[:, :-1])
        if states.device.type != "cpu":  # as in `mixture.nll`: no shape may depend on a value
            return F.cross_entropy(
                self.out(states).flatten(0, 1), targets.flatten(), ignore_index=PAD
            )
        real = targets != PAD
        return F.cross_entropy(self.out(states[real]), targets[real])

    def decode(self, batch: Batch, words: Tensor) -> Tensor:
        """German words so far (B, T) -> what the softmax reads after each of them, (B, T, D)."""
        english = batch.context
        mask = mask_of(english.lengths, english.ids.shape[1])
        encoded, states = self.encoder(self.dropout(self.words(english.ids)), mask)
        memory = self.keys(self.dropout(encoded))
        first, second = self.cells
        x = self.dropout(self.embed(words))
        (B, T), D = words.shape, first.hidden_size
        fresh, fed = first.weight_ih.split([x.shape[-1], D], 1)
        feed_mask, between = self._masks(x, B, T, D)
        exact = first.weight_hh.dtype  # not autocast's
        gates = F.linear(x, fresh, first.bias_ih + first.bias_hh)
        deeper = (second.weight_ih, second.weight_hh, second.bias_ih + second.bias_hh)
        with torch.autocast(x.device.type, enabled=False):  # what feeds back stays float32
            h, c = states.h.to(exact), states.c.to(exact)
            loop = unroll(
                gates.to(exact),
                feed_mask,
                memory.to(exact),
                mask,
                Weights(fed, first.weight_hh, self.summarise.weight, (deeper,)),
                State(h, c, torch.zeros_like(h[0])),
                None if between is None else between.unsqueeze(0),
            )
        return self.dropout(loop.outputs)

    def _masks(self, like: Tensor, *shape: int) -> tuple[Tensor | None, Tensor | None]:
        """Scaled dropout on what is fed back and between the cells; None where nothing is."""
        rate = self.dropout.rate
        if not (self.training and rate):
            return None, None
        return keep_mask(shape, rate, like), keep_mask(shape, rate, like)


@torch.no_grad()
def perplexity(model: Translator, batches: Iterator[Batch]) -> float:
    """exp of the mean nats per German token; a word that cannot be written counts as `<unk>`."""
    training = model.training
    model.eval()
    total, tokens = 0.0, 0
    for batch in batches:
        count = int((batch.answer.ids[:, 1:] != PAD).sum())
        total, tokens = total + model.loss(batch).item() * count, tokens + count
    model.train(training)
    return float(torch.tensor(total / tokens, dtype=torch.float64).exp())
