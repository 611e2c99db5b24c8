"""What the commands do, arguments already parsed: each function is one step from data to table."""

from __future__ import annotations

import csv
import io
import json
import logging
import platform
import shutil
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mqan import __version__, experiment
from mqan.atomic import replacing, write_text
from mqan.baselines import best_baseline
from mqan.data.store import Store
from mqan.evaluate import data_digest, predict, read_predictions, records, score
from mqan.example import DataError
from mqan.experiment import Prepared, Saved
from mqan.report.tables import COLUMNS
from mqan.study import BASELINE, RunSpec, Study, load_study, source_digest
from mqan.tasks import TASKS
from mqan.train.loop import Validate, train
from mqan.train.settings import TrainSettings

logger = logging.getLogger(__name__)

CARD, METRICS = "card.json", "train.jsonl"
CHECKPOINT_SECONDS = 60.0  # what a killed run loses at most
SPARE_WORDS = 5  # a validation answer may be this much longer than the longest one learnt


def run_of(study: Study, run: str) -> RunSpec:
    """The run called `run`; an unknown name is an error that lists the study's runs."""
    runs = study.runs()
    if run not in runs:
        raise DataError(f"study {study.study} has no run {run!r}; it has {', '.join(runs)}")
    return runs[run]


def train_run(
    study_path: Path, run: str, seed: int, data: Path, out: Path, checkpoints: Path, threads: int
) -> None:
    """Train one run with one seed, or finish it, and write its folder; `card.json` comes last."""
    study = load_study(study_path)
    spec = run_of(study, run)
    torch.set_num_threads(threads)
    prepared = Prepared(data)
    splits = {split: {t: prepared.store(t, split) for t in spec.tasks} for split in study.splits}
    words = experiment.vocabulary(spec, (s for stores in splits.values() for s in stores.values()))
    model = experiment.new_model(spec, words, prepared.vectors(words.words), seed)
    streams = experiment.streams(spec, splits["train"], words, model.config, seed)
    card = _card(spec, seed, threads, model, splits)
    result = train(
        model,
        streams,
        spec.phases(),
        _settings(spec, seed, threads),
        folder=checkpoints,
        digest=json.dumps(
            [card[key] for key in ("digest", "seed", "code", "data", "machine")], sort_keys=True
        ),
        validate=_validator(spec, splits, words) if spec.train.select == "best" else None,
        name=f"{run} seed {seed}",
    )
    out.mkdir(parents=True, exist_ok=True)
    model.load_state_dict(result.weights)
    settings = {"run": run, "seed": seed, "tasks": list(spec.tasks), "digest": spec.digest}
    experiment.save(out, model, words, settings | {"study": spec.study, "step": result.step})
    with replacing(out / METRICS) as temporary:
        shutil.copyfile(result.metrics, temporary)
    card |= {"step": result.step, "steps": result.steps, "validation": result.scores}
    card["dropped"] = {task: dict(stream.dropped) for task, stream in streams.items()}
    write_text(out / CARD, json.dumps(card, indent=2, sort_keys=True) + "\n")
    shutil.rmtree(checkpoints)  # only now: until here a killed run continues from it


def _settings(spec: RunSpec, seed: int, threads: int) -> TrainSettings:
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
        validate_every=t.validate_every,
        select=t.select,
        checkpoint_seconds=CHECKPOINT_SECONDS,
        device=t.device,
        precision=t.precision,
        threads=threads,
    )


def _validator(
    spec: RunSpec, splits: Mapping[str, Mapping[str, Store]], words: experiment.Vocabulary
) -> Validate:
    """Scores of the validation splits. Answers stop a little beyond the longest one learnt."""

    def validate(model: Any) -> dict[str, float]:
        scores: dict[str, float] = {}
        for task in spec.tasks:
            store = splits["validation"][task]
            longest = int(splits["train"][task].lengths["answer"].max()) + SPARE_WORDS
            answers = predict(
                model,
                store,
                words,
                limits=experiment.limits(spec, task),
                joined=experiment.labels(model.config, words),
                max_words=min(spec.max_words, longest),
                device=spec.train.device,
            )
            references = [store.reference(row) for row in range(len(store))]
            values = TASKS[task].score([text for text, _, _ in answers], references)
            scores[task] = values[TASKS[task].metric]
        return scores

    return validate


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
        "code": source_digest("**/*.py"),
        "mqan": __version__,
        "parameters": model.parameter_count(),
        "data": data,
        "versions": {name: version(name) for name in ("torch", "numpy", "pyarrow")}
        | {"python": platform.python_version()},
        "machine": {"processor": platform.machine(), "threads": threads, "device": _device(spec)},
    }


def _device(spec: RunSpec) -> str:
    return torch.cuda.get_device_name() if spec.train.device == "cuda" else "cpu"


def _split_card(store: Store) -> dict[str, Any]:
    summary = store.summary
    kept = ("rows", "dropped", "raw", "task_version", "wording")
    return {key: summary[key] for key in kept} | {"digest": data_digest(summary)}


def predict_run(
    run: Path, data: Path, split: str, decode: str, max_words: int, threads: int, out: Path
) -> None:
    """Answer a split of every task of a trained run, in one process."""
    torch.set_num_threads(threads)
    saved, prepared = Saved.open(run), Prepared(data)
    spec = json.loads((run / CARD).read_text(encoding="utf-8"))["spec"]
    device = spec["train"]["device"]
    stores = {task: prepared.store(task, split) for task in saved.settings["tasks"]}
    words = experiment.extended(saved.words, (w for s in stores.values() for w in s.words))
    model = saved.load(prepared.vectors(words.words), device)
    with replacing(out) as temporary, temporary.open("w", encoding="utf-8") as lines:
        for task, store in stores.items():
            answers = predict(
                model,
                store,
                words,
                limits=experiment.Limits(
                    **spec["limits"], truncate_context=TASKS[task].truncate_context
                ),
                joined=experiment.labels(model.config, words),
                max_words=max_words,
                decode=decode,
                device=device,
            )
            for record in records(task, split, store, answers):
                line = json.dumps(record | {"decode": decode}, ensure_ascii=False)
                lines.write(line + "\n")
            logger.info("%s: %d answers", task, len(answers))


def _write_scores(out: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, [str(name) for name in COLUMNS], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(out, text.getvalue())


def score_run(predictions: Path, card_path: Path, out: Path) -> None:
    """Tidy scores of a run's predictions: a line for each task and metric."""
    card = json.loads(card_path.read_text(encoding="utf-8"))
    by_task = read_predictions(predictions)
    names = ("study", "run", "variant", "vectors", "strategy", "size", "seed", "step", "code")
    rows = []
    for task, split, metric, value, n in score(by_task):
        origin = card["data"][task][split]
        rows.append(
            {name: card[name] for name in names}
            | {"decode": by_task[task][0]["decode"], "task": task, "metric": metric, "n": n}
            | {"task_version": origin["task_version"], "value": repr(value)}
            | {"data": origin["digest"], "code": card["code"]}
        )
    _write_scores(out, rows)


def baseline_scores(study: Study, raw: Path, data: Path, out: Path) -> None:
    """Scores of the strongest trivial baseline of each task, chosen on the evaluated split."""
    rows: list[dict[str, Any]] = []
    for name in study.tasks:
        task, split = TASKS[name], study.evaluation.split
        _, predictions = best_baseline(
            task,
            task.examples(raw, "train", wording=study.wording),
            task.examples(raw, split, wording=study.wording),
        )
        store = Store.open(data / name, split)
        references = [store.reference(row) for row in range(len(store))]
        for metric, value in task.score(predictions, references).items():
            rows.append(
                {"study": study.study, "run": BASELINE, "strategy": BASELINE, "task": name}
                | {"task_version": task.version, "metric": metric, "value": repr(value)}
                | {"n": len(references), "data": data_digest(store.summary)}
                | {"code": source_digest("**/*.py")}
            )
    _write_scores(out, rows)


def answer(run: Path, raw: Path | None, study: Study, texts: Sequence[tuple[str, str]]) -> list[str]:
    """Answer (context, question) pairs that stand in no corpus."""
    from mqan.batch import Batch
    from mqan.data.batches import collate
    from mqan.model.search import greedy
    from mqan.text.tokenize import tokenise
    from mqan.text.vectors import table

    saved = Saved.open(run)
    tokens = {
        "context": [tokenise(context) for context, _ in texts],
        "question": [tokenise(question) for _, question in texts],
        "answer": [[] for _ in texts],
    }
    new = (word for column in tokens.values() for text in column for word in text)
    words = experiment.extended(saved.words, new)
    model = saved.load(table(words.words, experiment.sources(study.vectors, raw)))
    rows = np.arange(len(texts))
    joined = experiment.labels(model.config, words)
    batch: Batch = collate(_Texts(tokens, words), rows, rows, None, joined)
    decoded = greedy(model, batch, study.evaluation.max_words, study.evaluation.decode)
    return [words.text(ids) for ids in decoded.ids.numpy()]


class _Texts:
    """Texts in memory, read like a store."""

    def __init__(self, tokens: dict[str, list[list[str]]], words: experiment.Vocabulary) -> None:
        self._ids = {name: [words.ids(text) for text in column] for name, column in tokens.items()}
        self.lengths = {
            name: np.array([len(text) for text in column]) for name, column in tokens.items()
        }

    def padded(
        self, field: str, rows: np.ndarray, lookup: np.ndarray, limit: int | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Ids (B, L) with <init> and <eos>, and lengths; as `Store.padded`."""
        from mqan.example import EOS, INIT, PAD

        texts = [[INIT, *self._ids[field][row], EOS] for row in rows]
        lengths = np.array([len(text) for text in texts])
        ids = np.full((len(texts), lengths.max()), PAD)
        for row, text in zip(ids, texts, strict=True):
            row[: len(text)] = text
        return ids, lengths
