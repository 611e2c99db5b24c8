"""Agreement of the metrics with outputs of the released scorer, whichever cases the file holds.

`pytest -m golden --golden DIR` runs every case of DIR/metrics_golden.json. A kind of case that is
not known here fails.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mqan.metrics.bleu import bleu
from mqan.metrics.corpus_f1 import bag, corpus_f1, tally
from mqan.metrics.dialogue import dialogue, parse_change
from mqan.metrics.logical_form import QueryError, logical_form, parse_query
from mqan.metrics.overlap import normalise, overlap
from mqan.metrics.rouge import rouge, split_sentences
from mqan.metrics.units import units

Case = dict[str, Any]

INFORMATION = {"info"}  # how the file was made: nothing to compare
COLUMNS = {"corpus_f1": "cf1", "joint_goal_em": "dsem", "avg_rouge": "rouge"}  # theirs: ours


def close(value: Any) -> Any:
    return pytest.approx(value, rel=1e-9, abs=1e-9)


def compare(scores: dict[str, float], expected: dict[str, float]) -> None:
    assert expected, "a case without expected columns proves nothing"
    for name, value in expected.items():
        assert scores[COLUMNS.get(name, name)] == close(value), name


def compare_units(metric: str, case: Case, references: list[Any], expected: float) -> None:
    """The units of the case add up to its score."""
    ids = [str(number) for number in range(len(references))]
    assert units(metric, ids, case["predictions"], references).score == close(expected)


def as_lists(answers: list[Any]) -> list[list[str]]:
    return [answer if isinstance(answer, list) else [answer] for answer in answers]


def check_qa(case: Case) -> None:
    answers = as_lists(case["answers"])
    compare(overlap(case["predictions"], answers), case["expected"])
    for metric in {"em", "nf1"} & case["expected"].keys():
        compare_units(metric, case, answers, case["expected"][metric])


def check_bleu(case: Case) -> None:
    answers = as_lists(case["answers"])
    compare(bleu(case["predictions"], answers), case["expected"])
    compare_units("bleu", case, answers, case["expected"]["bleu"])


def check_zre(case: Case) -> None:
    answers = as_lists(case["answers"])
    compare(corpus_f1(case["predictions"], answers), case["expected"])
    compare_units("cf1", case, answers, case["expected"]["corpus_f1"])


def check_woz(case: Case) -> None:
    compare(dialogue(case["predictions"], case["answers"]), case["expected"])
    compare_units("dsem", case, case["answers"], case["expected"]["joint_goal_em"])


def check_wikisql(case: Case) -> None:
    references = [
        {
            "sql": answer["sql"],
            "header": answer.get("table", answer)["header"],
            "answer": answer["answer"],
        }
        for answer in case["answers"]
    ]
    compare(logical_form(case["predictions"], references), case["expected"])
    compare_units("lfem", case, references, case["expected"]["lfem"])
    if "to_lf" in case:
        prediction, header = case["predictions"][0], references[0]["header"]
        if case["to_lf_error"] is not None:
            with pytest.raises(QueryError):
                parse_query(prediction, header)
        else:
            form = parse_query(prediction, header)
            conditions = [list(condition) for condition in form.conditions]
            parsed = {"sel": form.column, "agg": form.aggregate, "conds": conditions}
            assert parsed == case["to_lf"]


def check_rouge_alternative(case: Case) -> None:
    answers = as_lists(case["answers"])
    scores = rouge(case["predictions"], answers)
    compare_units("rouge", case, answers, scores["rouge"])
    split, plain = case["expected"]["sentences_split_at_dot"], case["expected"]["plain"]
    for name, theirs in (("rouge1", "rouge1"), ("rouge2", "rouge2"), ("rougeL", "rougeLsum")):
        assert scores[name] == close(split[theirs]), name
    assert scores["rouge"] == close(case["expected"]["avg_rouge_with_rougeLsum_split"])
    # n-grams run across sentences, so cutting into sentences changes the longest match only
    assert (scores["rouge1"], scores["rouge2"]) == close((plain["rouge1"], plain["rouge2"]))


def check_rouge_split_sentences(case: Case) -> None:
    assert split_sentences(case["predictions"][0]) == case["expected"]


def check_normalize_text(case: Case) -> None:
    assert normalise(case["predictions"][0]) == case["expected"]


def check_zre_simplify(case: Case) -> None:
    assert sorted(bag(case["predictions"][0])) == sorted(case["expected"])


def check_zre_score_raw(case: Case) -> None:
    assert list(tally(case["predictions"][0], case["answers"][0])) == case["expected"]


def check_woz_to_delta_state(case: Case) -> None:
    change = parse_change(case["predictions"][0])
    # the released code has an empty dict where nothing could be read, a list otherwise
    request = {} if change.requests is None else list(change.requests)
    assert {"inform": change.inform, "request": request} == case["expected"]


CHECKS: dict[str, Callable[[Case], None]] = {
    "qa": check_qa,
    "bleu": check_bleu,
    "zre": check_zre,
    "woz": check_woz,
    "wikisql": check_wikisql,
    "rouge_alternative": check_rouge_alternative,
    "rouge_split_sentences": check_rouge_split_sentences,
    "normalize_text": check_normalize_text,
    "zre_simplify": check_zre_simplify,
    "zre_score_raw": check_zre_score_raw,
    "woz_to_delta_state": check_woz_to_delta_state,
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" not in metafunc.fixturenames:
        return
    path = Path(str(metafunc.config.getoption("--golden"))) / "metrics_golden.json"
    if not path.is_file():
        absent = pytest.mark.skip(reason=f"{path} is not there: these checks did NOT run")
        metafunc.parametrize("case", [pytest.param({}, marks=absent, id="absent")])
        return
    cases = json.loads(path.read_text(encoding="utf-8"))
    params = [
        pytest.param(case, id=f"{case['metric']}-{case['id']}")
        for case in cases
        if case["metric"] not in INFORMATION
    ]
    assert params, f"{path} holds no case"
    metafunc.parametrize("case", params)


def check(case: Case) -> None:
    kind = case["metric"]
    if kind not in CHECKS:
        pytest.fail(f"unknown kind {kind!r}; known: {', '.join(CHECKS)}; add a check for it")
    CHECKS[kind](case)


@pytest.mark.golden
def test_agrees_with_the_released_scorer(case: Case) -> None:
    check(case)


def test_an_unknown_kind_of_case_fails() -> None:
    with pytest.raises(pytest.fail.Exception, match="unknown kind 'meteor'"):
        check({"metric": "meteor", "id": "0", "predictions": [], "answers": [], "expected": {}})


def test_a_wrong_expectation_fails() -> None:
    case = {"metric": "qa", "predictions": ["a b"], "answers": [["b"]], "expected": {"em": 100.0}}
    with pytest.raises(AssertionError):
        check(case)
