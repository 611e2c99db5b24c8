"""MQAN in the manner of the released code: the same operations, batched, on the weights of ours.

What benchmarks are measured against, and as slow as the original, not slower: packed LSTMs,
coattention sums over an expanded (B, C, Q, D) product, heads one at a time, a decoder loop that
does everything in every step, the distribution over V + OOV words, of which a boolean mask selects
the real rows. The whole network is in `original_network`. Parameters are those of an
`mqan.model.mqan.MQAN`, the code is its own; only `qptr` with one LSTM layer.

`expand`, `fused`, `hoist`, `select` and `reversed_lstm` leave out the worst mistake of a part: they
tell how much of a gain is one bad call.
"""

import math
from dataclasses import dataclass

import torch
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

PAD = 1
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
    question = torch.tanh(linear(module.project, torch.cat([dummies[1], question], 1)))
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


def linear(layer, x):
    flat = F.linear(x.contiguous().view(-1, x.shape[-1]), layer.weight, layer.bias)
    return flat.view(*x.shape[:-1], -1)


def times(x, y):
    """(B, L, D) or (B, D) by (B, D, M) -> (B, L, M) or (B, M)."""
    return x @ y if x.dim() == y.dim() else (x.unsqueeze(-2) @ y).squeeze(-2)


def _over(pad, scores):
    return pad if scores.dim() == 2 else pad.unsqueeze(1).expand_as(scores)


def heads(module, query, key, value, pad=None, causal=False, fused=False):
    """Multi-head attention, one chunk of the width after the other, scaled by the whole width."""
    count, rate, on = module.heads, module.rate, module.training
    pairs = ((module.query, query), (module.key, key), (module.value, value))
    parts = [linear(layer, x).chunk(count, -1) for layer, x in pairs]
    scale = math.sqrt(query.shape[-1])
    if fused:
        mask = None if pad is None else ~pad.unsqueeze(1)
        attend = F.scaled_dot_product_attention
        parts = [attend(q, k, v, mask, scale=1 / scale) for q, k, v in zip(*parts, strict=True)]
        return torch.cat(parts, -1)
    outputs = []
    for q, k, v in zip(*parts, strict=True):
        scores = times(q, k.transpose(1, 2))
        with torch.no_grad():
            if causal:
                later = scores.new_ones(k.shape[1], k.shape[1]).triu(1) * INF
                scores.sub_(later.unsqueeze(0))
            if pad is not None:
                scores.masked_fill_(_over(pad, scores), -INF)
        outputs.append(times(F.dropout(F.softmax(scores / scale, -1), rate, on), v))
    return torch.cat(outputs, -1)


def normalised(block, x, branch):
    x = x + F.dropout(branch, block.dropout.rate, block.training)
    mean, std = x.mean(-1, keepdim=True), x.std(-1, keepdim=True)
    return block.norm.gain * (x - mean) / (std + 1e-6) + block.norm.shift


def feed_forward(module, x):
    inner = F.dropout(x, module.dropout.rate, module.training)
    return linear(module.outer, F.relu(linear(module.inner, inner)))


def encoder_layer(layer, x, pad, fused=False):
    """Self-attention and feed-forward, each in a residual block: (B, L, D) -> (B, L, D)."""
    attended = heads(layer.attention, x, x, x, pad, fused=fused)
    x = normalised(layer.attention_block, x, attended)
    return normalised(layer.feedforward_block, x, feed_forward(layer.feedforward, x))


def decoder_layer(layer, x, past, encoding, context_pad, answer_pad, causal):
    """One layer over the answer: x (B, T, D) with past = x, or one position (B, D) of it."""
    x = normalised(
        layer.self_block, x, heads(layer.self_attention, x, past, past, answer_pad, causal=causal)
    )
    crossed = heads(layer.cross_attention, x, encoding, encoding, context_pad)
    x = normalised(layer.cross_block, x, crossed)
    return normalised(layer.feedforward_block, x, feed_forward(layer.feedforward, x))


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
    scores = times(h, memory.transpose(1, 2))
    with torch.no_grad():
        scores.masked_fill_(_over(pad, scores), -math.inf)
    weights = F.softmax(scores, -1) + EPSILON
    summary = times(weights, memory)
    return torch.tanh(linear(summarise, torch.cat([h, summary], -1))), weights


def _switch(decoder, n, h, output, fed):
    x = F.dropout(torch.cat([h, output, fed], -1), decoder.input_dropout.rate, decoder.training)
    return torch.sigmoid(linear(decoder.switches[n], x))


def distribution(out, steps, ids, words):
    """The whole mixture (B, T, words); ids (B, L) of context and question, below `words`."""
    scores = linear(out, steps.outputs)
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
