"""CoVe: published sizes, agreement with nn.LSTM on packed text, frozen whatever happens."""

import pytest
import torch
from model.test_against_literal import batch_of, model_of, random_examples
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from mqan.model.config import ModelConfig
from mqan.model.cove import MTLSTM, published, published_shapes, stacked
from mqan.model.embedding import mask_of
from mqan.model.mqan import describe
from mqan.train import checkpoint, optim

PAPER = {"cove_hidden": 300, "cove_first": 100, "cove_width": 300}
TINY = ModelConfig(vector_width=9, cove_hidden=5, cove_first=2, cove_width=6)


def counts(**changes):
    parts = describe(ModelConfig(**changes))
    return [sum(p.numbers for p in parts if p.trained is trained) for trained in (True, False)]


def test_published_numbers_of_parameters():
    assert counts() == [14_469_902, 0]
    assert counts(**PAPER) == [14_589_902, 3_609_600]
    assert counts(**PAPER, cove_layers=2) == [14_589_902 + 600 * 200, 3_609_600]


def test_nothing_but_the_encoders_projection_changes():
    plain = {p.name: p.shape for p in describe(ModelConfig())}
    both = {p.name: p.shape for p in describe(ModelConfig(**PAPER))}
    assert {name for name in both if name not in plain} == {
        f"encoder.cove.lstm.{name}" for name in stacked(dict.fromkeys(published_shapes(300, 300)))
    }
    changed = {name: both[name] for name in plain if both[name] != plain[name]}
    assert changed == {"encoder.projection.linear.weight": (200, 1000)}


@pytest.fixture
def reference():
    """An nn.LSTM, and an MT-LSTM of each kind with its weights."""
    torch.manual_seed(3)
    lstm = nn.LSTM(6, 5, 2, bidirectional=True, batch_first=True)
    found = []
    for layers in (1, 2):
        cove = MTLSTM(ModelConfig.from_dict(TINY.to_dict() | {"cove_layers": layers}))
        cove.load_published(dict(lstm.named_parameters()))
        found.append(cove)
    return lstm, *found


LENGTHS = torch.tensor([4, 9, 1, 7])


def test_outputs_are_those_of_a_packed_lstm(reference):
    lstm, last, both = reference
    vectors, mask = torch.randn(4, 9, 9), mask_of(LENGTHS, 9)
    packed = pack_padded_sequence(vectors[..., 2:8], LENGTHS, True, enforce_sorted=False)
    expected = pad_packed_sequence(lstm(packed)[0], True)[0].detach()
    ours = last(vectors, mask)
    torch.testing.assert_close(ours[..., :10], expected, rtol=0, atol=1e-6)
    assert torch.equal(ours[..., 10:], vectors)
    assert not ours[..., :10][~mask].any()

    one = nn.LSTM(6, 5, bidirectional=True, batch_first=True)
    one.load_state_dict({n: w for n, w in lstm.state_dict().items() if "l0" in n})
    below = pad_packed_sequence(one(packed)[0], True)[0].detach()
    first = both(vectors, mask)
    torch.testing.assert_close(first[..., :10], below, rtol=0, atol=1e-6)
    assert torch.equal(first[..., 10:], ours)  # [first layer; last layer; vectors]


def test_what_stands_on_padding_changes_nothing(reference):
    vectors, mask = torch.randn(4, 9, 9), mask_of(LENGTHS, 9)
    other = torch.where(mask.unsqueeze(-1), vectors, torch.randn(4, 9, 9) * 50)
    for cove in reference[1:]:
        width = cove.features
        found = [cove(v, mask)[..., :width] for v in (vectors, other)]
        assert torch.equal(*found)
        alone = cove(vectors[:1, :4], mask[:1, :4])[..., :width]
        torch.testing.assert_close(alone, found[0][:1, :4], rtol=0, atol=1e-6)


def test_other_columns_are_not_read(reference):
    vectors, mask = torch.randn(4, 9, 9), mask_of(LENGTHS, 9)
    other = vectors.clone()
    other[..., [0, 1, 8]] += 1
    assert torch.equal(*(reference[1](v, mask)[..., :10] for v in (vectors, other)))
    other[..., 2] += 1
    assert not torch.equal(*(reference[1](v, mask)[..., :10] for v in (vectors, other)))


def test_names_there_and_back():
    names = list(published_shapes(3, 2))
    assert names[0] == "weight_ih_l0"
    assert names[-1] == "bias_hh_l1_reverse"
    assert list(published(stacked(dict.fromkeys(names)))) == names


def test_weights_of_another_size_are_refused(reference):
    with pytest.raises(RuntimeError, match="size mismatch"):
        reference[1].load_published(dict(nn.LSTM(6, 4, 2, bidirectional=True).named_parameters()))


@pytest.mark.parametrize("variant", ["qptr+cove", "qptr+cove0", "s2s+cove"])
def test_updates_leave_it_as_it_was(variant):
    """No gradient, dropout or optimiser state; but in the checkpoint, so that runs are whole."""
    model = model_of(variant).train()
    cove = model.encoder.cove
    before = {name: w.clone() for name, w in model.state_dict().items()}
    optimiser = optim.adam(model.parameters())
    batch = batch_of(random_examples(4, 6))
    for _ in range(3):
        optimiser.zero_grad()
        model.loss(batch).backward()
        optim.clip(model.parameters(), 1.0)
        optim.apply(optimiser, 0.01, torch.tensor(False))
    assert all(p.grad is None for p in cove.parameters())
    assert not any(part.training for part in cove.modules())
    frozen = [name for name in before if ".cove." in name]
    assert len(frozen) == 16
    for name, weight in model.state_dict().items():
        assert torch.equal(weight, before[name]) == (name in frozen or "unused" in name), name
    assert not [name for name in checkpoint.adam_tensors(model, optimiser) if ".cove." in name]
    assert model.frozen_count() == sum(before[name].numel() for name in frozen)
    everything = sum(p.numel() for p in model.parameters())
    assert model.parameter_count() + model.frozen_count() == everything


def test_models_without_it_draw_the_same_random_numbers_as_ever():
    """The first numbers of the generator go to the encoder's projection."""
    model = model_of("qptr")
    torch.manual_seed(1)
    torch.randn(30, 6)  # the word vectors
    assert torch.equal(model.encoder.projection.linear.weight, nn.Linear(6, 10).weight.double())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cove_hidden": -1}, "cove_hidden is -1"),
        ({"cove_layers": 3}, "cove_layers 3, .* 1 or 2 expected"),
        ({"cove_width": 0}, "columns 2 to 2: at least one"),
        ({"cove_width": 8}, "columns 2 to 10: .* within the 9"),
        ({"cove_first": -1}, "columns -1 to 5"),
    ],
)
def test_sizes_that_cannot_be(changes, message):
    with pytest.raises(ValueError, match=message):
        ModelConfig.from_dict(TINY.to_dict() | changes)
