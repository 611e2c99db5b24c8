"""The step of fixed shape, as it is, against the growing one; as a CUDA graph: test_search_cuda."""

import pytest
import torch
from model.test_search import batch_of, field, model_of

from mqan.batch import Batch
from mqan.example import EOS, PAD
from mqan.model import replay
from mqan.model.config import VARIANTS
from mqan.model.decoder import CONSISTENT, RELEASED
from mqan.model.search import replayed, step_by_step


@pytest.fixture
def device():
    return "cpu"


def sized(seed, count, *longest):
    """Ragged texts: context, question, joined of up to so many words."""
    g = torch.Generator().manual_seed(seed)
    texts = [field(count, n, g) for n in longest]
    return Batch(texts[0], texts[1], texts[1], texts[2], torch.arange(count))


def same(model, batch, longest, decode=CONSISTENT, tolerance=None):
    """Decode both ways, compare; returns the words."""
    device = str(model.out.weight.device)
    state = model.start(batch.to(device), decode)
    expected, ours = step_by_step(model, state, longest), replayed(model, state, longest)
    assert torch.equal(ours.ids, expected.ids)
    if tolerance is None:  # weights of these tests are large and multiply rounding word by word
        tolerance = 1e-6 if model.out.weight.dtype == torch.float64 else 2e-4
    torch.testing.assert_close(ours.sources, expected.sources, rtol=0, atol=tolerance)
    return ours.ids


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("decode", [CONSISTENT, RELEASED])
@pytest.mark.parametrize("sizes", [{}, {"rnn_layers": 2}])
@torch.no_grad()
def test_fixed_step_is_the_growing_one(variant, decode, sizes, dtype, device):
    """Two batches of other lengths on one desk, so that nothing of the first may remain."""
    model = model_of(variant, **sizes).to(dtype).to(device)
    model.words.table = model.words.table.to(dtype)
    for seed, count, texts in ((1, 7, (40, 9, 37)), (2, 5, (33, 3, 35)), (3, 1, (1, 1, 1))):
        same(model, sized(seed, count, *texts), 6, decode)


@pytest.mark.parametrize("variant", ["s2s", "qptr"])
@torch.no_grad()
def test_rows_leave_when_half_have_ended(variant, device, monkeypatch):
    monkeypatch.setattr(replay, "LEAST", 1)
    model = model_of(variant).to(device)
    model.out.bias[EOS] += 1.0  # so that half of the answers are short
    shapes = []
    take_over = replay.Desk.take_over

    def counted(self, other):
        shapes.append((other.shape.rows, self.shape.rows))
        take_over(self, other)

    monkeypatch.setattr(replay.Desk, "take_over", counted)
    for seed in range(3):
        ids = same(model, sized(seed, 37, 20, 6, 25), 30)
        lengths = (ids != PAD).sum(1)
        assert lengths.min() < lengths.max()
    assert shapes
    assert all(2 * new <= old for old, new in shapes)


@pytest.mark.parametrize(("bias", "length"), [(1e4, 1), (-1e4, 11)])
@torch.no_grad()
def test_all_end_at_once_or_never(bias, length, device):
    model = model_of("qptr").to(device)
    model.out.bias[EOS] = bias
    model.decoder.switches[0].bias.fill_(30.0)  # all from the vocabulary
    batch = sized(4, 9, 8, 4, 9)
    assert same(model, batch, 11).shape == (9, length)
    assert same(model, batch, 1).shape == (9, 1)


@torch.no_grad()
def test_changed_and_moved_weights_are_seen(device):
    model, batch = model_of("satt").to(device), batch_of(6, 3)
    first = same(model, batch, 5)
    for change in (torch.neg_, lambda x: x.data.set_(x.data.clone().mul_(-1.5))):
        for parameter in model.parameters():
            change(parameter)
        same(model, batch, 5)
    assert not torch.equal(first, same(model, batch, 5))
    other = model_of("satt").to(device)
    same(other, batch, 5)


@torch.no_grad()
def test_few_desks_are_kept(device, monkeypatch):
    monkeypatch.setattr(replay, "KEPT", 2)
    model = model_of("qptr").to(device)
    for length in (5, 40, 70, 5):
        same(model, sized(length, 3, length, 4, 5), 4)
    assert len(replay._ALL[model]._desks) == 2


def test_desks_die_with_their_model(device):
    before = len(replay._ALL)
    model = model_of("qptr").to(device)
    same(model, batch_of(3, 1), 4)
    assert len(replay._ALL) == before + 1
    del model
    assert len(replay._ALL) == before


@pytest.mark.parametrize("rows", [*range(1, 70), 255, 256, 257, 1000])
def test_rounded_rows(rows):
    assert rows <= replay.rounded(rows) <= max(8, 1.25 * rows)
    assert replay.rounded(replay.rounded(rows)) == replay.rounded(rows)
    assert replay.rounded(rows) <= replay.rounded(rows + 1)
