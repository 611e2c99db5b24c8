"""Questions asked in other words: what becomes of a model that learnt them in one form.

Paper, section 4.4: a model of the decathlon answers with `happy` or `angry` when asked so, though
it only ever read `positive` and `negative`. The table is config/rewordings.tsv; a wording there is
prepared like any other, `mqan prepare --wording happy-angry`. Called by the command.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from mqan.example import DataError, Example
from mqan.tasks import CORPORA, Task
from mqan.tasks.task import WORDINGS
from mqan.tsv import read_tsv

SHEET = Path(__file__).resolve().parents[1] / "config" / "rewordings.tsv"
COLUMNS = ("wording", "task", "pattern", "replacement", "answers")
PLAIN = "code"  # the wording that patterns are about


@dataclass(frozen=True)
class Rewording:
    """One line of rewordings.tsv: questions of `task` that match `pattern` are asked otherwise."""

    wording: str
    task: str
    pattern: re.Pattern[str]  # of the whole question in the wording `code`
    replacement: str  # as of re.sub: \\1 is the first group
    answers: Mapping[str, str]  # each label and its new name; empty where answers stay

    def apply(self, example: Example) -> Example:
        """The example with its new question, and new names of its answers if they have any.

        Raises:
            DataError: its question does not match, or an answer has no new name.
        """
        match = self.pattern.fullmatch(example.question)
        if match is None:
            expected = f"a question that matches {self.pattern.pattern!r}"
            raise self._error(example, expected, example.question)
        example = replace(example, question=match.expand(self.replacement))
        if not self.answers:
            return example
        gold = example.reference
        if not isinstance(gold, list):
            raise self._error(example, "a list of gold answers to rename", gold)
        renamed = [self._renamed(example, answer) for answer in gold]
        return replace(example, answer=self._renamed(example, example.answer), reference=renamed)

    def _renamed(self, example: Example, answer: Any) -> str:
        if answer not in self.answers:
            raise self._error(example, f"an answer among {', '.join(self.answers)}", answer)
        return self.answers[answer]

    def _error(self, example: Example, expected: str, found: object) -> DataError:
        return DataError(
            f"wording {self.wording!r} of {self.task}, example {example.id!r}: expected {expected},"
            f" found {found!r}; correct the wording's line in {SHEET.name}"
        )


Rewordings = Mapping[tuple[str, str], Rewording]  # (wording, task) -> line


def read_rewordings(path: Path = SHEET) -> dict[tuple[str, str], Rewording]:
    """Read rewordings.tsv, in its order.

    Raises:
        DataError: no such file, other columns, an unknown task, a taken name, a pattern or
            replacement that is none, or answers that cannot be told apart. File and line are named.
    """
    found: dict[tuple[str, str], Rewording] = {}
    for where, cells in read_tsv(path, COLUMNS, DataError):
        line = _rewording(cells, where)
        if (line.wording, line.task) in found:
            raise DataError(
                f"{where}: {line.wording!r} of {line.task} is there already; give it another name"
            )
        found[line.wording, line.task] = line
    return found


def _rewording(cells: Sequence[str], place: str) -> Rewording:
    wording, task, pattern, replacement, answers = cells
    if wording in WORDINGS or not re.fullmatch(r"[a-z0-9][a-z0-9-]*", wording):
        expected = f"a name of small letters, digits and hyphens, not {' or '.join(WORDINGS)}"
        raise DataError(f"{place}: wording: expected {expected}, found {wording!r}; rename it")
    if task not in CORPORA:
        known = ", ".join(CORPORA)
        raise DataError(f"{place}: task: expected one of {known}, found {task!r}; correct it")
    try:
        compiled = re.compile(pattern, re.DOTALL)
        # a group that the pattern lacks; the empty alternative makes every group optional
        re.sub(f"{pattern}|", replacement, "")
    except re.error as problem:
        raise DataError(
            f"{place}: expected a regular expression and its replacement, found {pattern!r} and "
            f"{replacement!r} ({problem}); correct them"
        ) from None
    return Rewording(wording, task, compiled, replacement, _answers(answers, CORPORA[task], place))


def _answers(cell: str, task: Task, place: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in cell.split()]
    found = {old: new for old, _, new in pairs}
    distinct = len(pairs) == len(found) == len(set(found.values()))
    if not distinct or not all(old and new for old, new in found.items()):
        expected = "answers as old=new, blanks between them, no two alike"
        raise DataError(f"{place}: expected {expected}, found {cell!r}; correct it")
    if found and task.metric != "em":
        raise DataError(
            f"{place}: only answers judged by em can have new names, and those of {task.name} are "
            f"judged by {task.metric}; leave the last cell empty"
        )
    return found


@dataclass(frozen=True)
class Reworded:
    """A task asked in another wording: what `mqan.data.prepare` needs of a task."""

    task: Task
    rewording: Rewording

    @property
    def name(self) -> str:
        """Name of the task."""
        return self.task.name

    @property
    def version(self) -> int:
        """Version of the task: its reader and metric."""
        return self.task.version

    @property
    def splits(self) -> Mapping[str, Sequence[str]]:
        """Files of each split."""
        return self.task.splits

    def files(self, root: Path, split: str) -> list[Path]:
        """The split's files that are there."""
        return self.task.files(root, split)

    def examples(
        self,
        root: Path,
        split: str,
        *,
        wording: str = "",
        dropped: Counter[str] | None = None,
    ) -> Iterator[Example]:
        """Stream the examples of a split in this wording, the only one there is here.

        Raises:
            DataError: as `Task.examples`, or an example that the wording does not fit.
        """
        if wording not in ("", self.rewording.wording):
            raise DataError(f"{self.name} is asked in {self.rewording.wording!r}, not {wording!r}")
        plain = self.task.examples(root, split, wording=PLAIN, dropped=dropped)
        return map(self.rewording.apply, plain)


def in_wording(task: Task, wording: str, sheet: Path = SHEET) -> Task | Reworded:
    """`task` as it is asked in `wording`: `code`, `paper`, or a wording of rewordings.tsv.

    Raises:
        DataError: the task has no such wording; the message suggests one.
    """
    if wording in WORDINGS:
        return task
    known = read_rewordings(sheet)
    if (wording, task.name) in known:
        return Reworded(task, known[wording, task.name])
    names = [*WORDINGS, *(name for name, about in known if about == task.name)]
    near = get_close_matches(wording, names, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise DataError(f"{task.name} has no wording {wording!r}; {hint}It has: {', '.join(names)}")


def wordings(sheet: Path = SHEET) -> tuple[str, ...]:
    """Every wording that some task has."""
    return tuple(dict.fromkeys([*WORDINGS, *(name for name, _ in read_rewordings(sheet))]))
