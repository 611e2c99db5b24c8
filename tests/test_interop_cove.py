"""The published MT-LSTM and original checkpoints with one, read without torch.load."""

import os
from collections import OrderedDict
from pathlib import Path

import pytest
import torch
from torch import nn

from mqan.example import DataError
from mqan.interop.cove import load_mtlstm
from mqan.interop.decanlp import convert
from mqan.model.cove import published_shapes

WIDTH, HIDDEN = 6, 5


def lstm() -> nn.LSTM:
    torch.manual_seed(2)
    return nn.LSTM(WIDTH, HIDDEN, 2, bidirectional=True, batch_first=True)


@pytest.mark.parametrize("is_zip", [True, False], ids=["zip", "plain"])
@pytest.mark.parametrize("prefix", ["", "rnn.", "module.rnn."])
def test_weights_come_back_by_their_published_names(tmp_path, prefix, is_zip):
    state = lstm().state_dict()
    path = tmp_path / "wmtlstm.pth"
    content = OrderedDict((prefix + name, weight.double()) for name, weight in state.items())
    torch.save(content, path, _use_new_zipfile_serialization=is_zip)
    found = load_mtlstm(path, WIDTH, HIDDEN)
    assert list(found) == list(published_shapes(WIDTH, HIDDEN)) == list(state)
    for name, weight in state.items():
        assert found[name].dtype == torch.float32
        assert torch.equal(found[name], weight)


def changed(**changes):
    state = {name: changes.pop(name, weight) for name, weight in lstm().state_dict().items()}
    return {name: weight for name, weight in (state | changes).items() if weight is not None}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (changed(weight_ih_l1=None), "weight_ih_l1 is missing and nothing is too much"),
        (changed(other=torch.ones(1)), "nothing is missing and other is too much"),
        (
            {f"rnn.{n}" if "l1" in n else n: w for n, w in lstm().state_dict().items()},
            "is missing and rnn.bias_hh_l1, rnn.bias_hh_l1_reverse, ",
        ),
        (changed(bias_hh_l1=torch.ones(3)), r"bias_hh_l1: 3, expected 20 for .* 6 columns with 5"),
        (
            nn.LSTM(7, 5, 2, bidirectional=True).state_dict(),
            "weight_ih_l0: 20 x 7, expected 20 x 6",
        ),
        (changed(bias_ih_l0=torch.full((20,), torch.nan)), "bias_ih_l0: expected finite numbers"),
        (changed(bias_ih_l0=torch.ones(20, dtype=torch.int64)), "bias_ih_l0: expected finite"),
        ([torch.ones(1)], "cannot be read .*no dictionary"),
        ({}, "cannot be read .*an empty one"),
        ({"weight_ih_l0": 1.0}, "cannot be read .*is no tensor"),
    ],
)
def test_other_files_are_named(tmp_path, content, message):
    path = tmp_path / "wmtlstm.pth"
    torch.save(content, path)
    with pytest.raises(DataError, match=rf"wmtlstm\.pth.*{message}"):
        load_mtlstm(path, WIDTH, HIDDEN)


def test_files_that_are_none_are_named(tmp_path):
    path = tmp_path / "wmtlstm.pth"
    with pytest.raises(DataError, match=r"no such file; fetch .*wmtlstm-8f474287\.pth"):
        load_mtlstm(path, WIDTH, HIDDEN)
    torch.save(lstm().state_dict(), path)
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(DataError, match="cannot be read"):
        load_mtlstm(path, WIDTH, HIDDEN)


class _Evil:
    def __reduce__(self):
        return (os.system, ("touch evil",))


def test_nothing_of_the_file_is_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save(lstm().state_dict() | {"x": _Evil()}, "wmtlstm.pth")
    with pytest.raises(DataError, match="'x' is no tensor"):
        load_mtlstm(Path("wmtlstm.pth"), WIDTH, HIDDEN)
    assert not Path("evil").exists()


@pytest.mark.parametrize("form", ["cove.rnn", "cove.rnn1", "one by one"])
def test_original_checkpoints_with_cove(form):
    """All forms of the released code: the early name, the later one, and both layers returned."""
    layers = 2 if form == "one by one" else 1
    state = {
        "decoder_embeddings.projection.linear.weight": torch.ones(4, 9),
        "project_cove.linear.weight": torch.ones(4, layers * 2 * HIDDEN + 9),
        "dual_ptr_rnn_decoder.rnn.layers.0.bias_ih": torch.ones(16),
        "out.weight": torch.ones(12, 4),
    }
    for name, weight in lstm().state_dict().items():
        place = form if layers == 1 else f"cove.rnn{int('l1' in name)}"
        state[f"{place}.{name if layers == 1 else name.replace('l1', 'l0')}"] = weight
    config, weights = convert(state)
    assert (config.vector_width, config.cove_hidden, config.cove_layers) == (9, HIDDEN, layers)
    assert (config.cove_first, config.cove_width) == (3, WIDTH)
    ours = {name for name in weights if ".cove." in name}
    assert ours == {f"encoder.cove.lstm.layers.{n}.{kind}_l0{end}" for n in (0, 1)
                    for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
                    for end in ("", "_reverse")}  # fmt: skip
    second = weights["encoder.cove.lstm.layers.1.weight_ih_l0_reverse"]
    assert torch.equal(second, lstm().state_dict()["weight_ih_l1_reverse"])
    assert weights["encoder.projection.linear.weight"].shape == (4, layers * 2 * HIDDEN + 9)
