"""SQuAD, MultiNLI, SST, QA-ZRE: what the examples of every task do not show."""

import pytest

from mqan.example import DataError
from mqan.tasks import TASKS, files
from mqan.tasks.qa_zre import triple as qa_zre
from mqan.tasks.squad import answers_of
from mqan.tasks.squad import triple as squad
from mqan.tasks.sst import triple as sst
from mqan.text.tokenize import tokenise


@pytest.mark.parametrize(
    "text", ["a\nb", "a  b", " a \n\n b. \tC", "(x\u00a0) y\u2009z\r\n", "a.\u3000\u201cb\u201d"]
)
def test_joining_blanks_equals_removing_tokens_made_of_white_space(text: str):
    """The released code drops such tokens from SQuAD's contexts after cutting."""
    row = {"id": "1", "question": "?", "answers": [{"text": "a", "answer_start": 0}]}
    context, _, _ = squad(text, row, "here")
    assert tokenise(context) == [token for token in tokenise(text) if token.strip()]


def test_a_question_without_answers_is_unanswerable():
    row = {"id": "1", "question": "?", "answers": []}
    assert squad("a", row, "here")[2] == "unanswerable"
    assert answers_of(row, "here") == ["unanswerable"]


@pytest.mark.parametrize("name", ["squad", "multinli"])
def test_no_public_test_set(name: str):
    assert tuple(TASKS[name].splits) == ("train", "validation")


def test_the_papers_wording_of_sst():
    assert sst("0,Dull.", "paper", "here")[1] == "Is this sentence positive or negative?"


def test_every_mention_of_the_subject_is_filled_in():
    assert qa_zre("r\tIs XXX XXX's own?\tJude\tc", "here")[1] == "Is Jude Jude's own?"


def test_an_empty_answer_field_is_no_answer():
    assert qa_zre("r\tq\ts\tc\t", "here")[2] == "unanswerable"


@pytest.mark.parametrize("text", ["[" * 100_000, "1" * 5000])
def test_json_that_python_cannot_read_is_named(text):
    with pytest.raises(DataError, match=r"a place: expected JSON \("):
        files.parse_json(text, "a place")
