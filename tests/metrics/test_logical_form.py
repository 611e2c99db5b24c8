import copy
from typing import Any

import pytest

from mqan.example import DataError
from mqan.metrics.logical_form import LogicalForm, QueryError, logical_form, parse_query

HEADER = ["Year", "Year built", "Name", "Max"]


def gold(sel: int, agg: int, conds: list[list[Any]], answer: str = "") -> dict[str, Any]:
    return {
        "sql": {"sel": sel, "agg": agg, "conds": conds},
        "header": HEADER,
        "answer": answer,
    }


@pytest.mark.parametrize(
    ("query", "form"),
    [
        ("select name from table", LogicalForm(2, 0, ())),
        ("select max year built from table", LogicalForm(1, 1, ())),
        ("select max from table", LogicalForm(3, 0, ())),  # a column before an aggregate
        ("select max max from table", LogicalForm(3, 1, ())),
        ("select count city from table", LogicalForm(None, 3, ())),
        ("select name from table where year = 5", LogicalForm(2, 0, ((0, 0, "5"),))),
        (
            "select name from table where year built > 5 and year < 7",
            LogicalForm(2, 0, ((1, 1, "5"), (0, 2, "7"))),
        ),
        # names and operators inside a value stay what they are
        ("select year from table where name = a = b", LogicalForm(0, 0, ((2, 0, "a = b"),))),
        ("select year from table where name = the year", LogicalForm(0, 0, ((2, 0, "the year"),))),
        ("select year from table where name =", LogicalForm(0, 0, ((2, 0),))),  # cut short
        ("select year from table where name = x and", LogicalForm(0, 0, ((2, 0, "x"),))),
    ],
)
def test_parse_query(query: str, form: LogicalForm) -> None:
    assert parse_query(query, HEADER) == form


@pytest.mark.parametrize(
    "query",
    [
        "",
        "name",
        "select from table",
        "select city from table",
        "select year from table where x",
        "select year from table where name = year = x",  # a condition inside a value
    ],
)
def test_unreadable_query(query: str) -> None:
    with pytest.raises(QueryError, match="not a query over the columns"):
        parse_query(query, HEADER)


def test_of_equal_names_the_last_is_selected_and_the_first_compared() -> None:
    form = parse_query("select a from table where a = 1", ["A", "b", "A"])
    assert form == LogicalForm(2, 0, ((0, 0, "1"),))


def test_perfect() -> None:
    reference = gold(2, 0, [[0, 0, 5]], "SELECT Name FROM table WHERE Year = 5")
    scores = logical_form(["select name from table where year = 5"], [reference])
    assert set(scores.values()) == {100}


def test_disjoint() -> None:
    reference = gold(2, 0, [[0, 0, 5]], "SELECT Name FROM table WHERE Year = 5")
    assert set(logical_form(["!"], [reference]).values()) == {0}


def test_order_of_conditions() -> None:
    reference = gold(2, 0, [[0, 0, "X"], [1, 1, "7"]])
    same = "select name from table where year = x and year built > 7"
    turned = "select name from table where year built > 7 and year = x"
    scores = logical_form([same, turned], [reference, reference])
    assert (scores["lfem"], scores["lfem_unordered"]) == (50, 100)


def test_unordered_still_wants_every_condition_once() -> None:
    reference = gold(2, 0, [[0, 0, "x"], [0, 0, "y"]])
    query = "select name from table where year = x and year = x"
    assert logical_form([query], [reference])["lfem_unordered"] == 0


def test_text_is_compared_apart_from_the_form() -> None:
    reference = gold(2, 0, [], "SELECT Name FROM table")
    scores = logical_form(["pick name of table"], [reference])
    assert (scores["lfem"], scores["em"]) == (100, 0)


def test_references_are_left_alone() -> None:
    reference = gold(2, 0, [[0, 0, "ABC"]])
    before = copy.deepcopy(reference)
    logical_form(["select name from table where year = abc"], [reference])
    assert reference == before


@pytest.mark.parametrize(
    "reference",
    [
        None,
        ["SELECT"],
        {"sql": {"sel": 0, "agg": 0, "conds": []}, "header": HEADER},
        {"sql": {"sel": 0, "agg": 0, "conds": []}, "header": [1, 2], "answer": ""},
        {"sql": {"sel": "0", "agg": 0, "conds": []}, "header": HEADER, "answer": ""},
        {"sql": {"sel": 0, "agg": 0, "conds": [[0, 0]]}, "header": HEADER, "answer": ""},
    ],
)
def test_malformed_reference(reference: object) -> None:
    with pytest.raises(DataError, match="reference 1: expected"):
        logical_form(["select name from table"] * 2, [gold(2, 0, []), reference])
