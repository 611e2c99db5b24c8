"""Each part of the network as its equations read: one example, one position, one head at a time.

Every function takes the parameters of the part it mirrors and unpadded inputs of one example, so it
can neither pad wrongly nor mix rows. Autograd runs through it; nothing here is shared with mqan.
"""

import math
from types import SimpleNamespace

import torch


def lstm_direction(xs, w_ih, w_hh, b_ih, b_hh):
    """Outputs of one LSTM direction over a list of vectors, and its last h and c."""
    size = w_hh.shape[1]
    h, c = xs[0].new_zeros(size), xs[0].new_zeros(size)
    out = []
    for x in xs:
        i, f, g, o = (w_ih @ x + b_ih + w_hh @ h + b_hh).split(size)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        out.append(h)
    return out, h, c


def bilstm(module, x):
    """(L, inputs) -> (L, width), h and c of each layer (layers, width)."""
    hs, cs = [], []
    for layer in module.layers:
        sides = []
        for end, order in (("", 1), ("_reverse", -1)):
            names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            weights = [getattr(layer, f"{name}_l0{end}") for name in names]
            out, h, c = lstm_direction(list(x)[::order], *weights)
            sides.append((out[::order], h, c))
        (forward, hf, cf), (backward, hb, cb) = sides
        x = torch.stack([torch.cat(pair) for pair in zip(forward, backward, strict=True)])
        hs.append(torch.cat([hf, hb]))
        cs.append(torch.cat([cf, cb]))
    return x, torch.stack(hs), torch.stack(cs)


def transformer(module, heads, x):
    """(L, inputs) -> (L, width), and the mean of its rows for h and c of each layer."""
    if hasattr(module.narrow, "weight"):
        x = [module.narrow.weight @ row + module.narrow.bias for row in x]
    x = torch.stack([row + position_code(p, len(row)).to(row) for p, row in enumerate(x)])
    for layer in module.layers:
        x = encoder_layer(layer, heads, x)
    state = torch.stack([sum(x) / len(x) for _ in module.layers])
    return x, state, state


def read(module, config, x):
    """What stands at the place of a BiLSTM."""
    if config.row.recurrent:
        return bilstm(module, x)
    return transformer(module, config.heads, x)


def coattention(module, context, question):
    """(C, D), (Q, D) -> (C, 2D), (Q, 2D), summing one weighted vector after the other."""
    context = [module.dummies[0], *context]
    question = [torch.tanh(module.project(q)) for q in [module.dummies[1], *question]]
    affinity = torch.stack([torch.stack([c @ q for q in question]) for c in context])
    over_context = [torch.softmax(affinity[:, j], 0) for j in range(len(question))]
    over_question = [torch.softmax(affinity[i], 0) for i in range(len(context))]
    c_sum = [sum(w * c for w, c in zip(ws, context, strict=True)) for ws in over_context]
    q_sum = [sum(w * q for w, q in zip(ws, question, strict=True)) for ws in over_question]
    c_coa = [sum(w * s for w, s in zip(ws, c_sum, strict=True)) for ws in over_question]
    q_coa = [sum(w * s for w, s in zip(ws, q_sum, strict=True)) for ws in over_context]
    return (
        torch.stack([torch.cat(pair) for pair in zip(c_coa[1:], q_sum[1:], strict=True)]),
        torch.stack([torch.cat(pair) for pair in zip(q_coa[1:], c_sum[1:], strict=True)]),
    )


def layer_norm(module, x):
    """gain (x - mean) / (std + 1e-6) + shift with the unbiased std."""
    return module.gain * (x - x.mean()) / (x.std() + 1e-6) + module.shift


def multi_head(module, heads, queries, memory, visible):
    """Heads by torch.chunk, scaled by the root of the full width; visible(i, j) masks."""
    width = queries.shape[-1]
    outputs = []
    for i, query in enumerate(queries):
        parts = []
        q = module.query.weight @ query
        keys = [module.key.weight @ m for m in memory]
        values = [module.value.weight @ m for m in memory]
        seen = [j for j in range(len(memory)) if visible(i, j)]
        for n, piece in enumerate(q.chunk(heads)):
            scores = torch.stack([piece @ keys[j].chunk(heads)[n] for j in seen])
            weights = torch.softmax(scores / math.sqrt(width), 0)
            parts.append(
                sum(w * values[j].chunk(heads)[n] for w, j in zip(weights, seen, strict=True))
            )
        outputs.append(torch.cat(parts))
    return outputs


def feed_forward(module, x):
    """Linear, ReLU, linear."""
    return module.outer(torch.relu(module.inner(x)))


def encoder_layer(layer, heads, x):
    """Self-attention and feed-forward of one example (L, D)."""
    attended = multi_head(layer.attention, heads, x, x, lambda i, j: True)
    x = [layer_norm(layer.attention_block.norm, a + b) for a, b in zip(x, attended, strict=True)]
    x = [
        layer_norm(layer.feedforward_block.norm, a + feed_forward(layer.feedforward, a)) for a in x
    ]
    return torch.stack(x)


def position_code(p, width):
    """Sinusoidal code of position p."""
    angles = [p / 10000 ** ((k - k % 2) / width) for k in range(width)]
    codes = [math.cos(a) if k % 2 else math.sin(a) for k, a in enumerate(angles)]
    return torch.tensor(codes, dtype=torch.float64)


def decoder_self_attention(answer, heads, x, encodings):
    """Transformer decoder over (T, D); layer l attends to the output of encoder layer l."""
    x = torch.stack([v + position_code(p, len(v)).to(v) for p, v in enumerate(x)])
    for layer, memory in zip(answer.layers, encodings[1:], strict=True):
        own = multi_head(layer.self_attention, heads, x, x, lambda i, j: j <= i)
        x = torch.stack(
            [layer_norm(layer.self_block.norm, a + b) for a, b in zip(x, own, strict=True)]
        )
        cross = multi_head(layer.cross_attention, heads, x, memory, lambda i, j: True)
        x = [layer_norm(layer.cross_block.norm, a + b) for a, b in zip(x, cross, strict=True)]
        x = torch.stack(
            [
                layer_norm(layer.feedforward_block.norm, a + feed_forward(layer.feedforward, a))
                for a in x
            ]
        )
    return x


def stacked_cells(cells, x, hs, cs):
    """One step of stacked LSTM cells."""
    for n, cell in enumerate(cells):
        _, hs[n], cs[n] = _cell(cell, x, hs[n], cs[n])
        x = hs[n]
    return x


def _cell(cell, x, h, c):
    gates = cell.weight_ih @ x + cell.bias_ih + cell.weight_hh @ h + cell.bias_hh
    i, f, g, o = gates.split(len(h))
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return None, torch.sigmoid(o) * torch.tanh(c), c


def attend(summarise, h, memory):
    """Dot-product attention with 1e-10 on each weight, and tanh(W [h; summary])."""
    weights = torch.softmax(torch.stack([m @ h for m in memory]), 0)
    summary = sum(w * m for w, m in zip(weights, memory, strict=True))
    return weights, torch.tanh(summarise(torch.cat([h, summary])))


def cove(model, vectors):
    """[first layer, if asked for; last layer; vectors] of the frozen MT-LSTM, (L, features + V)."""
    config = model.config
    if not config.cove_hidden:
        return vectors
    below, above = model.encoder.cove.lstm.layers
    read = vectors[:, config.cove_first : config.cove_first + config.cove_width]
    first = bilstm(SimpleNamespace(layers=[below]), read)[0]
    last = bilstm(SimpleNamespace(layers=[above]), first)[0]
    return torch.cat([first, last, vectors] if config.cove_layers == 2 else [last, vectors], -1)


def encode(model, texts):
    """Streams as lists of ids -> for each pointer (final (L, D), h, c, encodings)."""
    encoder, heads = model.encoder, model.config.heads
    embedded = [encoder.projection.linear(cove(model, model.words.table[ids])) for ids in texts]
    encoded = [read(encoder.independent, model.config, x) for x in embedded]
    if model.config.row.coattention:
        coattended = coattention(encoder.coattention, encoded[0][0], encoded[1][0])
    else:
        coattended = [x[:, :0] for x in embedded]
    memories = []
    for name in encoder.pointers:
        at = encoder.streams.index(name)
        if name not in encoder.deepen:
            memories.append((*encoded[at], []))
            continue
        part = encoder.deepen[name]
        features = torch.cat([coattended[at], encoded[at][0], embedded[at]], -1)
        encodings = [read(part.compress, model.config, features)[0]]
        for layer in part.layers:
            encodings.append(encoder_layer(layer, heads, encodings[-1]))
        memories.append((*read(part.final, model.config, encodings[-1]), encodings))
    return memories


def distributions(model, texts, answer, words):
    """Whole output distributions (T, words) of one example under teacher forcing on `answer`."""
    decoder, config = model.decoder, model.config
    memories = encode(model, texts)
    pointed = [texts[config.row.streams.index(name)] for name in config.row.pointers]
    x = decoder.projection.linear(model.words.table[answer])
    if config.row.self_attention:
        x = decoder_self_attention(decoder.answer, config.heads, x, memories[0][3])
    hs, cs = list(memories[0][1]), list(memories[0][2])
    output = x.new_zeros(config.width)
    rows = []
    for step in x:
        fed = torch.cat([step, output])
        h = stacked_cells(decoder.cells, fed, hs, cs)
        attended = [attend(decoder.summarise[n], h, memory[0]) for n, memory in enumerate(memories)]
        output = attended[0][1]
        switches = [
            torch.sigmoid(decoder.switches[n](torch.cat([h, out, fed])))
            for n, (_, out) in enumerate(attended)
        ]
        p_vocab = torch.softmax(model.out(output), 0)
        rows.append(_mix(p_vocab, switches, [w for w, _ in attended], pointed, words))
    return torch.stack(rows)


def _mix(p_vocab, switches, weights, pointed, words):
    """gamma p_v + (1 - gamma)(lambda p_c + (1 - lambda) p_q), with the released floors."""
    gamma = switches[0]
    floor = p_vocab.new_full((words - len(p_vocab),), 1e-10)
    p = torch.cat([gamma * p_vocab, floor])
    shares = [switches[1], 1 - switches[1]] if len(switches) > 1 else [torch.ones_like(gamma)]
    if len(switches) == 1:
        p = p + (1 - gamma) * 1e-10
    for share, attention, ids in zip(shares, weights, pointed, strict=True):
        for weight, word in zip(attention, ids, strict=True):
            one = torch.nn.functional.one_hot(word, words)
            p = p + (1 - gamma) * share * (weight + 1e-10) * one
    return p


def loss(model, examples, words):
    """Mean negative log-likelihood over all answer tokens of (texts, answer) examples."""
    terms = []
    for texts, answer in examples:
        p = distributions(model, texts, answer[:-1], words)
        terms += [-p[t, target].log() for t, target in enumerate(answer[1:])]
    return torch.stack(terms).mean()
