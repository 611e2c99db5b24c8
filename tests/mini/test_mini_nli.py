"""The embedded MultiNLI: one sentence alone tells little of the label, both together tell it."""

import random
import re
from collections import Counter

import numpy as np
import pytest

from mqan.example import Example
from mqan.mini import Counts, multinli
from mqan.mini.lexicon import World
from mqan.mini.nli_words import COMPARATIVES, GROUPS, NUMBERS, OPPOSITES, PROPERTIES
from mqan.tasks import TASKS
from mqan.text.tokenize import tokenise

SEED = 1
Texts = list[tuple[str, str]]


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Example]]:
    """Fewer training rows than size `mini` has, and more validation rows, for less noise."""
    root = tmp_path_factory.mktemp("nli")
    counts = Counts(5000, 2000, 0)
    multinli.write(root / TASKS["multinli"].directory, World(SEED), SEED, counts)
    return {s: list(TASKS["multinli"].examples(root, s)) for s in ("train", "validation")}


def texts(examples: list[Example], side: str) -> Texts:
    return [(getattr(e, side), e.answer) for e in examples]


def grams(text: str, longest: int) -> set[str]:
    """Words and, for `longest` 2, pairs of neighbours."""
    words = tokenise(text)
    return {" ".join(words[i : i + n]) for n in range(1, longest + 1) for i in range(len(words))}


def naive_bayes(train: Texts, test: Texts, longest: int) -> float:
    """Accuracy in percent of naive Bayes over the n-grams that a text has."""
    labels = sorted({label for _, label in train})
    index: dict[str, int] = {}
    for text, _ in train:
        for gram in grams(text, longest):
            index.setdefault(gram, len(index))
    counts = np.full((len(index), len(labels)), 0.5)
    for text, label in train:
        counts[[index[gram] for gram in grams(text, longest)], labels.index(label)] += 1
    scores = np.log(counts / (np.array([Counter(y for _, y in train)[y] for y in labels]) + 1))
    hits = 0
    for text, label in test:
        known = [index[gram] for gram in grams(text, longest) if gram in index]
        hits += labels[int(scores[known].sum(0).argmax())] == label
    return 100 * hits / len(test)


def test_naive_bayes_finds_a_label_that_one_word_tells() -> None:
    names, marks = ("Anna", "Boris", "Carl", "Diana", "Emil"), ("no", "some", "all")
    rows = [(f"{names[i % 5]} saw {marks[i % 3]} dogs.", str(i % 3)) for i in range(300)]
    assert naive_bayes(rows, rows, 1) == naive_bayes(rows, rows, 2) == 100


@pytest.mark.parametrize("longest", [1, 2])
@pytest.mark.parametrize(
    ("side", "low", "high"),
    [("context", 30, 38), ("question", 40, 57)],  # 33.3 is chance, its deviation 1.1
)
def test_one_side_tells_little_of_the_label(
    side: str, low: int, high: int, longest: int, examples: dict[str, list[Example]]
) -> None:
    """Hypotheses show a habit, as in the real corpus, where they alone give 53 %."""
    train, test = (texts(examples[s], side) for s in ("train", "validation"))
    assert low < naive_bayes(train, test, longest) < high


def new_words(example: Example) -> int:
    """How many words of the hypothesis, without what is added to it, the premise lacks."""
    premise, hypothesis = (text.split('"')[1] for text in (example.context, example.question))
    hypothesis = re.sub("|".join(multinli.ADDITIONS), "", hypothesis)
    return len(grams(hypothesis, 1) - grams(premise, 1))


def test_word_overlap_does_not_tell_the_label(examples: dict[str, list[Example]]) -> None:
    """Neither the best threshold nor the best label for every number of new words."""
    counts: Counter[tuple[int, str]] = Counter(
        (new_words(e), e.answer) for e in examples["validation"]
    )
    rows, most = len(examples["validation"]), 1 + max(new for new, _ in counts)

    def best(low: int, high: int) -> int:
        return max(sum(counts[n, y] for n in range(low, high)) for y in multinli.LABELS)

    thresholds = [best(0, t) + best(t, most) for t in range(most + 1)]
    assert 100 * max(thresholds) / rows < 55
    assert 100 * sum(best(n, n + 1) for n in range(most)) / rows < 60


# A second reader of the same sentences, which knows the words and no more of how they were made.
OPPOSITE = {
    word: (number, side)
    for number, sides in enumerate(OPPOSITES)
    for side, synonyms in enumerate(sides)
    for word in synonyms
}
KIND = {word: number for number, (_, values) in enumerate(PROPERTIES) for word in values}
GENERAL = {special: general for specials, general in GROUPS for special in specials}
COMPARATIVE = {
    word: (number, side) for number, two in enumerate(COMPARATIVES) for side, word in enumerate(two)
}
ENTAILED, OPEN, CONTRARY = range(3)
Parts = tuple[str, ...]


def compare_more(one: Parts, two: Parts) -> int:
    (a, which, b), (c, other, d) = one, two
    (topic, side), (topic2, side2) = COMPARATIVE[which], COMPARATIVE[other]
    if topic != topic2 or {a, b} != {c, d}:
        return OPEN
    return ENTAILED if (a == c) == (side == side2) else CONTRARY


def compare_numbers(one: Parts, two: Parts) -> int:
    (who, verb, _, count, noun), (who2, verb2, amount, bound, noun2) = one, two
    if (who, verb, noun) != (who2, verb2, noun2):
        return OPEN
    larger = NUMBERS.index(count) > NUMBERS.index(bound)
    return ENTAILED if larger == (amount == "more than") else CONTRARY


def compare_amounts(one: Parts, two: Parts) -> int:
    (who, verb, amount, noun), (who2, verb2, amount2, noun2) = one, two
    if (who, verb) != (who2, verb2):
        return OPEN
    special, general = (noun, noun2) if amount == "some" else (noun2, noun)
    if special != general and GENERAL.get(special) != general:
        return OPEN
    return ENTAILED if amount == amount2 else CONTRARY


def compare_deeds(one: Parts, two: Parts) -> int:
    (doer, never, verb, done), said = one[:4], two[:4]
    if two[4]:  # passive: done, never, verb, doer
        said = (two[7], two[5], two[6], two[4])
    doer2, never2, verb2, done2 = said
    if (doer, verb, done) != (doer2, verb2, done2):
        return OPEN
    return ENTAILED if bool(never) == bool(never2) else CONTRARY


def compare_attributes(one: Parts, two: Parts) -> int:
    (what, said), (what2, said2) = one, two
    word, word2 = (re.sub(" in colour$", "", text).split()[-1] for text in (said, said2))
    if what != what2:
        return OPEN
    if word in OPPOSITE:
        (topic, side), (topic2, side2) = OPPOSITE[word], OPPOSITE[word2]
        return OPEN if topic != topic2 else ENTAILED if side == side2 else CONTRARY
    return OPEN if KIND[word] != KIND[word2] else ENTAILED if word == word2 else CONTRARY


READERS = (
    (r"(\w+) is (\w+) than (\w+)", compare_more),
    (r"(\w+) (\w+) (exactly|more than|fewer than) (\w+) (\w+)", compare_numbers),
    (r"(\w+) (\w+) (some|no) (\w+)", compare_amounts),
    (r"(the \w+ \w+) ((?:is|consists|stands|was) .+)", compare_attributes),
    (r"(\w+) (never )?(\w+) (\w+)|(\w+) was (never )?(\w+) by (\w+)", compare_deeds),
)


def judge(premise: str, hypothesis: str) -> str:
    """The label of a clause under another that makes one claim."""
    for pattern, compare in READERS:
        one, two = re.fullmatch(pattern, premise), re.fullmatch(pattern, hypothesis)
        if one and two:
            return multinli.LABELS[compare(one.groups(), two.groups())]
    raise AssertionError(f"{premise!r} and {hypothesis!r} are not of one family")


def clauses(sentence: str) -> list[str]:
    return [re.sub("^The ", "the ", text) for text in sentence.removesuffix(".").split(" while ")]


def test_labels_follow_from_the_sentences() -> None:
    world, rng, judged = World(SEED), random.Random(3), Counter[str]()
    for number in range(4000):
        label = multinli.LABELS[number % 3]
        premise, hypothesis = multinli.pair(world, label, ("",), rng, True)
        hypothesis = re.sub(f"({'|'.join(multinli.ADDITIONS)})", "", hypothesis)
        if not re.search(" and | but ", premise):  # two claims about one subject are not parsed
            (said,) = clauses(hypothesis)
            verdicts = {judge(told, said) for told in clauses(premise)}
            assert verdicts in ({label}, {label, "neutral"}), (premise, hypothesis, label)
            judged[label] += 1
    assert min(judged.values()) > 800


def test_sentences_are_well_formed(examples: dict[str, list[Example]]) -> None:
    for example in examples["train"]:
        for text in (example.context.split('"')[1], example.question.split('"')[1]):
            assert text[0].isupper() and text.endswith(".")
            assert not re.search(r"  |\.\.|\{| ,|,,|\b(\w+) \1\b", text)
