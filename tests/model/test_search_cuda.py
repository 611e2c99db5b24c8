"""On a GPU: answers by CUDA graphs are those of the growing state, and those of a CPU."""

import pytest
import torch
from model import test_replay
from model.test_replay import same, sized
from model.test_search import GENERABLE, batch_of, model_of

from mqan.model import replay
from mqan.model.config import VARIANTS, ModelConfig
from mqan.model.mqan import MQAN
from mqan.model.search import beam, greedy
from mqan.scale import Shape, random_batch
from mqan.train.settings import products

pytestmark = [
    pytest.mark.skipif(
        not torch.cuda.is_available(),
        reason=f"GRAPHS OF DECODING ARE NOT TESTED: torch {torch.__version__} finds no GPU here",
    ),
    # cuDNN's LSTM copies its weights, which have one more column for the padding, at every call.
    pytest.mark.filterwarnings("ignore:RNN module weights"),
]

# The tests of the CPU, on the device of the fixture below.
test_captured_step = test_replay.test_fixed_step_is_the_growing_one
test_rows_leave = test_replay.test_rows_leave_when_half_have_ended
test_all_end_or_none = test_replay.test_all_end_at_once_or_never
test_weights = test_replay.test_changed_and_moved_weights_are_seen
test_few_desks = test_replay.test_few_desks_are_kept
test_no_desk_stays = test_replay.test_desks_die_with_their_model


@pytest.fixture
def device():
    return "cuda"


@pytest.fixture(autouse=True)
def exact():
    with products("float32", "cuda"):
        yield


@pytest.mark.parametrize("variant", VARIANTS)
def test_answers_are_those_of_the_cpu(variant):
    """In float64, and every desk was captured."""
    model, batch = model_of(variant), sized(7, 9, 35, 9, 40)
    expected = greedy(model, batch, 7)
    model = model.cuda()
    found = greedy(model, batch.to("cuda"), 7)
    assert torch.equal(found.ids.cpu(), expected.ids)
    torch.testing.assert_close(found.sources.cpu(), expected.sources, rtol=0, atol=1e-5)
    desks = replay._ALL[model]._desks.values()
    assert desks
    assert all(desk.graph is not None for desk in desks)


@pytest.mark.parametrize("variant", VARIANTS)
def test_beam_of_one_is_greedy(variant):
    model, batch = model_of(variant).cuda(), batch_of(7, 5).to("cuda")
    ours, theirs = beam(model, batch, 6, 1), greedy(model, batch, 6)
    assert torch.equal(ours.ids, theirs.ids)
    torch.testing.assert_close(ours.sources, theirs.sources, rtol=0, atol=1e-5)
    assert beam(model, batch, 6, GENERABLE).ids.shape[0] == 7


@torch.no_grad()
def test_at_the_size_of_the_paper():
    """Width 200 in three uneven heads, float32, untrained weights; words of 4 batches in turn."""
    torch.manual_seed(1)
    model = MQAN(ModelConfig(generable=5000), torch.randn(6000, 400)).cuda().eval()
    g = torch.Generator().manual_seed(2)
    for shape in (Shape(64, 400, 15, 20), Shape(20, 130, 30, 5)) * 2:
        same(model, random_batch(shape, 5000, g), 20, tolerance=1e-5)
