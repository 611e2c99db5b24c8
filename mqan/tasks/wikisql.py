"""WikiSQL: translate a question about a table into a query.

Origin: WikiSQL 1.1 (Zhong et al. 2017), JSON lines of questions and of tables. Licence: BSD
3-clause. Of a table only the header is read. A raw row with its header, and its triple:

>>> row = {"table_id": "1-1", "question": "Who is from Utah?",
...        "sql": {"sel": 0, "agg": 3, "conds": [[1, 0, "Utah"]]}}
>>> triple(row, ["Player", "School"], "code", "dev.jsonl, line 1")  # doctest: +NORMALIZE_WHITESPACE
('The table has columns Player, School and key words MAX, MIN, COUNT, SUM, AVG, =, >, <, OP, SELECT,
 WHERE, AND, COL, TABLE, CAPTION, PAGE, SECTION, OP, COND, QUESTION, AGG, AGGOPS, CONDOPS-- Who is
 from Utah?', 'What is the translation from English to SQL?',
 'SELECT COUNT Player FROM table WHERE School = Utah')
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mqan.example import Example
from mqan.tasks import files
from mqan.tasks.task import Task

QUESTION = "What is the translation from English to SQL?"
AGGREGATES = ("", "MAX", "MIN", "COUNT", "SUM", "AVG")
OPERATORS = ("=", ">", "<", "OP")
KEY_WORDS = (
    "MAX, MIN, COUNT, SUM, AVG, =, >, <, OP, SELECT, WHERE, AND, COL, TABLE, CAPTION, PAGE, "
    "SECTION, OP, COND, QUESTION, AGG, AGGOPS, CONDOPS"
)
# What stands between the key words and the user's question; the blank was lost after the paper.
DASHES = {"code": "-- ", "paper": " -- "}
SPLITS = {
    "train": ("train.jsonl", "train.tables.jsonl"),
    "validation": ("dev.jsonl", "dev.tables.jsonl"),
    "test": ("test.jsonl", "test.tables.jsonl"),
}


def triple(row: Any, header: Sequence[str], wording: str, place: str) -> tuple[str, str, str]:
    """Context, question and answer of a row; the user's question ends the context."""
    asked = files.take(row, "question", str, place)
    context = (
        f"The table has columns {', '.join(header)} and key words {KEY_WORDS}"
        f"{DASHES[wording]}{asked}"
    )
    return context, QUESTION, query(sql_of(row, len(header), place), header)


def sql_of(row: Any, columns: int, place: str) -> dict[str, Any]:
    """The gold query: `sel` column, `agg` aggregate, `conds` (column, operator, value) triples."""
    sql = files.take(row, "sql", dict, place)
    sel, agg = files.take(sql, "sel", int, place), files.take(sql, "agg", int, place)
    conds = files.take(sql, "conds", list, place)
    for name, value, size in (("sel", sel, columns), ("agg", agg, len(AGGREGATES))):
        if not 0 <= value < size:
            raise files.error(f"{place}, {name!r}", f"a number from 0 to {size - 1}", value)
    for cond in conds:
        if not _is_condition(cond, columns):
            expected = f"[column below {columns}, operator below {len(OPERATORS)}, text or number]"
            raise files.error(f"{place}, 'conds'", expected, cond)
    return {"sel": sel, "agg": agg, "conds": conds}


def _is_condition(cond: Any, columns: int) -> bool:
    match cond:
        case [int(column), int(operator), str() | int() | float()]:
            return 0 <= column < columns and 0 <= operator < len(OPERATORS)
    return False


def query(sql: dict[str, Any], header: Sequence[str]) -> str:
    """The query as text: SELECT [AGG] col FROM table [WHERE col op value AND ...]."""
    text = f"SELECT {AGGREGATES[sql['agg']]} {header[sql['sel']]} FROM table"
    conditions = [f"{header[c]} {OPERATORS[o]} {value}" for c, o, value in sql["conds"]]
    if conditions:
        text += f" WHERE {' AND '.join(conditions)}"
    return " ".join(text.split())


def headers(path: Path) -> dict[str, list[str]]:
    """Column names of every table of a tables file, by table id."""
    found: dict[str, list[str]] = {}
    for number, table in files.json_lines(path):
        place = f"{path}, line {number}"
        header = files.take(table, "header", list, place)
        if not all(isinstance(name, str) for name in header):
            raise files.error(f"{place}, 'header'", "a list of texts", header)
        found[files.take(table, "id", str, place)] = header
    return found


def read(folder: Path, split: str, wording: str, dropped: Counter[str]) -> Iterator[Example]:
    """Stream a split; identifiers are line numbers. Nothing is dropped."""
    path, tables_path = (folder / name for name in SPLITS[split])
    tables = headers(tables_path)
    for number, row in files.json_lines(path):
        place = f"{path}, line {number}"
        table = files.take(row, "table_id", str, place)
        if table not in tables:
            raise files.error(f"{place}, 'table_id'", f"a table of {tables_path.name}", table)
        header = tables[table]
        context, question, answer = triple(row, header, wording, place)
        sql = sql_of(row, len(header), place)
        reference = {"sql": sql, "header": header, "answer": answer}
        yield Example(str(number), context, question, answer, reference)


TASK = Task(
    name="wikisql",
    title="WikiSQL",
    version=1,
    directory="wikisql",
    metric="lfem",
    splits=SPLITS,
    read=read,
    wordings=tuple(DASHES),
    source="https://github.com/salesforce/WikiSQL/raw/master/data.tar.bz2",
    licence="BSD 3-clause",
    sizes=(56355, 8421, 15878),
)
