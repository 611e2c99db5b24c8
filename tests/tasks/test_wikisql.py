import pytest

from mqan.tasks.wikisql import query, triple

HEADER = ["Player", "School  Team", "No."]
ROW = {"question": "Who?", "sql": {"sel": 0, "agg": 0, "conds": []}}


@pytest.mark.parametrize(
    ("sel", "agg", "conds", "text"),
    [
        (0, 0, [], "SELECT Player FROM table"),
        (1, 3, [], "SELECT COUNT School Team FROM table"),
        (0, 5, [[2, 2, 1.5]], "SELECT AVG Player FROM table WHERE No. < 1.5"),
        (
            2,
            1,
            [[0, 0, "Ann  B"], [2, 1, 3]],
            "SELECT MAX No. FROM table WHERE Player = Ann B AND No. > 3",
        ),
        (0, 2, [[1, 3, "x"]], "SELECT MIN Player FROM table WHERE School Team OP x"),
    ],
)
def test_queries_as_text(sel: int, agg: int, conds: list, text: str):
    assert query({"sel": sel, "agg": agg, "conds": conds}, HEADER) == text


def test_the_papers_week_had_a_blank_before_the_dashes():
    assert triple(ROW, HEADER, "code", "here")[0].endswith(" AGGOPS, CONDOPS-- Who?")
    assert triple(ROW, HEADER, "paper", "here")[0].endswith(" AGGOPS, CONDOPS -- Who?")
