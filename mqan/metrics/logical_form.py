"""Logical-form exact match: WikiSQL (paper, section 2; docs/departures.md, "Metrics").

The output text is read back into column, aggregate and conditions and compared with the query's
logical form. Column names are free text that may contain key words, so the reading follows the
released scorer step by step: names are swapped for marks, longest first, and swapped back where
they turn out to stand inside a value.
"""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from mqan.metrics.overlap import overlap
from mqan.metrics.pairs import bad_reference, check_pairs

AGGREGATES = ("", "max", "min", "count", "sum", "avg")
OPERATORS = ("=", ">", "<", "op")
_COLUMN, _OPERATOR = "Col", "Cond"  # upper case: the model's output and the headers have none
_CONDITION = re.compile(r"(Col\d+ Cond\d+)")

Condition = tuple[int, int] | tuple[int, int, str]  # column, operator, value unless cut short


class QueryError(ValueError):
    """A text that is no query over the given columns."""


class LogicalForm(NamedTuple):
    """A query by numbers; `column` is None where the name selected is not in the table."""

    column: int | None
    aggregate: int
    conditions: tuple[Condition, ...]


def logical_form(predictions: Sequence[str], references: Sequence[Any]) -> dict[str, float]:
    """`lfem`, `lfem_unordered`, and em, nf1, nem of the lower-cased query text.

    `lfem` wants the conditions in the gold order, as the released scorer does; `lfem_unordered` in
    any order. A reference is {"sql": {"sel", "agg", "conds"}, "header": [...], "answer": text}.
    A prediction that cannot be read is a miss.

    Raises:
        ValueError: nothing to score, or lengths differ.
        DataError: a reference does not have this form.
    """
    check_pairs(predictions, references)
    ordered, unordered = zip(*query_hits(predictions, references), strict=True)
    answers = [[reference["answer"].lower()] for reference in references]
    return {
        "lfem": sum(ordered) / len(predictions) * 100,
        "lfem_unordered": sum(unordered) / len(predictions) * 100,
        **overlap(predictions, answers),
    }


def query_hits(predictions: Sequence[str], references: Sequence[Any]) -> list[tuple[bool, bool]]:
    """Whether each query is right with its conditions in the gold order, and in any order.

    Raises:
        DataError: a reference does not have the form that `logical_form` wants.
    """
    hits = []
    for index, (prediction, reference) in enumerate(zip(predictions, references, strict=True)):
        gold, header = _gold(index, reference)
        try:
            found = parse_query(prediction, header)
        except QueryError:
            hits.append((False, False))
            continue
        same = Counter(found.conditions) == Counter(gold.conditions)
        hits.append((found == gold, found[:2] == gold[:2] and same))
    return hits


def parse_query(query: str, header: Sequence[str]) -> LogicalForm:
    """Read `select [aggregate] column from table [where column op value and ...]`.

    `query` is expected lower-cased; names of columns are lower-cased here. Known limits, kept from
    the released scorer: the text is cut at the first `where` even inside a word; of columns with
    the same name the last is selected and the first is compared; a last value loses a final `and`.

    Raises:
        QueryError: the text cannot be read.
    """
    columns = [name.lower() for name in header]
    selection, where, condition_text = query.partition("where")
    try:
        column, aggregate = _selection(" ".join(selection.split()[1:-2]), columns)
        conditions = _conditions(condition_text, columns) if where else ()
    except (ValueError, IndexError) as error:
        raise QueryError(f"not a query over the columns {columns}: {query!r}") from error
    return LogicalForm(column, aggregate, conditions)


def _selection(text: str, columns: Sequence[str]) -> tuple[int | None, int]:
    numbers = {name: number for number, name in enumerate(columns)}  # of equal names the last
    if text in numbers:
        return numbers[text], 0
    aggregate, *name = text.split() or [""]
    if aggregate not in AGGREGATES[1:]:
        raise QueryError(f"neither a column nor an aggregate: {text!r}")
    return numbers.get(" ".join(name)), AGGREGATES.index(aggregate)


def _conditions(text: str, columns: Sequence[str]) -> tuple[Condition, ...]:
    """Read `column op value and column op value ...`, the part after `where`."""
    chunks = [chunk for chunk in _CONDITION.split(_mark(text, columns)) if chunk.strip()]
    conditions: list[Condition] = []
    for place in range(0, len(chunks), 2):
        column, operator, *_ = chunks[place].split()
        head = _number(column, _COLUMN), _number(operator, _OPERATOR)
        value = chunks[place + 1 : place + 2]
        conditions.append((*head, _unmark(value[0], columns)) if value else head)
    return tuple(conditions)


def _mark(text: str, columns: Sequence[str]) -> str:
    """Swap columns (longest first, else from the left) for Col0, Col1, ..., operators for Cond0."""
    marked = f" {text} "
    for number, name in sorted(enumerate(columns), key=lambda item: -len(item[1])):
        marked = marked.replace(f" {name} ", f" {_COLUMN}{number} ")
    marks = {operator: f"{_OPERATOR}{number}" for number, operator in enumerate(OPERATORS)}
    return " ".join(marks.get(token, token) for token in marked.split())


def _unmark(chunk: str, columns: Sequence[str]) -> str:
    """The value inside a chunk: without the `and` to the next condition, marks swapped back."""
    tokens = chunk.split()
    text = " ".join(tokens[:-1] if tokens[-1] == "and" else tokens)
    for prefix, names in ((_COLUMN, columns), (_OPERATOR, OPERATORS)):
        if prefix in text:  # a text without marks keeps its spacing
            text = " ".join(
                names[_number(token, prefix)] if prefix in token else token
                for token in text.split()
            )
    return text


def _number(mark: str, prefix: str) -> int:
    return int(mark.replace(prefix, ""))


def _gold(index: int, reference: Any) -> tuple[LogicalForm, Sequence[str]]:
    match reference:
        case {
            "sql": {"sel": int(column), "agg": int(aggregate), "conds": list(conditions)},
            "header": list(header),
            "answer": str(),
        } if all(isinstance(name, str) for name in header):
            pass
        case _:
            expected = '{"sql": {"sel", "agg", "conds"}, "header": [names], "answer": text}'
            raise bad_reference(index, expected, reference)
    gold = LogicalForm(column, aggregate, tuple(_gold_condition(index, c) for c in conditions))
    return gold, header


def _gold_condition(index: int, condition: Any) -> tuple[int, int, str]:
    match condition:
        case [int(column), int(operator), value]:
            return column, operator, str(value).lower()
        case _:
            raise bad_reference(index, "conditions [column, operator, value]", condition)
