"""Beam search by whole prefixes and whole distributions, for one example."""

import torch

from mqan.example import EOS, INIT
from mqan.model.mixture import probabilities


@torch.no_grad()
def reference_beam(model, batch, max_length, width, decode):
    """The best answer, a list of words. Every prefix is read again for every word."""
    beam = [([], 0.0)]
    start, words_known = model.start(batch, decode), len(model.words.table)
    for _ in range(max_length):
        ways = []
        for words, score in beam:
            if words[-1:] == [EOS]:
                ways.append((words, score))
                continue
            state = start
            for word in [INIT, *words]:
                mixture, state = model.step(torch.tensor([[word]]), state)
            p = probabilities(mixture, model.out.weight, model.out.bias, words_known)[0, 0]
            ways += [([*words, w], score + x) for w, x in enumerate(p.log().tolist())]
        beam = sorted(ways, key=lambda way: -way[1])[:width]
    return beam[0][0]
