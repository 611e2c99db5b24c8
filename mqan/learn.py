"""One trained model from a study: puts a run together, trains it, writes folder and card."""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
from collections.abc import Mapping
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from mqan import __version__, experiment
from mqan.atomic import replacing, write_text
from mqan.data.layout import sha256
from mqan.data.store import Store
from mqan.example import DataError
from mqan.experiment import CARD, Prepared
from mqan.midway import Midway
from mqan.model.check import check_kernels
from mqan.model.cove import MTLSTM
from mqan.record import read_json
from mqan.study import RunSpec, Study, load_study, step_digest
from mqan.train import checkpoint
from mqan.train.lock import alone
from mqan.train.loop import Result, train
from mqan.train.settings import TrainSettings
from mqan.transfer import start_from
from mqan.translate import folder

METRICS = "train.jsonl"
CHECKPOINT_SECONDS = 60.0  # what a killed run loses at most


def run_of(study: Study, run: str) -> RunSpec:
    """The run called `run`; an unknown name is an error that lists the study's runs."""
    runs = study.runs()
    if run not in runs:
        raise DataError(f"study {study.study} has no run {run!r}; it has {', '.join(runs)}")
    return runs[run]


def train_run(
    study_path: Path,
    run: str,
    seed: int,
    data: Path,
    out: Path,
    checkpoints: Path,
    threads: int,
    tensorboard: bool = False,
    vectors: Path | None = None,
    mtlstm: Path | None = None,
    start: Path | None = None,
) -> None:
    """Train one run with one seed, or finish it, and write its folder; `card.json` comes last.

    vectors: folder of the word vectors, if not `data`. mtlstm: of the study's MT-LSTM, for runs
    that read CoVe and for no others. start: of a trained run whose weights to begin with.

    Raises BusyError when another process trains in `checkpoints`, DataError when that folder is not
    for checkpoints alone.
    """
    study = load_study(study_path)
    spec = run_of(study, run)
    _check_mtlstm(spec, mtlstm)
    _check_start(spec, start)
    folders = {"--out": out, "--data": data, "--vectors": vectors}
    checkpoint.check_folder(checkpoints, folders | {"--mtlstm": mtlstm, "--start": start})
    torch.set_num_threads(threads)
    with alone(checkpoints):
        _check_out(out, study, run, seed)
        prepared = Prepared(data, vectors)
        splits = {
            split: {task: prepared.store(name, split) for task, name in spec.folders.items()}
            for split in study.splits
        }
        words = experiment.vocabulary(spec, (s for part in splits.values() for s in part.values()))
        model = experiment.new_model(spec, words, prepared.vectors(words.words), seed)
        streams = experiment.streams(spec, splits["train"], words, model.config, seed)
        record, curve = prepared.record(), spec.curve and (spec.curve.every, spec.curve.examples)
        card = _card(spec, seed, threads, model, splits) | {"word_vectors": record.content}
        card["start"] = None if start is None else start_from(start, model, words, record)
        card["curve"] = curve
        if spec.cove and mtlstm:
            found = folder.load(mtlstm, spec.cove, record.take(list, "sources"))
            assert isinstance(model.encoder.cove, MTLSTM)  # the specification asks for it
            model.encoder.cove.load_published(found.weights)
            card |= {"mtlstm": found.sha256, "frozen": model.frozen_count()}
        out.mkdir(parents=True, exist_ok=True)  # what cannot be made is not found out after hours
        midway = Midway(spec, splits, words)
        result = train(
            model,
            streams,
            spec.phases(),
            _settings(spec, seed, threads, curve),
            folder=checkpoints,
            digest=_identity(card),
            validate=midway.validate if spec.train.select == "best" else None,
            curve=None if curve is None else partial(midway.curve, examples=curve[1]),
            name=f"{run} seed {seed}",
            tensorboard=tensorboard,
        )
        card["dropped"] = {task: dict(stream.dropped) for task, stream in streams.items()}
        _write(out, spec, seed, model, words, result, card)
        checkpoint.remove(checkpoints)  # only now: until here a killed run continues from it


def _write(
    out: Path,
    spec: RunSpec,
    seed: int,
    model: experiment.MQAN,
    words: experiment.Vocabulary,
    result: Result,
    card: dict[str, Any],
) -> None:
    """Write the folder of a trained run, the card last: while it is not there, nothing is."""
    (out / CARD).unlink(missing_ok=True)
    model.load_state_dict(result.weights)
    settings = {"run": spec.run, "seed": seed, "tasks": list(spec.tasks), "digest": spec.digest}
    experiment.save(out, model, words, settings | {"study": spec.study, "step": result.step})
    with replacing(out / METRICS) as temporary:
        shutil.copyfile(result.metrics, temporary)
    card["model"] = sha256(out / experiment.SETTINGS)  # which has the checksums of the others
    card |= {"step": result.step, "steps": result.steps, "validation": result.scores}
    write_text(out / CARD, json.dumps(card, indent=2, sort_keys=True) + "\n")


def _check_mtlstm(spec: RunSpec, mtlstm: Path | None) -> None:
    """Refuse a run that lacks what it reads, or is given what it does not."""
    if spec.cove and mtlstm is None:
        raise DataError(
            f"run {spec.run} reads CoVe ({spec.embedding}): name the folder of the study's MT-LSTM "
            "with --mtlstm; `mqan mtlstm` writes it"
        )
    if mtlstm is not None and spec.cove is None:
        raise DataError(f"run {spec.run} reads no CoVe: leave out --mtlstm {mtlstm}")


def _check_out(out: Path, study: Study, run: str, seed: int) -> None:
    """Refuse a folder with the results of another run or seed. Those of the same are replaced."""
    if not (out / CARD).exists():
        return
    remedy = "name another folder with --out, or delete this one"
    card = read_json(out / CARD, "the card of a trained run", remedy)
    found = {name: card.take(object, name) for name in ("study", "run", "seed")}
    if found != {"study": study.study, "run": run, "seed": seed}:
        raise DataError(
            f"{out}: holds {found['run']} seed {found['seed']} of study {found['study']}, not "
            f"{run} seed {seed} of study {study.study}; {remedy}"
        )


def _check_start(spec: RunSpec, start: Path | None) -> None:
    """Refuse a run that lacks the weights it starts from. Any other may be given some as well."""
    if spec.start and start is None:
        raise DataError(
            f"run {spec.run} starts from the weights of {spec.start}: name its folder with --start"
        )


def _identity(card: dict[str, Any]) -> str:
    """One word for all that a checkpoint must share with the run that continues from it."""
    names = ("digest", "seed", "code", "data", "word_vectors", "versions", "machine")
    names += ("start", "curve")
    # A run without CoVe has no MT-LSTM.
    values = json.dumps([card[name] for name in names] + [card.get("mtlstm")], sort_keys=True)
    return hashlib.sha256(values.encode()).hexdigest()


def _settings(
    spec: RunSpec, seed: int, threads: int, curve: tuple[int, int] | None = None
) -> TrainSettings:
    t = spec.train
    return TrainSettings(
        steps=spec.steps,
        seed=seed,
        width=spec.size.width,
        schedule=t.schedule,
        peak=t.peak,
        warmup=t.warmup,
        decay=t.decay,
        clip=t.clip,
        beta2=t.beta2,
        validate_every=t.validate_every,
        curve_every=None if curve is None else curve[0],
        select=t.select,
        checkpoint_seconds=CHECKPOINT_SECONDS,
        device=t.device,
        precision=t.precision,
        threads=threads,
    )


def _card(
    spec: RunSpec,
    seed: int,
    threads: int,
    model: experiment.MQAN,
    splits: Mapping[str, Mapping[str, Store]],
) -> dict[str, Any]:
    """Everything a result traces to; nothing in it depends on the clock."""
    data = {
        task: {split: _split_card(stores[task]) for split, stores in splits.items()}
        for task in spec.tasks
    }
    return {
        "study": spec.study,
        "run": spec.run,
        "variant": spec.variant,
        "vectors": spec.vectors_label,
        "strategy": spec.strategy,
        "size": spec.size_name,
        "seed": seed,
        "spec": json.loads(spec.canonical()),
        "digest": spec.digest,
        "stores": spec.folders,
        "code": step_digest("train"),
        "mqan": __version__,
        "parameters": model.parameter_count(),
        "data": data,
        "versions": {name: version(name) for name in ("torch", "numpy", "pyarrow")}
        | {"python": platform.python_version()},
        "machine": _machine(spec, threads),
    }


def _machine(spec: RunSpec, threads: int) -> dict[str, Any]:
    """What numbers depend on besides the code: on a GPU also which kernels of our own are used."""
    device = spec.train.device
    found = {"processor": platform.machine(), "threads": threads, "device": device}
    if device.startswith("cuda"):
        name, used = torch.cuda.get_device_name(device), check_kernels(spec.size.width, device)
        found |= {"device": name, "kernels": used}
    return found


def _split_card(store: Store) -> dict[str, Any]:
    summary = store.summary
    kept = ("rows", "dropped", "raw", "files", "task_version", "wording")
    return {key: summary[key] for key in kept} | {"digest": store.digest}
