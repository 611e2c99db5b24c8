# ruff: noqa: RUF001 (look-alike letters are the point)
import csv
import json
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import revtok
from hypothesis import example, given
from hypothesis import strategies as st

from mqan.text.tokenize import _cut_remembered, detokenise, tokenise

# Characters of every rank, those that lower-casing treats oddly, and revtok's own mark.
AWKWARD = st.text(
    st.sampled_from("aBß 1²٣Ⅷ$+^`.'\"_-«(\u0301\u200d\xa0\u2003\t\n\r\x00\x85ΣσςİǅⒶ𝒜中\ud800\ue302")
)
TEXTS = st.one_of(st.text(), AWKWARD, st.text(st.characters(codec="ascii")))


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", []),
        (" ", [" ", " "]),
        ("The cat", [" the ", " cat "]),
        ("It's.", [" it ", "'", " s ", ". "]),
        ("(3rd)", [" (", " 3", " rd ", ") "]),
        ("a  b", [" a ", "  ", " b "]),
        ("$5.50", [" $", " 5 ", ".", " 50 "]),
        ("...", [" . ", ". ", ". "]),
        ("\n\n", ["\n", "\n"]),
        ("a\nb", [" a ", "\n", " b "]),
    ],
)
def test_tokens(text: str, tokens: list[str]) -> None:
    assert tokenise(text) == tokens


@given(TEXTS)
@example("'")
@example("ΑΣ'Α ΑΣ. ΑΣ")
@example("a" * 100 + "1 b")
def test_same_tokens_as_revtok(text: str) -> None:
    assert tokenise(text) == revtok.tokenize(text.lower())


@given(TEXTS)
@example("\ue302 a")
def test_reversible(text: str) -> None:
    assert detokenise(tokenise(text)) == text.lower()


@given(TEXTS.filter(lambda text: "\ue302" not in text))
def test_revtok_is_reversible_but_for_its_own_mark(text: str) -> None:
    assert revtok.detokenize(revtok.tokenize(text)) == text


def test_the_one_character_that_revtok_loses() -> None:
    text = "\ue302a"
    assert revtok.detokenize(revtok.tokenize(text)) == "A"
    assert detokenise(tokenise(text)) == text


@given(st.lists(AWKWARD.map(lambda text: text.replace("\ue302", ""))))
def test_any_sequence_is_written_as_revtok_does(tokens: list[str]) -> None:
    assert detokenise(tokens) == revtok.detokenize(tokens)


@given(TEXTS.filter(lambda text: "Σ" not in text))
def test_lower_casing_before_or_after_cutting_is_the_same_without_capital_sigma(text: str) -> None:
    assert tokenise(text) == [token.lower() for token in revtok.tokenize(text)]


def test_capital_sigma_is_where_the_released_order_differs() -> None:
    assert tokenise("ΑΣ'Α") == [" ασ ", "'", " α "]
    assert [token.lower() for token in revtok.tokenize("ΑΣ'Α")] == [" ας ", "'", " α "]


@pytest.fixture(scope="session")
def real_texts(shared: Path) -> list[str]:
    """Contexts and questions of SST, QA-SRL, WOZ and SQuAD as they stand in the files."""
    root = shared / "data" / "real"
    texts: list[str] = []
    for path in sorted((root / "sst").glob("*_binary_sent.csv")):
        with path.open(encoding="utf-8", newline="") as rows:
            texts += [row[-1] for row in csv.reader(rows)]
    for path in sorted((root / "qasrl_wiki1").glob("*.qa")):
        texts += path.read_text(encoding="utf-8").split("\n")
    for path in sorted((root / "woz").glob("*.json")):
        for dialogue in json.loads(path.read_text(encoding="utf-8")):
            texts += [turn["transcript"] for turn in dialogue["dialogue"]]
    for article in json.loads((root / "squad/dev-v1.1.json").read_text(encoding="utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            texts.append(paragraph["context"])
            texts += [question["question"] for question in paragraph["qas"]]
    return texts


@pytest.mark.real
def test_real_texts(real_texts: list[str]) -> None:
    assert len(real_texts) > 40_000
    for text in real_texts:
        tokens = tokenise(text)
        assert tokens == revtok.tokenize(text.lower())
        assert tokens == [token.lower() for token in revtok.tokenize(text)]  # the released order
        assert detokenise(tokens) == text.lower()


def _seconds(call: Callable[[str], object], texts: list[str]) -> float:
    start = time.process_time()
    for text in texts:
        call(text)
    return time.process_time() - start


def _speed_ratio(texts: list[str]) -> float:
    """Speed in multiples of revtok's, each pass with nothing remembered; best of three each."""
    ours, theirs = [], []
    for _ in range(3):
        _cut_remembered.cache_clear()
        ours.append(_seconds(tokenise, texts))
        theirs.append(_seconds(lambda text: revtok.tokenize(text.lower()), texts))
    return min(theirs) / min(ours)


@pytest.mark.real
def test_twice_the_speed_of_revtok(
    real_texts: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    ratio = _speed_ratio(random.Random(0).sample(real_texts, 12_000))
    with capsys.disabled():
        sys.stdout.write(f"\ntokenise: {ratio:.1f} times revtok's speed on 12,000 real texts\n")
    assert ratio >= 2


@pytest.mark.parametrize("alphabet", ["abc ", "ab1.,$ ", "中文。"])
def test_not_slower_than_revtok_where_nothing_repeats(alphabet: str) -> None:
    letters = random.Random(1)
    texts = ["".join(letters.choices(alphabet, k=400)) for _ in range(300)]
    assert _speed_ratio(texts) >= 0.9
