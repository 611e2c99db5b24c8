import pytest

from mqan.example import DataError
from mqan.tasks.qa_srl import CORRECTIONS, Sentence, as_span, clean, triple


@pytest.mark.parametrize(
    ("treebank", "text"),
    [
        ("He did n't go , she said .", "He didn't go, she said."),
        ("It does n't .", "It doesn't."),
        ("-LRB- a -RRB- ; -LAB- b -RAB- -AMP- c", "(a); < b > & c"),
        ("It 's 5 % , $ 30 ( ca . )", "It's 5%, $30 (ca.)"),
        ("`` Yes '' , he ' ll say ` no '", "Yes , he ll say no"),
        ("a - b  c\u00a0d", "a-b c d"),
        ("the \u201cred\u201d one%pwtwo", "the red one two"),
    ],
)
def test_clean(treebank: str, text: str):
    assert clean(treebank) == text


@pytest.mark.parametrize(
    ("answer", "span"),
    [
        ("the Plan", "the Plan"),
        ("The Plan", "the Plan"),
        ("ann", "Ann"),
        ("By Bo In Jail", "by bo in jail"),
    ],
)
def test_answers_take_the_casing_of_the_sentence(answer: str, span: str):
    sentence = Sentence("WIKI1_1", "In the Plan of Ann someone sat by bo in jail.")
    assert as_span(answer, sentence, "here") == span


def test_the_five_corrections():
    assert len(CORRECTIONS) == 5
    for (identifier, wrong), right in CORRECTIONS.items():
        sentence = Sentence(identifier, f"So {right} it is.")
        assert as_span(wrong, sentence, "here") == right


def test_a_correction_belongs_to_its_sentence_and_is_the_last_resort():
    sentence = Sentence("WIKI1_1090", "the US army and the US Army")
    assert as_span("the US army", sentence, "here") == "the US army"
    with pytest.raises(DataError, match="here: expected an answer that is a span"):
        as_span("the US army", Sentence("WIKI1_1", "He joined the US Army."), "here")


def test_an_empty_answer_is_refused():
    row = "who\t_\t_\tjoined\tsomething\t_\t_\t?\tHe ### "
    with pytest.raises(DataError, match="found ''"):
        triple(row, Sentence("WIKI1_1", "He joined it."), "here")
