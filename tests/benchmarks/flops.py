"""Work of the parts, counted: floating-point operations and bytes that must move (float32).

Forward only; a backward pass is taken as twice the work. D width, H width of an LSTM direction.
Operations of cuDNN's LSTMs are counted apart: it has a TF32 switch of its own, on by default.
"""

from typing import NamedTuple

FLOAT = 4


class Work(NamedTuple):
    flops: float
    moved: float  # bytes
    recurrent: float = 0.0  # further operations, of LSTMs

    def times(self, factor):
        return Work(self.flops * factor, self.moved * factor, self.recurrent * factor)


def total(*parts):
    return Work(*map(sum, zip(*parts, strict=True)))


def linear(rows, inputs, outputs):
    return Work(2 * rows * inputs * outputs, FLOAT * rows * (inputs + outputs))


def bilstm(B, L, inputs, D):
    H = D // 2
    gates = linear(B * L, inputs + H, 4 * H).times(2)
    return Work(0, gates.moved, gates.flops)


def coattention(B, C, Q, D):
    products = 5 * 2 * B * (C + 1) * (Q + 1) * D
    read_and_written = FLOAT * B * (C + Q + 2) * D * (1 + 2)
    return total(Work(products, read_and_written), linear(B * (Q + 1), D, D))


def encoder_layer(B, L, D, hidden):
    attention = Work(2 * 2 * B * L * L * D, FLOAT * 4 * B * L * D)
    feed_forward = total(linear(B * L, D, hidden), linear(B * L, hidden, D))
    return total(linear(B * L, D, 3 * D), attention, feed_forward)


def decoder_loop(B, T, C, Q, D):
    per_step = total(linear(B, 3 * D, 4 * D), linear(B, 2 * D, D).times(2), linear(B, 4 * D, 2))
    attention = Work(2 * 2 * B * (C + Q) * D, FLOAT * B * (C + Q) * D)
    return total(per_step, attention).times(T)


def loss(rows, D, V):
    weights = Work(0, FLOAT * V * D)
    return total(Work(2 * rows * D * V, FLOAT * rows * D), weights)


def answer_layers(B, T, C, D, hidden, layers):
    layer = total(
        encoder_layer(B, T, D, hidden),
        linear(B * C, D, 2 * D),  # keys and values of the context
        linear(B * T, D, D),
        Work(2 * 2 * B * T * C * D, FLOAT * 2 * B * C * D),
    )
    return layer.times(layers)


def network(shape, config, steps=None):
    """Encoder and decoder, without vocabulary."""
    B, C, Q, T = shape.batch, shape.context, shape.question, steps or shape.answer - 1
    D, words = config.width, B * (C + Q)
    parts = [linear(words + B * T, config.vector_width, D), coattention(B, C, Q, D)]
    for L in (C, Q):
        parts += [bilstm(B, L, D, D), bilstm(B, L, 4 * D, D), bilstm(B, L, D, D)]
        parts.append(encoder_layer(B, L, D, config.hidden).times(config.layers))
    parts.append(answer_layers(B, T, C, D, config.hidden, config.layers))
    return total(*parts, decoder_loop(B, T, C, Q, D))
