"""The published MT-LSTM (`wmtlstm-*.pth`), read without running its pickle.

The file is the state dict of a two-layer bidirectional nn.LSTM (salesforce/cove, `MTLSTM`): 300
inputs, 300 per direction. Some copies carry the name of the module in front (`rnn.weight_ih_l0`).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from mqan.example import DataError
from mqan.interop.reader import tensors, unpickle
from mqan.model.cove import published_shapes

ORIGIN = "https://s3.amazonaws.com/research.metamind.io/cove/wmtlstm-8f474287.pth"


def load_mtlstm(path: Path, width: int, hidden: int) -> dict[str, Tensor]:
    """Weights by the names of nn.LSTM, float32, of an MT-LSTM with these sizes.

    width: numbers of a word vector that it reads. hidden: of one layer and direction.

    Raises DataError for anything else, naming the file, the weight and what was expected.
    """
    weights = _without_prefix(_read(path))
    expected = published_shapes(width, hidden)
    if set(weights) != set(expected):
        lacking, more = sorted(set(expected) - set(weights)), sorted(set(weights) - set(expected))
        raise DataError(
            f"{path}: expected the weights of a two-layer bidirectional LSTM, "
            f"{', '.join(lacking[:3]) or 'nothing'} is missing and "
            f"{', '.join(more[:3]) or 'nothing'} is too much: fetch the published MT-LSTM"
        )
    for name, shape in expected.items():
        found = weights[name]
        if tuple(found.shape) != shape:
            raise DataError(
                f"{path}, {name}: {_by(found.shape)}, expected {_by(shape)} for an MT-LSTM that "
                f"reads {width} columns with {hidden} units a direction: correct `cove:` in the "
                "study or name another file"
            )
        if not (found.is_floating_point() and torch.isfinite(found).all()):
            raise DataError(f"{path}, {name}: expected finite numbers: fetch the file again")
    return {name: weights[name].float().contiguous() for name in expected}


def _read(path: Path) -> dict[str, Tensor]:
    """The tensors of a saved dictionary."""
    try:
        with path.open("rb") as file:
            content, read = unpickle(file)
            if not isinstance(content, dict) or not content:
                raise ValueError("it holds no dictionary, or an empty one")
            return tensors(content, read)
    except FileNotFoundError as error:
        raise DataError(
            f"{path}: no such file; fetch the published MT-LSTM ({ORIGIN}) into the raw folder, "
            "or train one with `cove: file: null`"
        ) from error
    except Exception as error:  # a damaged or malicious pickle can raise anything
        raise DataError(
            f"{path}: cannot be read as a dictionary of weights that torch.save wrote "
            f"({type(error).__name__}: {error})"
        ) from error


def _without_prefix(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Names without the module that all have in front (`rnn.`, `module.rnn.`)."""
    parts = {name: name.rpartition(".") for name in weights}
    if len({module for module, _, _ in parts.values()}) > 1:
        return dict(weights)
    return {parts[name][2]: weight for name, weight in weights.items()}


def _by(shape: Any) -> str:
    return " x ".join(map(str, shape))
