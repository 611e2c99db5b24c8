"""Choice of answers, outside the network: greedy decoding with cached keys and values."""

from typing import NamedTuple

import torch
from torch import Tensor

from mqan.batch import Batch
from mqan.example import EOS, INIT, PAD
from mqan.model.decoder import CONSISTENT
from mqan.model.mixture import best, first_positions
from mqan.model.mqan import MQAN


class Decoded(NamedTuple):
    """Answers of a batch.

    ids: (B, T) words, `<eos>` where the answer ended, PAD behind it.
    sources: (B, T, 3) share of vocabulary, first and second pointer in each word's probability.
    """

    ids: Tensor
    sources: Tensor


@torch.no_grad()
def greedy(model: MQAN, batch: Batch, max_length: int, decode: str = CONSISTENT) -> Decoded:
    """The most probable word at each step, until every answer has ended or has `max_length` words.

    Finished rows leave the batch once they are half of it. `decode="released"` repeats the three
    disagreements of the released decoder with its own training (docs/departures.md).
    """
    model.eval()
    B, device = len(batch), batch.context.ids.device
    ids = torch.full((B, max_length), PAD, device=device)
    sources = torch.zeros(B, max_length, 3, device=device)
    state = model.start(batch, decode)
    slots = first_positions(state.ids)
    rows = torch.arange(B, device=device)  # the batch row of each live row
    word = torch.full((B, 1), INIT, device=device)
    ended = torch.zeros(B, dtype=torch.bool, device=device)
    for t in range(max_length):
        mixture, state = model.step(word, state)
        winner, source = best(mixture, model.out.weight, model.out.bias, slots)
        ids[rows, t] = winner.masked_fill(ended, PAD)
        sources[rows, t] = source.float().masked_fill(ended.unsqueeze(1), 0.0)
        ended |= winner == EOS
        live = int((~ended).sum())
        if not live:
            return Decoded(ids[:, : t + 1], sources[:, : t + 1])
        word = winner.unsqueeze(1)
        if 2 * live <= len(rows):
            keep = (~ended).nonzero().squeeze(1)
            state, rows, word = state.select(keep), rows[keep], word[keep]
            slots, ended = [s[keep] for s in slots], ended[keep]
    return Decoded(ids, sources)
