"""A training run in a process of its own, so that a test can kill it: FOLDER STEPS."""

import hashlib
import json
import sys
from pathlib import Path

from safetensors.torch import save
from train import stand_in

from mqan.curriculum import Phase
from mqan.train.loop import train
from mqan.train.settings import TrainSettings

COMPILER = ("torch._dynamo", "torch._inductor")  # takes longer to load than many a training


def main(folder: Path, steps: int) -> None:
    settings = TrainSettings(
        steps=steps,
        seed=9,
        width=16,
        log_every=7,
        validate_every=40,
        checkpoint_every=23,
        curve_every=11,
        threads=1,
        prefetch=2,
    )
    result = train(
        stand_in.model(),
        stand_in.streams(a=90, b=61),
        [Phase(("a",), 50), Phase(("a", "b", "b"), 100), Phase(("a", "b"), draw="root")],
        settings,
        folder=folder,
        digest="d1",
        validate=stand_in.score,
        curve=stand_in.curve,
    )
    weights = hashlib.sha256(save(result.weights)).hexdigest()
    log = hashlib.sha256(result.metrics.read_bytes()).hexdigest()
    outcome = {"weights": weights, "log": log, "step": result.step, "scores": result.scores}
    outcome["compiler"] = [name for name in COMPILER if name in sys.modules]
    (folder / "outcome.json").write_text(json.dumps(outcome))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
