"""A model that starts from another run's weights: which rows go where, and what is refused."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from mqan import experiment
from mqan.data.layout import sha256
from mqan.example import DataError
from mqan.model.config import ModelConfig
from mqan.model.mqan import MQAN
from mqan.record import Record
from mqan.text.vocabulary import Vocabulary
from mqan.transfer import start_from

SOURCES = [{"source": "hashed", "dim": 6, "seed": 0}]
SIZES = {"vector_width": 6, "width": 8, "heads": 2, "layers": 1, "hidden": 5}
# Generable are the special tokens' four and the first words; `far` can only be copied by either.
THERE = Vocabulary(["yes", "no", "red", "blue", "far"], 4 + 3)
HERE = Vocabulary(["blue", "no", "green", "yes", "red", "far"], 4 + 4)


def model_of(words: Vocabulary, seed: int, **changes) -> MQAN:
    torch.manual_seed(seed)
    config = ModelConfig(**({**SIZES, "generable": words.generable} | changes))
    return MQAN(config, torch.randn(len(words), config.vector_width))


def record(sources=SOURCES) -> Record:
    return Record({"sources": sources}, "vectors.json", "run `mqan vectors`")


@pytest.fixture
def trained(tmp_path):
    """The folder of a trained run, and its model."""
    model = model_of(THERE, 1)
    settings = {"run": "joint", "seed": 3, "tasks": ["sst"]}
    save(tmp_path / "run", model, settings)
    return tmp_path / "run", model


def save(folder, model, settings):
    """Write a model and its card."""
    experiment.save(folder, model, THERE, settings)
    card = {"study": "mini", "run": "joint", "seed": 3, "step": 70}
    card |= {"word_vectors": {"sources": SOURCES}, "model": sha256(folder / "model.json")}
    (folder / "card.json").write_text(json.dumps(card))


def test_every_tensor_goes_to_its_namesake_and_output_rows_to_their_words(trained):
    folder, source = trained
    model, fresh = model_of(HERE, 2, dropout=0.4), model_of(HERE, 2)
    origin = start_from(folder, model, HERE, record())
    for name, tensor in model.state_dict().items():
        if not name.startswith("out."):
            assert torch.equal(tensor, source.state_dict()[name]), name
    # special tokens to themselves, `no` 5 -> 5, `yes` 4 -> 7; `blue` cannot be generated there,
    # `red` (6 there) not here, `green` is new
    rows = {0: 0, 1: 1, 2: 2, 3: 3, 5: 5, 7: 4}
    for name in ("weight", "bias"):
        ours, theirs, before = (getattr(m.out, name) for m in (model, source, fresh))
        for here in range(HERE.generable):
            expected = theirs[rows[here]] if here in rows else before[here]
            assert torch.equal(ours[here], expected), here
    assert torch.equal(model.words.table, fresh.words.table)
    assert origin["words"] == len(rows)
    assert {k: origin[k] for k in ("study", "run", "seed", "step")} == {
        "study": "mini", "run": "joint", "seed": 3, "step": 70,
    }  # fmt: skip
    assert origin["weights"] == experiment.sha256(folder / "model.safetensors")


def test_the_same_words_give_the_same_model(trained):
    folder, source = trained
    model = model_of(THERE, 2)
    assert start_from(folder, model, THERE, record())["words"] == THERE.generable
    assert all(torch.equal(v, source.state_dict()[n]) for n, v in model.state_dict().items())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"variant": "catt"}, "variant qptr, here catt"),
        ({"width": 10, "hidden": 7}, "width 8, here 10, hidden 5, here 7"),
        ({"vector_width": 7}, "vector_width 6, here 7"),
        ({"cell_from_hidden": True}, "cell_from_hidden False, here True"),
    ],
)
def test_another_model_is_refused(trained, changes, message):
    folder, _ = trained
    model = model_of(HERE, 2, **changes)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    with pytest.raises(DataError, match=f"run: another model: {message}; start from a run"):
        start_from(folder, model, HERE, record())
    assert all(torch.equal(v, before[n]) for n, v in model.state_dict().items())


def test_other_word_vectors_of_the_same_width_are_refused(trained):
    others = [replaced | {"seed": 1} for replaced in SOURCES]
    with pytest.raises(DataError, match=r"its word vectors are .*'seed': 0.*here .*'seed': 1"):
        start_from(trained[0], model_of(HERE, 2), HERE, record(others))


def test_a_folder_without_a_trained_run_is_refused(trained, tmp_path):
    with pytest.raises(DataError, match="no folder of a trained run"):
        start_from(tmp_path / "nothing", model_of(HERE, 2), HERE, record())
    (trained[0] / "model.safetensors").write_bytes(b"other")
    with pytest.raises(DataError, match=r"model\.safetensors: missing or damaged"):
        start_from(trained[0], model_of(HERE, 2), HERE, record())


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"layers": 2}, "not the same tensors: .*layers.1"), ({"hidden": 4}, r"inner.* is \[4")],
)
def test_weights_that_are_not_what_their_settings_say_are_refused(trained, changes, message):
    """Written by hand: checksums agree, sizes do not."""
    folder, source = trained
    other = model_of(THERE, 1, **changes)
    other.config = replace(other.config, **{k: getattr(source.config, k) for k in changes})
    save(folder, other, {"run": "joint", "seed": 3, "tasks": ["sst"]})
    with pytest.raises(DataError, match=message):
        start_from(folder, model_of(HERE, 2), HERE, record())


def test_generable_words_of_both_may_be_the_special_tokens_alone(trained):
    words = Vocabulary(["new"], 4)
    assert start_from(trained[0], model_of(words, 2), words, record())["words"] == 4
    assert np.isfinite(model_of(words, 2).out.weight.detach().numpy()).all()
