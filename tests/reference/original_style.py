"""MQAN in the manner of the released code: the same operations, batched, on the weights of ours.

What benchmarks are measured against, and as slow as the original, not slower: packed LSTMs,
coattention sums over an expanded (B, C, Q, D) product, heads one at a time, a decoder loop that
does everything in every step, the distribution over V + OOV words, of which a boolean mask selects
the real rows, and decoding that projects the whole context again for every word. It takes the
parameters of an `mqan.model.mqan.MQAN` and shares no code with it; only `qptr` with one LSTM layer.

`without` leaves out the worst mistake of a part, which says how much of a gain is one bad call.
"""

import math
from dataclasses import dataclass

import torch
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

PAD, INIT, EOS = 1, 2, 3
INF, EPSILON = 1e10, 1e-10


def packed_lstm(lstm, x, lengths):
    """Outputs (B, L, D) and last h, c (2, B, D/2) of an nn.LSTM over rows sorted and packed."""
    lengths, order = torch.sort(lengths, descending=True)
    out, (h, c) = lstm(pack_padded_sequence(x[order], lengths.tolist(), batch_first=True))
    back = torch.sort(order)[1]
    out = pad_packed_sequence(out, batch_first=True)[0][back]
    return out, (h[:, back], c[:, back])


def reversed_lstm(lstm, x, lengths):
    """The same without packing: each direction alone, texts turned round by index. Outputs only."""
    place = torch.arange(x.shape[1], device=x.device)
    real = place < lengths.unsqueeze(1)
    turned = torch.where(real, lengths.unsqueeze(1) - 1 - place, place).unsqueeze(-1)
    sides = []
    for end in ("", "_reverse"):
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        weights = [getattr(lstm, f"{name}_l0{end}") for name in names]
        zeros = x.new_zeros(1, x.shape[0], weights[1].shape[1])
        seen = x.gather(1, turned.expand_as(x)) if end else x
        out = torch.lstm(seen, (zeros, zeros), weights, True, 1, 0.0, True, False, True)[0]
        sides.append(out.gather(1, turned.expand_as(out)) if end else out)
    return torch.cat(sides, -1) * real.unsqueeze(-1)


def coattention(module, context, question, context_pad, question_pad, expand=True):
    """[coattended; summary] of both streams, (B, C, 2D) and (B, Q, 2D); pads True on padding."""
    B, rate, on = len(context), module.dropout.rate, module.training
    dummies = [row.expand(B, 1, -1) for row in module.dummies]
    context = torch.cat([dummies[0], F.dropout(context, rate, on)], 1)
    question = torch.tanh(_linear(module.project, torch.cat([dummies[1], question], 1)))
    first = context_pad.new_zeros(B, 1)
    affinity = context.bmm(question.transpose(1, 2))
    over_context = _normalise(affinity, torch.cat([first, context_pad], 1))
    over_question = _normalise(affinity.transpose(1, 2), torch.cat([first, question_pad], 1))
    total = _expanded_sum if expand else _product_sum
    context_sums, question_sums = total(over_context, context), total(over_question, question)
    one = torch.cat([total(over_question, context_sums), question_sums], 2)
    two = torch.cat([total(over_context, question_sums), context_sums], 2)
    return one[:, 1:], two[:, 1:]


def _normalise(scores, pad):
    scores = scores.clone()
    with torch.no_grad():
        scores.masked_fill_(pad.unsqueeze(-1).expand_as(scores), -INF)
    return F.softmax(scores, 1)


def _expanded_sum(weights, vectors):
    B, L, M = weights.shape
    D = vectors.shape[-1]
    wide = weights.unsqueeze(3).expand(B, L, M, D) * vectors.unsqueeze(2).expand(B, L, M, D)
    return wide.sum(1)


def _product_sum(weights, vectors):
    return weights.transpose(1, 2) @ vectors


def _linear(layer, x):
    flat = F.linear(x.contiguous().view(-1, x.shape[-1]), layer.weight, layer.bias)
    return flat.view(*x.shape[:-1], -1)


def _times(x, y):
    """(B, L, D) or (B, D) by (B, D, M) -> (B, L, M) or (B, M)."""
    return x @ y if x.dim() == y.dim() else (x.unsqueeze(-2) @ y).squeeze(-2)


def _over(pad, scores):
    return pad if scores.dim() == 2 else pad.unsqueeze(1).expand_as(scores)


def heads(module, query, key, value, pad=None, causal=False, fused=False):
    """Multi-head attention, one chunk of the width after the other, scaled by the whole width."""
    count, rate, on = module.heads, module.rate, module.training
    pairs = ((module.query, query), (module.key, key), (module.value, value))
    parts = [_linear(layer, x).chunk(count, -1) for layer, x in pairs]
    scale = math.sqrt(query.shape[-1])
    if fused:
        mask = None if pad is None else ~pad.unsqueeze(1)
        attend = F.scaled_dot_product_attention
        parts = [attend(q, k, v, mask, scale=1 / scale) for q, k, v in zip(*parts, strict=True)]
        return torch.cat(parts, -1)
    outputs = []
    for q, k, v in zip(*parts, strict=True):
        scores = _times(q, k.transpose(1, 2))
        with torch.no_grad():
            if causal:
                later = scores.new_ones(k.shape[1], k.shape[1]).triu(1) * INF
                scores.sub_(later.unsqueeze(0))
            if pad is not None:
                scores.masked_fill_(_over(pad, scores), -INF)
        outputs.append(_times(F.dropout(F.softmax(scores / scale, -1), rate, on), v))
    return torch.cat(outputs, -1)


def _norm(block, x, branch):
    x = x + F.dropout(branch, block.dropout.rate, block.training)
    mean, std = x.mean(-1, keepdim=True), x.std(-1, keepdim=True)
    return block.norm.gain * (x - mean) / (std + 1e-6) + block.norm.shift


def _feed_forward(module, x):
    inner = F.dropout(x, module.dropout.rate, module.training)
    return _linear(module.outer, F.relu(_linear(module.inner, inner)))


def encoder_layer(layer, x, pad, fused=False):
    """Self-attention and feed-forward, each in a residual block: (B, L, D) -> (B, L, D)."""
    attended = heads(layer.attention, x, x, x, pad, fused=fused)
    x = _norm(layer.attention_block, x, attended)
    return _norm(layer.feedforward_block, x, _feed_forward(layer.feedforward, x))


def decoder_layer(layer, x, past, encoding, context_pad, answer_pad, causal):
    """One layer over the answer: x (B, T, D) with past = x, or one position (B, D) of it."""
    x = _norm(
        layer.self_block, x, heads(layer.self_attention, x, past, past, answer_pad, causal=causal)
    )
    crossed = heads(layer.cross_attention, x, encoding, encoding, context_pad)
    x = _norm(layer.cross_block, x, crossed)
    return _norm(layer.feedforward_block, x, _feed_forward(layer.feedforward, x))


def positions(x):
    """Sinusoidal codes (L, D), channel by channel."""
    place = torch.arange(0.0, x.shape[1], device=x.device, dtype=x.dtype)
    codes = torch.zeros(x.shape[1:], device=x.device, dtype=x.dtype)
    for channel in range(x.shape[-1]):
        wave = torch.cos if channel % 2 else torch.sin
        codes[:, channel] = wave(place / 10000 ** ((channel - channel % 2) / x.shape[-1]))
    return codes


@dataclass
class Steps:
    """What the decoder loop leaves: outputs (B, T, D), attentions (B, T, L), switches (B, T, 1)."""

    outputs: torch.Tensor
    attentions: list[torch.Tensor]
    gamma: torch.Tensor
    between: torch.Tensor
    state: tuple[torch.Tensor, torch.Tensor]


def decoder_loop(decoder, x, memories, pads, state, output=None, hoist=False):
    """The pointer decoder over x (B, T, D), step by step.

    `hoist` leaves to the loop what feeds back; question attention and switches follow at once.
    """
    rate, on = decoder.dropout.rate, decoder.training
    output = torch.zeros_like(x[:, 0]) if output is None else output
    rows = []
    for word in x.split(1, 1):
        fed = torch.cat([word.squeeze(1), F.dropout(output, rate, on)], 1)
        h, c = decoder.cells[0](F.dropout(fed, rate, on), state)
        state = (h, c)
        output, context_at = _point(decoder.summarise[0], h, memories[0], pads[0])
        row = [h, fed, output, context_at]
        if not hoist:
            other, question_at = _point(decoder.summarise[1], h, memories[1], pads[1])
            row += [question_at, _switch(decoder, 0, h, output, fed)]
            row.append(_switch(decoder, 1, h, other, fed))
        output = F.dropout(output, rate, on)
        rows.append([*row, output])
    h, fed, plain, context_at, *rest, outputs = (torch.stack(r, 1) for r in zip(*rows, strict=True))
    if hoist:
        other, question_at = _point(decoder.summarise[1], h, memories[1], pads[1])
        rest = [question_at, _switch(decoder, 0, h, plain, fed), _switch(decoder, 1, h, other, fed)]
    question_at, gamma, between = rest
    return Steps(outputs, [context_at, question_at], gamma, between, state)


def _point(summarise, h, memory, pad):
    """tanh(W [h; summary]) and the attention weights, for one step (B, D) or all (B, T, D)."""
    scores = _times(h, memory.transpose(1, 2))
    with torch.no_grad():
        scores.masked_fill_(_over(pad, scores), -math.inf)
    weights = F.softmax(scores, -1) + EPSILON
    summary = _times(weights, memory)
    return torch.tanh(_linear(summarise, torch.cat([h, summary], -1))), weights


def _switch(decoder, n, h, output, fed):
    x = F.dropout(torch.cat([h, output, fed], -1), decoder.input_dropout.rate, decoder.training)
    return torch.sigmoid(_linear(decoder.switches[n], x))


def distribution(out, steps, ids, words):
    """The whole mixture (B, T, words); ids (B, L) of context and question, below `words`."""
    scores = _linear(out, steps.outputs)
    p = steps.gamma.expand_as(scores) * F.softmax(scores, -1)
    if words > p.shape[-1]:
        floor = p.new_full((*p.shape[:2], words - p.shape[-1]), EPSILON)
        p = torch.cat([p, floor], -1)
    shares = (steps.between * (1 - steps.gamma), (1 - steps.between) * (1 - steps.gamma))
    for share, weights, source in zip(shares, steps.attentions, ids, strict=True):
        p.scatter_add_(
            2, source.unsqueeze(1).expand_as(weights), share.expand_as(weights) * weights
        )
    return p


def select_loss(p, targets, select=True):
    """Mean negative log-likelihood over real targets (B, T), the real rows chosen by a mask.

    The released code spreads the mask over the whole (B, T, words) tensor; `select=False` takes
    the rows by number instead.
    """
    real = targets != PAD
    if select:
        rows = p[real.unsqueeze(-1).expand_as(p).contiguous()].contiguous().view(-1, p.shape[-1])
    else:
        rows = p.reshape(-1, p.shape[-1]).index_select(0, real.flatten().nonzero().squeeze(1))
    return F.nll_loss(rows.log(), targets[real])


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
        return _linear(projection.linear, F.dropout(vectors, rate, projection.training))

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
    return [_linear(cross.key, encoding), _linear(cross.value, encoding)]


def _cached_layer(layer, x, past, memory, pad):
    x = _norm(layer.self_block, x, heads(layer.self_attention, x, past, past))
    cross = layer.cross_attention
    parts = [y.chunk(cross.heads, -1) for y in (_linear(cross.query, x), *memory)]
    scale, outputs = math.sqrt(x.shape[-1]), []
    for q, k, v in zip(*parts, strict=True):
        scores = _times(q, k.transpose(1, 2)).masked_fill_(pad, -INF)
        outputs.append(_times(F.softmax(scores / scale, -1), v))
    x = _norm(layer.cross_block, x, torch.cat(outputs, -1))
    return _norm(layer.feedforward_block, x, _feed_forward(layer.feedforward, x))
