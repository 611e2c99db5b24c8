"""Choice of words and answers against the whole distribution, enumerated."""

import math

import pytest
import torch
from reference.beam import reference_beam

from mqan.batch import Batch, Field
from mqan.example import EOS, FIRST_WORD, INIT, PAD
from mqan.model.choice import best, first_positions, sources_of
from mqan.model.config import VARIANTS, ModelConfig
from mqan.model.decoder import CONSISTENT, RELEASED
from mqan.model.mixture import Copying, Mixture, probabilities
from mqan.model.mqan import MQAN
from mqan.model.search import beam, greedy

GENERABLE, WORDS = 9, 14


def model_of(variant, **sizes):
    """A random model that wants to copy, to generate and to end about equally often."""
    torch.manual_seed(2)
    config = ModelConfig(
        variant=variant, vector_width=6, width=10, heads=3, hidden=7, generable=GENERABLE, **sizes
    )
    model = MQAN(config, 3 * torch.randn(WORDS, 6)).double()
    model.words.table = model.words.table.double()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.8)
    model.out.bias.data[PAD] = -30.0  # no target is ever padding
    return model.eval()


def field(count, longest, g):
    lengths = torch.randint(1, longest + 1, (count,), generator=g)
    ids = torch.randint(FIRST_WORD, WORDS, (count, longest), generator=g)
    ids[torch.arange(longest) >= lengths.unsqueeze(1)] = PAD
    ids = ids[:, : int(lengths.max())]
    ids[torch.arange(count), lengths - 1] = torch.where(lengths % 2 == 0, EOS, 5)
    return Field(ids, lengths)


def batch_of(count, seed):
    g = torch.Generator().manual_seed(seed)
    return Batch(*(field(count, n, g) for n in (7, 4, 3, 9)), torch.arange(count))


def words_of(ids):
    return [i for i in ids.tolist() if i != PAD]


def one(batch, row):
    return batch.map(lambda x: x[row : row + 1])


def trimmed(batch):
    """A batch of one without its padding."""

    def cut(f):
        return Field(f.ids[:, : int(f.lengths)], f.lengths)

    return Batch(
        *(cut(batch.stream(n)) for n in ("context", "question")),
        batch.answer,
        cut(batch.joined),
        batch.rows,
    )


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("decode", [CONSISTENT, RELEASED])
@pytest.mark.parametrize("width", [2, 3, 5])
def test_beam_is_that_of_the_enumerated_distribution(variant, decode, width):
    model, batch = model_of(variant), batch_of(6, width)
    if decode == RELEASED:  # attends to padding, so an example is not what it is alone
        examples = [(one(batch, row), one(batch, row)) for row in range(len(batch))]
    else:
        together = beam(model, batch, 5, width, decode).ids
        examples = [(one(batch, row), trimmed(one(batch, row))) for row in range(len(batch))]
    for row, (padded, alone) in enumerate(examples):
        expected = reference_beam(model, alone, 5, width, decode)
        assert words_of(beam(model, padded, 5, width, decode).ids[0]) == expected
        if decode == CONSISTENT:
            assert words_of(together[row]) == expected


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("sizes", [{}, {"rnn_layers": 3}])
@pytest.mark.parametrize("count", [1, 7])
def test_beam_of_one_is_greedy(variant, sizes, count):
    model, batch = model_of(variant, **sizes), batch_of(count, 5)
    ours, theirs = beam(model, batch, 6, 1), greedy(model, batch, 6)
    assert torch.equal(ours.ids, theirs.ids)
    torch.testing.assert_close(ours.sources, theirs.sources)


@torch.no_grad()
def test_wider_beams_find_answers_at_least_as_probable():
    """And one that greedy misses, or the test shows nothing."""
    model, batch = model_of("qptr"), batch_of(20, 8)

    def score(row, ids):
        words, state, total = words_of(ids), model.start(one(batch, row)), 0.0
        for before, word in zip([INIT, *words], words, strict=False):
            mixture, state = model.step(torch.tensor([[before]]), state)
            p = probabilities(mixture, model.out.weight, model.out.bias, WORDS)
            total += math.log(p[0, 0, word])
        return total

    narrow, wide = beam(model, batch, 5, 1).ids, beam(model, batch, 5, GENERABLE).ids
    gains = [score(r, wide[r]) - score(r, narrow[r]) for r in range(len(batch))]
    assert max(gains) > 0.01
    assert sum(gains) > 0


@pytest.mark.parametrize("width", [0, GENERABLE + 1])
def test_beam_refuses_a_width_it_cannot_fill(width):
    with pytest.raises(ValueError, match="beam width"):
        beam(model_of("s2s"), batch_of(2, 1), 3, width)


@pytest.mark.parametrize("two", [True, False])
@pytest.mark.parametrize(("B", "L", "V"), [(5, 6, 20), (1, 1, 5), (3, 9, 5000), (40, 12, 8)])
def test_choice_is_that_of_the_whole_distribution(B, L, V, two):
    g = torch.Generator().manual_seed(B)

    def some(*shape):
        return 2 * torch.randn(*shape, generator=g, dtype=torch.float64)

    words = V + 10
    ids = [torch.randint(V - 4, words, (B, n), generator=g) for n in (L, 2)[: 1 + two]]
    pointers = tuple(Copying(some(B, 1, i.shape[1]), i) for i in ids)
    mixture = Mixture(some(B, 1, 3), some(B, 1), some(B, 1) if two else None, pointers)
    weight, bias = some(V, 3), some(V)
    p = probabilities(mixture, weight, bias, words)[:, 0]
    for count in (1, 3):
        chosen = best(mixture, weight, bias, sources_of(ids, V), count)
        expected = p.topk(count)
        assert torch.equal(chosen.ids, expected.indices)
        torch.testing.assert_close(chosen.p, expected.values, rtol=0, atol=1e-8)
        torch.testing.assert_close(chosen.origins.sum(2), torch.ones_like(chosen.p))
        # The vocabulary's share, from the distribution without copying.
        alone = mixture.gate.sigmoid() * (mixture.hidden[:, 0] @ weight.t() + bias).softmax(-1)
        known = chosen.ids < V
        generated = alone.gather(1, chosen.ids.clamp(max=V - 1)) * known
        torch.testing.assert_close(chosen.origins[..., 0] * chosen.p, generated)


def test_first_positions():
    ids = torch.tensor([[7, 5, 7, 7, 5, 9], [1, 1, 1, 2, 1, 2], [3, 2, 1, 0, 4, 5]])
    expected = [[row.index(word) for word in row] for row in ids.tolist()]
    assert first_positions(ids).tolist() == expected
    assert first_positions(ids[:, :1]).tolist() == [[0], [0], [0]]
