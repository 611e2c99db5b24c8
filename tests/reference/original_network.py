"""The whole network in the manner of the released code, from the parts in `original_style`.

Training loss and greedy decoding; the latter projects the whole context again for every word.
"""

import math
from dataclasses import dataclass

import torch
from torch.nn import functional as F

from reference.original_style import (
    INF,
    PAD,
    coattention,
    decoder_layer,
    decoder_loop,
    distribution,
    encoder_layer,
    feed_forward,
    heads,
    linear,
    normalised,
    packed_lstm,
    positions,
    select_loss,
    times,
)

INIT, EOS = 2, 3


@dataclass(frozen=True)
class Limited:
    """A batch in the released code's words: ids above the generable ones renumbered per batch."""

    context: torch.Tensor
    question: torch.Tensor
    answer: torch.Tensor
    words: int  # generable and out-of-vocabulary words
    full: list[int]  # the ordinary number of each


def limit(batch, generable):
    """Renumber a batch; the released loader does it, so it belongs to no timing here."""
    fields = (batch.context.ids, batch.question.ids, batch.answer.ids)
    beyond = torch.unique(torch.cat([ids[ids >= generable] for ids in fields]))
    low = [
        torch.where(ids < generable, ids, generable + torch.searchsorted(beyond, ids))
        for ids in fields
    ]
    words = generable + len(beyond)
    return Limited(*low, words, [*range(generable), *beyond.tolist()])


@dataclass
class Encoded:
    """What the decoder reads: final encodings, their padding, the context's layers, h and c."""

    finals: list[torch.Tensor]
    pads: list[torch.Tensor]
    layers: list[torch.Tensor]
    state: tuple[torch.Tensor, torch.Tensor]


class Original:
    """The whole network in the released manner, on the parameters of `model`."""

    def __init__(self, model):
        self.model = model
        # The released code keeps the table on the host and looks words up there.
        self.table = model.words.table.cpu()

    def embed(self, projection, ids):
        """Host look-up, dropout, projection: (B, L) -> (B, L, D)."""
        vectors = F.embedding(ids.cpu(), self.table).to(ids.device)
        rate = projection.dropout.rate
        return linear(projection.linear, F.dropout(vectors, rate, projection.training))

    def encode(self, batch, expand=True):
        """Everything before the decoder."""
        encoder, fields = self.model.encoder, (batch.context, batch.question)
        pads = [field.ids == PAD for field in fields]
        embedded = [self.embed(encoder.projection, field.ids) for field in fields]
        lstm = encoder.independent.layers[0]
        encoded = [
            packed_lstm(lstm, x, f.lengths)[0] for x, f in zip(embedded, fields, strict=True)
        ]
        coattended = coattention(encoder.coattention, *encoded, *pads, expand)
        finals, stacks, states = [], [], []
        for n, name in enumerate(("context", "question")):
            part, lengths = encoder.deepen[name], fields[n].lengths
            x = torch.cat([coattended[n], encoded[n], embedded[n]], -1)
            x = packed_lstm(part.compress.layers[0], x, lengths)[0]
            layers = [F.dropout(x, part.dropout.rate, part.training)]
            for layer in part.layers:
                layers.append(encoder_layer(layer, layers[-1], pads[n]))
            final, ends = packed_lstm(part.final.layers[0], layers[-1], lengths)
            finals.append(final)
            stacks.append(layers)
            states.append([side.transpose(0, 1).reshape(len(final), -1) for side in ends])
        return Encoded(finals, pads, stacks[0], tuple(states[0]))

    def loss(self, batch, limited, select=True, expand=True):
        """Mean negative log-likelihood of a batch; `limited` is `limit(batch, V)`."""
        model, encoded = self.model, self.encode(batch, expand)
        answer = model.decoder.answer
        x = self.embed(model.decoder.projection, batch.answer.ids)[:, :-1].contiguous()
        pad = (batch.answer.ids == PAD)[:, :-1]
        x = F.dropout(x + positions(x), answer.dropout.rate, answer.training)
        for layer, encoding in zip(answer.layers, encoded.layers[1:], strict=True):
            x = decoder_layer(layer, x, x, encoding, encoded.pads[0], pad, True)
        steps = decoder_loop(model.decoder, x, encoded.finals, encoded.pads, encoded.state)
        ids = (limited.context, limited.question)
        p = distribution(model.out, steps, ids, limited.words)
        return select_loss(p, limited.answer[:, 1:].contiguous(), select)

    @torch.no_grad()
    def greedy(self, batch, limited, length, cached=False):
        """Answers (B, length), the whole context projected again for every word unless `cached`.

        Decodes as training computes; the released decoder's own slips cost no time either way.
        """
        model = self.model.eval()
        encoded, layers = self.encode(batch), model.decoder.answer.layers
        final, B, D = encoded.finals[0], len(batch), model.config.width
        table = torch.tensor(limited.full).tolist()
        outs = torch.full((B, length), PAD, device=final.device)
        hidden = [final.new_zeros(B, length, D) for _ in range(len(layers) + 1)]
        hidden[0] = hidden[0] + positions(hidden[0])
        ended = torch.zeros(B, dtype=torch.bool, device=final.device)
        memory = [_projected(n, encoded.layers[i + 1]) for i, n in enumerate(layers)]
        output, state, ids = None, encoded.state, (limited.context, limited.question)
        word = torch.full((B, 1), INIT, device=final.device)
        for t in range(length):
            hidden[0][:, t] += self.embed(model.decoder.projection, word).squeeze(1)
            for n, layer in enumerate(layers):
                encoding, x, past = encoded.layers[n + 1], hidden[n][:, t], hidden[n][:, : t + 1]
                if cached:
                    y = _cached_layer(layer, x, past, memory[n], encoded.pads[0])
                else:
                    y = decoder_layer(layer, x, past, encoding, encoded.pads[0], None, False)
                hidden[n + 1][:, t] = y
            steps = decoder_loop(
                model.decoder, hidden[-1][:, t : t + 1], encoded.finals, encoded.pads, state, output
            )
            state, output = steps.state, steps.outputs[:, 0]
            best = distribution(model.out, steps, ids, limited.words).max(-1)[1].squeeze(1)
            ended |= best == EOS
            outs[:, t] = best.cpu().apply_(table.__getitem__)
            word = outs[:, t : t + 1]
            if ended.all():
                break
        return outs


def _projected(layer, encoding):
    cross = layer.cross_attention
    return [linear(cross.key, encoding), linear(cross.value, encoding)]


def _cached_layer(layer, x, past, memory, pad):
    x = normalised(layer.self_block, x, heads(layer.self_attention, x, past, past))
    cross = layer.cross_attention
    parts = [y.chunk(cross.heads, -1) for y in (linear(cross.query, x), *memory)]
    scale, outputs = math.sqrt(x.shape[-1]), []
    for q, k, v in zip(*parts, strict=True):
        scores = times(q, k.transpose(1, 2)).masked_fill_(pad, -INF)
        outputs.append(times(F.softmax(scores / scale, -1), v))
    x = normalised(layer.cross_block, x, torch.cat(outputs, -1))
    return normalised(layer.feedforward_block, x, feed_forward(layer.feedforward, x))
