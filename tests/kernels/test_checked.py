"""What a GPU begins with, on the kernels' source built for the CPU: it passes as it is."""

import pytest
import torch
from kernels.on_host import call

from mqan.kernels import compile as kernels
from mqan.kernels import decoder, lstm, norm
from mqan.model import check

WIDTH, ROWS, THREADS = 10, 2, 64


@pytest.fixture
def on_host(build, monkeypatch):
    """All three files' kernels run on the CPU."""
    H = WIDTH // 2
    sizes = {
        "norm": {"D": WIDTH, "THREADS": 128, "EPSILON": check.EPSILON},
        "lstm": {"H": H, "ROWS": ROWS, "THREADS": 32},
        "decoder": {"D": WIDTH, "THREADS": THREADS},
    }
    libraries = {name: build(name, **more) for name, more in sizes.items()}

    def by_norm(name, width, epsilon, blocks, *given):
        call(getattr(libraries["norm"], f"run_{name}"), norm.shared_bytes(name, width), *given)

    def by_lstm(name, B, H, device, *given):
        entry = getattr(libraries["lstm"], f"run_{name.removeprefix('lstm_')}")
        call(entry, lstm.shared_bytes(name, ROWS, H), *given)

    def by_decoder(name, B, D, *given):
        entry = getattr(libraries["decoder"], f"run_{name}")
        call(entry, decoder.shared_bytes(D, THREADS), *given)

    for module, launch in ((norm, by_norm), (lstm, by_lstm), (decoder, by_decoder)):
        monkeypatch.setattr(module, "_launch", launch)
    monkeypatch.setattr(norm, "_blocks", lambda rows, device: 2)
    monkeypatch.setattr(kernels, "_switched_off", set())


def test_the_source_passes(on_host, caplog):
    trials = list(check.trials(WIDTH, torch.device("cpu"), 2))
    found = [trial.source for trial in trials if trial.source.endswith(".cu")]
    assert found == ["norm.cu"] * 2 + ["lstm.cu"] * 2 + ["decoder.cu"] * 2
    for trial in trials:
        check.compare(trial)
    assert not kernels._switched_off and not caplog.records
