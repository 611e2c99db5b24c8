"""`units.arrow`: the units of all tasks of a run, one line each (task, metric, id, stats)."""

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa

from mqan.atomic import replacing
from mqan.example import DataError
from mqan.metrics.units import WIDTHS, Units

_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("task", "metric", "id")),
        ("stats", pa.list_(pa.float64())),
    ]
)
_REMEDY = "score the run again"


def write_units(path: str | Path, by_task: Mapping[str, Units]) -> None:
    """Write the units of each task, in the order given, whole or not at all."""
    batches = [_batch(task, found) for task, found in by_task.items()]
    with (
        replacing(path) as temporary,
        pa.OSFile(str(temporary), "wb") as sink,
        pa.ipc.new_file(sink, _SCHEMA) as writer,
    ):
        for batch in batches:
            writer.write_batch(batch)


def read_units(path: str | Path) -> dict[str, Units]:
    """Read what `write_units` wrote: task -> units.

    Raises:
        DataError: the file is missing, damaged or something else; a task has two metrics, an id
            twice, or statistics that its metric does not have. The message names file and task.
    """
    try:
        with pa.OSFile(str(path), "rb") as source:
            table = pa.ipc.open_file(source).read_all()
    except FileNotFoundError as error:
        raise DataError(f"{path}: there is no file of units; {_REMEDY}") from error
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{path}: no complete file of units ({error}); {_REMEDY}") from error
    if table.schema.remove_metadata() != _SCHEMA or any(c.null_count for c in table.columns):
        found = ", ".join(f"{field.name}: {field.type}" for field in table.schema)
        raise DataError(f"{path}: expected units ({', '.join(_SCHEMA.names)}), found {found}")
    tasks = np.array(table.column("task").to_pylist(), dtype=object)
    ends = [0, *(np.flatnonzero(tasks[1:] != tasks[:-1]) + 1), len(tasks)]
    by_task: dict[str, Units] = {}
    for start, end in pairwise(ends if len(tasks) else []):
        task = str(tasks[start])
        if task in by_task:
            raise DataError(f"{path}: units of {task} stand in two places; {_REMEDY}")
        by_task[task] = _units(table.slice(start, end - start), f"{path}, {task}")
    return by_task


def _batch(task: str, found: Units) -> pa.RecordBatch:
    count, width = found.stats.shape
    stats = pa.ListArray.from_arrays(
        pa.array(np.arange(count + 1, dtype=np.int32) * width), pa.array(found.stats.ravel())
    )
    names = [pa.array([name] * count, pa.string()) for name in (task, found.metric)]
    return pa.record_batch([*names, pa.array(found.ids, pa.string()), stats], schema=_SCHEMA)


def _units(lines: pa.Table, where: str) -> Units:
    metrics = set(lines.column("metric").to_pylist())
    ids = lines.column("id").to_pylist()
    rows = lines.column("stats").combine_chunks()
    if len(metrics) > 1 or not metrics <= WIDTHS.keys():
        known = ", ".join(WIDTHS)
        raise DataError(f"{where}: expected one metric of {known}, found {sorted(metrics)}")
    (metric,) = metrics
    if len(set(ids)) < len(ids):
        twice = next(name for name in ids if ids.count(name) > 1)
        raise DataError(f"{where}: unit {twice!r} is there twice; {_REMEDY}")
    width = WIDTHS[metric]
    fits = rows.value_lengths().to_numpy() == width
    if fits.all():
        stats = rows.flatten().to_numpy().reshape(-1, width)
        fits = np.isfinite(stats).all(axis=1)
        if fits.all():
            return Units(metric, tuple(ids), stats)
    wrong = int(np.argmin(fits))
    raise DataError(
        f"{where}: unit {ids[wrong]!r}: expected {width} numbers of {metric}, "
        f"found {rows[wrong].as_py()}; {_REMEDY}"
    )
