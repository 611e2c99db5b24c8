"""Mixture loss from decoder outputs to gradients. Bound: plain linear layer and cross-entropy.

The literal form has the distribution over all words as a tensor and selects its real rows by a
mask of the same size; without that mistake it takes the rows by number. At L it would need 13 GB,
so there it is run, and agreement asserted, on the first rows of the batch only.
"""

from dataclasses import dataclass

import pytest
import torch
from reference import original_network, original_style
from torch import nn
from torch.nn import functional as F

from benchmarks.bench import BOTH, Bench, same
from benchmarks.flops import loss
from benchmarks.shapes import LARGE_V, SMALL_V, Draw, batches, cases, shape_of
from mqan.model.mixture import Copying, Mixture, nll

# With few words to generate, finding the target in 400 positions costs as much as a third of the
# rest, so the bound is one only where the vocabulary is large.
BOUNDS = {SMALL_V: None, LARGE_V: 1.3}
SCORES = 3.0  # spread of attention scores


@dataclass
class Rows:
    """One input set: what the decoder leaves, and the words of the batch."""

    hidden: torch.Tensor
    gate: torch.Tensor
    between: torch.Tensor
    scores: list
    batch: object
    limited: original_network.Limited

    @property
    def leaves(self):
        return [self.hidden, self.gate, self.between, *self.scores]

    def first(self, rows):
        """The same of the first rows of the batch."""
        cut = [x.detach()[:rows].clone().requires_grad_() for x in self.leaves]
        limited = self.limited
        words = [x[:rows] for x in (limited.context, limited.question, limited.answer)]
        small = self.batch.map(lambda x: x[:rows])
        limited = original_network.Limited(*words, limited.words, limited.full)
        return Rows(*cut[:3], cut[3:], small, limited)


def drawn(shape, width, vocabulary, device):
    draw, T = Draw(device), shape.answer - 1
    for batch in batches(shape, vocabulary, device):
        sizes = [(shape.batch, T, n) for n in (shape.context, shape.question)]
        scores = [draw.normal(*size, scale=SCORES) for size in sizes]
        for score, text in zip(scores, (batch.context, batch.question), strict=True):
            score.data.masked_fill_((text.ids == original_style.PAD).unsqueeze(1), -1e30)
        small = [draw.normal(shape.batch, T) for _ in range(2)]
        limited = original_network.limit(batch, vocabulary)
        yield Rows(draw.normal(shape.batch, T, width), *small, scores, batch, limited)


class Forms:
    """The contenders, on one output layer."""

    def __init__(self, out):
        self.out, self.known = out, {}

    def gradients(self, value, leaves):
        return [value.detach(), *torch.autograd.grad(value, [*leaves, *self.out.parameters()])]

    def ours(self, rows):
        ids = (rows.batch.context.ids, rows.batch.question.ids)
        pointers = tuple(Copying(s, i) for s, i in zip(rows.scores, ids, strict=True))
        mixture = Mixture(rows.hidden, rows.gate, rows.between, pointers)
        targets = rows.batch.answer.ids[:, 1:]
        real = targets != original_style.PAD
        value = nll(mixture, self.out.weight, self.out.bias, targets, real)
        return self.gradients(value, rows.leaves)

    def literal(self, rows, select=True):
        attention = [s.softmax(-1) + original_style.EPSILON for s in rows.scores]
        gamma, between = (x.sigmoid().unsqueeze(-1) for x in (rows.gate, rows.between))
        steps = original_style.Steps(rows.hidden, attention, gamma, between, ())
        low = rows.limited
        p = original_style.distribution(self.out, steps, (low.context, low.question), low.words)
        targets = low.answer[:, 1:].contiguous()
        return self.gradients(original_style.select_loss(p, targets, select), rows.leaves)

    def minus_worst(self, rows):
        return self.literal(rows, select=False)

    def bound(self, rows):
        if id(rows) not in self.known:  # once: a CUDA graph cannot select by a mask
            targets = rows.batch.answer.ids[:, 1:].flatten()
            place = (targets != original_style.PAD).nonzero().squeeze(1)
            self.known[id(rows)] = place, targets[place].clamp(max=self.out.out_features - 1)
        place, known = self.known[id(rows)]
        value = F.cross_entropy(self.out(rows.hidden.flatten(0, 1)[place]), known)
        return self.gradients(value, [rows.hidden])


CASES = cases(
    cpu=[("R", 128, SMALL_V), ("R", 128, LARGE_V), ("R", 64, SMALL_V), ("L", 128, LARGE_V)],
    gpu=[(label, 200, LARGE_V) for label in "RMCIL"],
)


@pytest.mark.parametrize(("label", "width", "vocabulary"), CASES)
def test_loss(run, device, label, width, vocabulary):
    shape = shape_of(label, device)
    forms = Forms(nn.Linear(width, vocabulary).to(device))
    inputs = list(drawn(shape, width, vocabulary, device))
    count = int((inputs[0].batch.answer.ids[:, 1:] != original_style.PAD).sum())
    whole = label != "L"

    def first_rows_agree():
        small = inputs[0].first(4)
        same(forms.ours(small), forms.literal(small))

    run(
        Bench(
            "loss", BOTH, label, shape, width, vocabulary, inputs if whole else inputs[:1],
            ours=forms.ours,
            literal=forms.literal if whole else None,
            minus_worst=forms.minus_worst if whole else None,
            bound=forms.bound, bound_limit=BOUNDS[vocabulary],
            check=None if whole else first_rows_agree,
            literal_memory=whole,
            work=loss(count, width, vocabulary).times(3), unit="token", items=count,
        )
    )  # fmt: skip
