"""Properties that all scorers share."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mqan.example import DataError
from mqan.metrics.logical_form import AGGREGATES, OPERATORS
from mqan.metrics.scorers import SCORERS
from mqan.metrics.units import WIDTHS, units

HEADER = ["Name", "Year built", "Year", "No."]
TOKENS = ["the", "cat", "Sat", ".", ",", "unanswerable", "and", "Zürich", "3.5", "x-ray"]
SIGNS = [
    "select",
    "from",
    "table",
    "where",
    "name",
    "year",
    "=",
    ">",
    "and",
    "max",
    "Col1",
    "Cond0",
]
SIGNS += [":", ";", ",", "food", "thai"]
WORDS = st.lists(
    st.sampled_from(
        ["the", "cat", "Sat", ".", ",", "unanswerable", "and", "Zürich", "3.5", "3", "x-ray"]
    ),
    min_size=1,
    max_size=7,
).map(" ".join)
GARBAGE = st.one_of(
    st.text(max_size=30),
    WORDS,
    st.lists(
        st.sampled_from(
            [
                "select",
                "from",
                "table",
                "where",
                "name",
                "year",
                "=",
                ">",
                "and",
                "Col1",
                "Cond0",
                "max",
                ":",
                ";",
                ",",
            ]
        ),
        max_size=12,
    ).map(" ".join),
)
SLOTS = st.dictionaries(st.sampled_from(["food", "area"]), st.sampled_from(["thai", "north"]))


@st.composite
def queries(draw: st.DrawFn) -> dict[str, Any]:
    columns = st.integers(0, len(HEADER) - 1)
    condition = st.tuples(columns, st.integers(0, 2), st.sampled_from(["5", "Bob Roe", "x y"]))
    sql = {
        "sel": draw(columns),
        "agg": draw(st.integers(0, len(AGGREGATES) - 1)),
        "conds": [list(c) for c in draw(st.lists(condition, max_size=3))],
    }
    text = f"SELECT {AGGREGATES[sql['agg']].upper()} {HEADER[sql['sel']]} FROM table"
    if sql["conds"]:
        parts = (f"{HEADER[column]} {OPERATORS[op]} {value}" for column, op, value in sql["conds"])
        text += " WHERE " + " AND ".join(parts)
    return {"sql": sql, "header": HEADER, "answer": " ".join(text.split())}


@st.composite
def turns(draw: st.DrawFn) -> list[str]:
    informed = ", ".join(f"{slot}: {value}" for slot, value in draw(SLOTS).items())
    answer = f"{informed}; {draw(st.sampled_from(['', 'phone', 'phone, address']))}".strip()
    turn_id = f"en_{draw(st.integers(0, 12))}_{draw(st.integers(0, 12))}"
    return [turn_id, draw(st.sampled_from(["None", answer]))]


REFERENCES: dict[str, st.SearchStrategy[Any]] = dict.fromkeys(
    SCORERS, st.lists(WORDS, min_size=1, max_size=1)
) | {"dsem": turns(), "lfem": queries()}


def gold_text(metric: str, reference: Any) -> str:
    if metric == "lfem":
        return reference["answer"].lower()
    return reference[1] if metric == "dsem" else reference[0]


def items(metric: str) -> st.SearchStrategy[list[tuple[str, Any]]]:
    """Pairs of a prediction, often right, and a reference; turn ids are unique."""
    one = REFERENCES[metric].flatmap(
        lambda ref: st.tuples(st.one_of(st.just(gold_text(metric, ref)), GARBAGE), st.just(ref))
    )
    unique = (lambda pair: pair[1][0]) if metric == "dsem" else None
    return st.lists(one, min_size=1, max_size=8, unique_by=unique)


each = pytest.mark.parametrize("metric", SCORERS)


@each
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_scores_are_within_0_and_100_whatever_is_predicted(metric: str, data: st.DataObject):
    predictions, references = zip(*data.draw(items(metric)), strict=True)
    scores = SCORERS[metric](predictions, references)
    assert metric in scores
    assert {"em", "nf1", "nem"} <= scores.keys()
    for name, value in scores.items():
        assert type(value) is float, name
        assert 0 <= value <= 100 + 1e-9, name


@each
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_order_of_the_examples_does_not_matter(metric: str, data: st.DataObject):
    pairs = data.draw(items(metric))
    turned = data.draw(st.permutations(pairs))
    before, after = (SCORERS[metric](*zip(*order, strict=True)) for order in (pairs, turned))
    # the code of the paper's week looks at the last prediction; test_corpus_f1 shows how
    before.pop("cf1_paper", None)
    assert {name: after[name] for name in before} == pytest.approx(before)


@each
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_units_add_up_to_the_score(metric: str, data: st.DataObject):
    predictions, references = zip(*data.draw(items(metric)), strict=True)
    ids = [str(number) for number in range(len(predictions))]
    found = units(metric, ids, predictions, references)
    assert found.stats.shape == (len(found.ids), WIDTHS[metric])
    assert len(set(found.ids)) == len(found.ids)
    assert found.score == pytest.approx(SCORERS[metric](predictions, references)[metric], abs=1e-9)


# BLEU needs four words, overlap one that is no article, cF1 an item that has an answer
PERFECT = {
    "em": WORDS.map(lambda text: [text]),
    "nf1": WORDS.map(lambda text: [text + " cat"]),
    "bleu": WORDS.map(lambda text: [text + " one two three four"]),
    "rouge": WORDS.map(lambda text: [text + " one two"]),
    "cf1": WORDS.map(lambda text: [text + " cat"]),
    "dsem": turns(),
    "lfem": queries(),
}


@each
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_the_gold_answer_scores_100(metric: str, data: st.DataObject):
    references = data.draw(st.lists(PERFECT[metric], min_size=1, max_size=5))
    predictions = [gold_text(metric, reference) for reference in references]
    assert SCORERS[metric](predictions, references)[metric] == pytest.approx(100)


def good_reference(metric: str) -> Any:
    if metric == "lfem":
        sql = {"sel": 0, "agg": 0, "conds": []}
        return {"sql": sql, "header": HEADER, "answer": "SELECT Name FROM table"}
    return ["en_0_0", "None"] if metric == "dsem" else ["cat"]


@each
def test_nothing_to_score(metric: str) -> None:
    with pytest.raises(ValueError, match=r"nothing to score.*check that the split is not empty"):
        SCORERS[metric]([], [])


@each
def test_lengths_differ(metric: str) -> None:
    with pytest.raises(ValueError, match="2 predictions but 1 references"):
        SCORERS[metric](["a", "b"], [good_reference(metric)])


@each
@pytest.mark.parametrize("bad", [None, "cat", [], [1], 3])
def test_malformed_reference(metric: str, bad: object) -> None:
    with pytest.raises(DataError, match="reference 1: expected"):
        SCORERS[metric](["a", "b"], [good_reference(metric), bad])


@each
def test_a_prediction_that_is_no_text(metric: str) -> None:
    predictions: Any = ["a", None]
    with pytest.raises(DataError, match="prediction 1: expected a string, found None"):
        SCORERS[metric](predictions, [good_reference(metric)] * 2)


@each
def test_arguments_are_left_alone(metric: str) -> None:
    predictions, references = ["none", "cat"], [good_reference(metric), good_reference(metric)]
    SCORERS[metric](predictions, references)
    assert predictions == ["none", "cat"]
    assert references == [good_reference(metric), good_reference(metric)]
