"""NER: spacing as the released code's, both forms of the tags."""

import pytest

from mqan.tasks import ner
from mqan.text.tokenize import detokenise, tokenise

CLOSING = (" .", " ,", " ;", " !", " ?", " :", " )", " '", " n't ", " %")
OPENING = ("( ", "$ ")


def released(tokens: list[str]) -> str:
    """The clean-up of the released code, step by step, on a sentence without marks of entities."""
    text = " ".join(tokens).replace(" /.", " .").replace(" /?", " ?")
    for code, sign in ner._BRACKETS.items():
        text = text.replace(code, sign)
    for sign in CLOSING:
        text = text.replace(sign, sign.lstrip())
    for sign in OPENING:
        text = text.replace(sign, sign.rstrip())
    text = text.replace(" - ", "-").replace("``", '"').replace("''", '"')
    done, opened = "", True
    while (at := text.find('"')) >= 0:
        done += text[: at + 1] if opened else text[:at].strip() + '"'
        text = text[at + 1 :].strip() if opened else text[at + 1 :]
        opened = not opened
    return " ".join((done + text).split())


SENTENCES = [
    "Mr. Smith 's firm -LRB- Acme , Inc. -RRB- did n't pay $ 5 million /.",
    "He said : `` It 's 25 % - maybe more , '' and left !",
    "Is it A -AMP- B -LAB- x -RAB- ; or not /?",
    "`` Yes , '' she said .",
    "- LRB is no bracket -",
    "he does n't - does n't",
    "( a ) ( b )",
]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_spacing_is_the_released_codes(sentence: str):
    tokens = sentence.split()
    assert ner.triple(tokens, ["O"] * len(tokens), "here")[0] == released(tokens)


@pytest.mark.parametrize(
    ("tags", "answer"),
    [
        ("B-PER I-PER B-PER O", "A b -- person; C -- person"),
        ("I-PER I-PER B-PER O", "A b -- person; C -- person"),
        ("I-PER I-ORG I-ORG I-ORG", "A -- person; b C d -- organization"),
        ("O I-MISC O B-GPE", "b -- miscellaneous; d -- geopolitical"),
        ("O O O O", "None"),
    ],
)
def test_entities_in_both_forms_of_the_tags(tags: str, answer: str):
    assert ner.triple(["A", "b", "C", "d"], tags.split(), "here")[2] == answer


def test_an_entity_is_spelt_as_in_the_context():
    tokens = ["the", "``", "Silent", "River", "''", "won", "$", "5", "million"]
    tags = ["O", "O", "B-WORK_OF_ART", "I-WORK_OF_ART", "O", "O", "B-MONEY", "I-MONEY", "I-MONEY"]
    context, _, answer = ner.triple(tokens, tags, "here")
    assert context == 'the "Silent River" won $5 million'
    assert answer == "Silent River -- artwork; $5 million -- monetary"


def test_an_answer_survives_cutting_into_words_which_em_needs():
    answer = "o'neil -- person; 25% -- percentage; the new york times -- organization"
    assert detokenise(tokenise(answer)) == answer
