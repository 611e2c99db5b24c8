"""Choice of answers, outside the network: greedy decoding and beam search, one word at a time."""

from typing import NamedTuple

import torch
from torch import Tensor

from mqan.batch import Batch
from mqan.example import EOS, INIT, PAD
from mqan.model import replay
from mqan.model.choice import best, pick, shares, sources_of
from mqan.model.decoder import CONSISTENT, DecoderState
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

    `decode="released"` repeats the three disagreements of the released decoder with its own
    training (docs/departures.md). On a GPU the step is a CUDA graph (replay.py).
    """
    model.eval()
    state = model.start(batch, decode)
    return (replayed if state.h.is_cuda else step_by_step)(model, state, max_length)


@torch.no_grad()
def replayed(model: MQAN, state: DecoderState, max_length: int) -> Decoded:
    """Greedy answers by a step of fixed shape, on any device."""
    ids, masses = replay.answers(model, state, max_length)
    at_end = (ids == EOS).long()
    answered = at_end.cumsum(1) == at_end  # `<eos>` included
    longest = int(answered.any(0).sum())
    origins = shares(masses).float().masked_fill(~answered.unsqueeze(2), 0.0)
    return Decoded(ids[:, :longest], origins[:, :longest])


@torch.no_grad()
def step_by_step(model: MQAN, state: DecoderState, max_length: int) -> Decoded:
    """Greedy answers by a state that grows. Ended rows leave it once they are half of it."""
    B, device = len(state.h), state.h.device
    ids = torch.full((B, max_length), PAD, device=device)
    origins = torch.zeros(B, max_length, 3, device=device)
    sources = sources_of(state.ids, model.config.generable)
    rows = torch.arange(B, device=device)  # the batch row of each live row
    word = torch.full((B, 1), INIT, device=device)
    ended = torch.zeros(B, 1, dtype=torch.bool, device=device)
    for t in range(max_length):
        mixture, state = model.step(word, state)
        word, masses = pick(mixture, model.out.weight, model.out.bias, sources)
        ids[rows, t] = word.masked_fill(ended, PAD).squeeze(1)
        origins[rows, t] = shares(masses).float().masked_fill(ended, 0.0)
        ended |= word == EOS
        live = len(rows) - int(ended.sum())
        if not live:
            return Decoded(ids[:, : t + 1], origins[:, : t + 1])
        if 2 * live <= len(rows):
            keep = (~ended[:, 0]).nonzero().squeeze(1)
            state, sources = state.select(keep), sources.select(keep)
            rows, word, ended = rows[keep], word[keep], ended[keep]
    return Decoded(ids, origins)


@torch.no_grad()
def beam(
    model: MQAN, batch: Batch, max_length: int, width: int, decode: str = CONSISTENT
) -> Decoded:
    """The most probable answer among those that stay with the best `width` at every step.

    An answer's score is the log of its probability, no length penalty. Ended answers keep their
    place among the `width` as they are; as scores only fall, a row is done when its best has ended.
    With a width of 1 this is `greedy`.
    """
    if not 1 <= width <= model.config.generable:
        raise ValueError(f"beam width is {width}; 1 to {model.config.generable} words expected")
    model.eval()
    B, device = len(batch), batch.context.ids.device
    state = model.start(batch, decode)
    copies = torch.arange(B, device=device).repeat_interleave(width)
    sources = sources_of(state.ids, model.config.generable).select(copies)
    state = state.select(copies)
    # Axes: row, place in the beam, step. At first all places are equal, so only one counts.
    score = torch.full((B, width), -torch.inf, device=device)
    score[:, 0] = 0.0
    ended = torch.zeros(B, width, dtype=torch.bool, device=device)
    ids = torch.full((B, width, 1), INIT, device=device)
    origins = torch.zeros(B, width, 1, 3, device=device)
    stays = torch.full((width,), -torch.inf, device=device)  # the one way on for ended answers
    stays[0] = 0.0
    for _ in range(max_length):
        mixture, state = model.step(ids[:, :, -1].reshape(-1, 1), state)
        chosen = best(mixture, model.out.weight, model.out.bias, sources, width)
        words, p, shares = (part.unflatten(0, (B, width)) for part in chosen)
        gain = torch.where(ended.unsqueeze(2), stays, p.float().log())
        words = words.masked_fill(ended.unsqueeze(2), PAD)
        shares = shares.float().masked_fill(ended[..., None, None], 0.0)
        score, candidate = (score.unsqueeze(2) + gain).flatten(1).topk(width)  # best first
        parent = candidate // width  # place of the answer that goes on
        word = words.flatten(1).gather(1, candidate)
        share = shares.flatten(1, 2).gather(1, candidate.unsqueeze(2).expand(-1, -1, 3))
        row = torch.arange(B, device=device).unsqueeze(1)
        ids = torch.cat([ids[row, parent], word.unsqueeze(2)], 2)
        origins = torch.cat([origins[row, parent], share.unsqueeze(2)], 2)
        ended = ended[row, parent] | (word == EOS)
        if ended[:, 0].all():
            break
        state = state.follow((row * width + parent).flatten())
    return Decoded(ids[:, 0, 1:], origins[:, 0, 1:])
