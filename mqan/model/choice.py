"""The most probable words of one step, exactly and without the extended vocabulary.

Words of a source that the vocabulary has are added to its V probabilities in place; those it has
not are summed at the first of the L source positions that holds them. So V + L numbers hold the
whole distribution but for the floors of 1e-10 that training puts under it (mixture.py).
"""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from mqan.model.mixture import Mixture

_STRETCH = 64


class Sources(NamedTuple):
    """What a batch of answers can copy, all pointers side by side (B, L); made once per answer.

    ids: the words. generable: whether the vocabulary has the word; known: its place there, or any
    place if it has not. first: the first position that holds the same word.
    """

    ids: Tensor
    generable: Tensor
    known: Tensor
    first: Tensor

    def select(self, rows: Tensor) -> "Sources":
        """The sources of some rows only."""
        return Sources(*(part[rows] for part in self))


def sources_of(ids: list[Tensor], generable: int) -> Sources:
    """From the words of each pointer (B, L) and V."""
    words = torch.cat(ids, 1)
    return Sources(words, words < generable, words.clamp(max=generable - 1), first_positions(words))


def first_positions(ids: Tensor) -> Tensor:
    """For each word of (B, L): the first position in its row that holds the same word."""
    ordered, position = ids.sort(dim=1, stable=True)
    new = F.pad(ordered[:, 1:] != ordered[:, :-1], (1, 0), value=True)
    place = torch.arange(ids.shape[1], device=ids.device)
    begin = torch.where(new, place, 0).cummax(1).values  # of the run of equal words
    return torch.empty_like(position).scatter_(1, position, position.gather(1, begin))


class Chosen(NamedTuple):
    """K words for each row, most probable first.

    ids, p: (B, K) the words and their probabilities. origins: (B, K, 3) the shares of vocabulary,
    first and second pointer in them.
    """

    ids: Tensor
    p: Tensor
    origins: Tensor


class Picked(NamedTuple):
    """The most probable word of each row.

    ids: (B, 1). masses: (B, 3) its probability, and what first and second pointer add to that.
    """

    ids: Tensor
    masses: Tensor


def pick(mixture: Mixture, weight: Tensor, bias: Tensor, sources: Sources) -> Picked:
    """The most probable word of one step (T = 1), ids and masses as `best` with a count of 1.

    Copying only adds. So that word is the vocabulary's best, or one that a source holds, and V
    probabilities are only read: the sources' words are summed beside them.
    """
    gamma = mixture.gate.sigmoid()  # (B, 1)
    logits = F.linear(mixture.hidden[:, 0], weight, bias).to(weight.dtype)  # not autocast's
    inside = torch.softmax(logits, -1, out=logits)  # (B, V) once: as large as a GPU's cache
    attention = _attention(mixture, 1 - gamma)
    p, word = _top(inside, 1)
    p = p * gamma
    # At the first position of a word all it has, at others less.
    held = (inside.gather(1, sources.known) * gamma).masked_fill_(~sources.generable, 0.0)
    p_held, place = held.scatter_add_(1, sources.first, attention).max(1, keepdim=True)
    ids = torch.where(p_held >= p, sources.ids.gather(1, place), word)
    copied = _copied(mixture, attention * (sources.ids == ids))
    return Picked(ids, torch.cat([torch.maximum(p, p_held), *copied], 1))


def shares(masses: Tensor) -> Tensor:
    """What vocabulary, first and second pointer have in a probability, from masses (..., 3)."""
    p, first, second = masses.unbind(-1)
    generated = (p - first - second).clamp_(min=0.0)
    return torch.stack([generated, first, second], -1) / p.unsqueeze(-1)


def best(
    mixture: Mixture, weight: Tensor, bias: Tensor, sources: Sources, count: int = 1
) -> Chosen:
    """The `count` <= V most probable words of one step (T = 1)."""
    gamma = mixture.gate.sigmoid()  # (B, 1)
    inside = F.linear(mixture.hidden[:, 0], weight, bias).softmax(-1).mul_(gamma)  # (B, V)
    attention = _attention(mixture, 1 - gamma)
    inside.scatter_add_(1, sources.known, attention * sources.generable)
    outside = torch.zeros_like(attention)
    outside.scatter_add_(1, sources.first, attention.masked_fill(sources.generable, 0.0))
    count_outside = min(count, outside.shape[1])
    p, word = _top(inside, count)
    p_outside, place = _top(outside, count_outside)
    p, ids = torch.cat([p, p_outside], 1), torch.cat([word, sources.ids.gather(1, place)], 1)
    p, chosen = _top(p, count)
    ids = ids.gather(1, chosen)
    copied = attention.unsqueeze(1) * (sources.ids.unsqueeze(1) == ids.unsqueeze(2))  # (B, K, L)
    return Chosen(ids, p, shares(torch.cat([p.unsqueeze(2), *_copied(mixture, copied)], 2)))


def _copied(mixture: Mixture, copied: Tensor) -> list[Tensor]:
    """Sums (..., 1) for first and second pointer of what each position adds, (..., L)."""
    lengths = [pointer.ids.shape[1] for pointer in mixture.pointers]
    sums = [part.sum(-1, keepdim=True) for part in copied.split(lengths, -1)]
    return sums if len(sums) == 2 else [sums[0], torch.zeros_like(sums[0])]


def _attention(mixture: Mixture, copying: Tensor) -> Tensor:
    """What each position of the sources adds to its word's probability, (B, L)."""
    parts = [pointer.scores[:, 0].softmax(-1) for pointer in mixture.pointers]
    if mixture.between is None:
        return parts[0] * copying
    between = mixture.between.sigmoid()
    return torch.cat([parts[0] * (copying * between), parts[1] * (copying * (1 - between))], 1)


def _top(p: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The `count` largest of each row of (B, N) and their places, (B, count) each.

    `max` and `topk` go through a row number by number, `amax` in vectors: so for one, the best of
    each stretch comes first.
    """
    if count > 1 or p.shape[1] < _STRETCH**2:
        return p.topk(count, 1) if count > 1 else p.max(1, keepdim=True)
    stretches = F.pad(p, (0, -p.shape[1] % _STRETCH), value=-1.0).unflatten(1, (-1, _STRETCH))
    top, stretch = stretches.amax(2).max(1, keepdim=True)
    inside = stretches.gather(1, stretch.unsqueeze(2).expand(-1, -1, _STRETCH)).argmax(2)
    return top, stretch * _STRETCH + inside
