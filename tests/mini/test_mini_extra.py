"""The embedded corpora beside the ten: new sentences, no shortcuts, words and names in common."""

import random
import re
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from mini.test_mini_content import bag_of_words, shares
from mini.test_mini_nli import grams, naive_bayes

from mqan.example import Example
from mqan.mini import Counts, captions, ner, reviews, snli, sst
from mqan.mini.lexicon import World
from mqan.mini.multinli import LABELS
from mqan.tasks import EXTRA
from mqan.tasks.ner import WORDS
from mqan.text.tokenize import tokenise

Reader = Callable[[str, str], list[Example]]
SEED = 1


@pytest.mark.parametrize("task", EXTRA)
def test_validation_contexts_are_new(task: str, rows: Reader) -> None:
    seen = {example.context for example in rows(task, "train")}
    new = [example.context not in seen for example in rows(task, "validation")]
    assert sum(new) / len(new) > 0.95


@pytest.mark.parametrize("task", EXTRA)
def test_lengths_stay_small(task: str, rows: Reader) -> None:
    longest = {"amazon": 110, "yelp": 120}.get(task, 45)
    for example in (*rows(task, "train")[:1500], *rows(task, "validation")):
        assert len(tokenise(example.context)) <= longest
        assert len(tokenise(example.answer)) <= 40


@pytest.mark.parametrize("task", ["snli", "amazon", "yelp"])
@pytest.mark.parametrize("split", ["train", "validation"])
def test_labels_are_balanced(task: str, split: str, rows: Reader) -> None:
    found = shares([example.answer for example in rows(task, split)])
    assert len(found) == (3 if task == "snli" else 2)
    assert all(abs(share - 1 / len(found)) < 0.01 for share in found.values())


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Example]]:
    """More rows of SNLI than size `mini` has, for less noise."""
    root = tmp_path_factory.mktemp("captions")
    snli.write(root / EXTRA["snli"].directory, World(SEED), SEED, Counts(4000, 1500, 0))
    return {s: list(EXTRA["snli"].examples(root, s)) for s in ("train", "validation")}


@pytest.mark.parametrize(("side", "low", "high"), [("context", 29, 38), ("question", 36, 55)])
def test_one_side_tells_little_of_the_label(
    side: str, low: int, high: int, pairs: dict[str, list[Example]]
) -> None:
    train, test = (
        [(getattr(e, side), e.answer) for e in pairs[split]] for split in ("train", "validation")
    )
    assert low < naive_bayes(train, test, 2) < high  # 33.3 is chance


def test_word_overlap_does_not_tell_the_label(pairs: dict[str, list[Example]]) -> None:
    """The best label for every number of words that the premise lacks."""
    counts: Counter[tuple[int, str]] = Counter()
    for example in pairs["validation"]:
        premise, hypothesis = (t.split('"')[1] for t in (example.context, example.question))
        hypothesis = re.sub(f" ({'|'.join(captions.ADDITIONS)})", "", hypothesis)
        counts[len(grams(hypothesis, 1) - grams(premise, 1)), example.answer] += 1
    best = sum(max(counts[new, label] for label in LABELS) for new in {n for n, _ in counts})
    assert 100 * best / len(pairs["validation"]) < 60


def test_captions_share_labels_with_multinli_and_no_sentence(rows: Reader) -> None:
    ours, theirs = rows("snli", "train"), rows("multinli", "train")
    assert {e.answer for e in ours} == {e.answer for e in theirs} == set(LABELS)
    assert not {e.context for e in ours} & {e.context for e in theirs}


def meaning(text: str) -> tuple[str, str]:
    """Topic and value, special or general, that a hypothesis speaks of."""
    deeds = {**captions.ACTIVITIES, **dict.fromkeys(captions.ACTIVITIES.values(), "")}
    places = {**captions.PLACES, **dict.fromkeys(captions.PLACES.values(), "")}
    for topic, values in (("deed", deeds), ("place", places), ("dress", captions.COLOURS)):
        for value in values:
            if re.search(rf"\b{value}\b", text):
                return topic, value
    raise AssertionError(f"{text!r} speaks of nothing")


def holds(premise: str, hypothesis: str) -> bool | None:
    """Whether a caption of one person makes its hypothesis true; None if it stays open.

    A second reader, which knows the words and no more of how the sentences were made.
    """
    topic, value = meaning(hypothesis)
    table = {"deed": captions.ACTIVITIES, "place": captions.PLACES, "dress": {}}[topic]
    values = captions.COLOURS if topic == "dress" else table
    said = [word for word in values if re.search(rf"\b{word}\b", premise)]
    if not said:
        return None
    denied = bool(re.search(r"\bnot\b", hypothesis))
    return (value in (said[0], table.get(said[0]))) != denied


def test_labels_follow_from_the_sentences() -> None:
    rng, judged = random.Random(5), Counter[str]()
    wanted = dict(zip(LABELS, (True, None, False), strict=True))
    for number in range(3000):
        premise, hypothesis = (text.lower() for text in snli.pair(LABELS[number % 3], rng))
        premise = re.sub("|".join(captions.AROUND), "", premise)
        if sum(bool(re.search(rf"\b{noun}\b", premise)) for noun in captions.PEOPLE) == 1:
            said = holds(premise, hypothesis)
            assert said is wanted[LABELS[number % 3]], (premise, hypothesis)
            judged[LABELS[number % 3]] += 1
    assert min(judged.values()) > 400


@pytest.fixture(scope="module", params=["amazon", "yelp"])
def judged(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> list[Example]:
    root = tmp_path_factory.mktemp("reviews")
    write = {"amazon": reviews.write_amazon, "yelp": reviews.write_yelp}[request.param]
    write(root / EXTRA[request.param].directory, World(SEED), SEED, Counts(2400, 10, 10))
    return list(EXTRA[request.param].examples(root, "train"))


def test_reviews_need_more_than_words(judged: list[Example]) -> None:
    labelled = [(example.context, example.answer) for example in judged]
    assert 65 < bag_of_words(labelled[:2000], labelled[2000:]) < 93


def test_no_frame_tells_the_polarity_of_many_reviews(judged: list[Example]) -> None:
    """Runs of four words that stand under one label only are in few reviews each."""
    found: dict[str, Counter[str]] = {}
    for example in judged:
        words = tokenise(example.context)
        for run in {" ".join(words[i : i + 4]) for i in range(len(words) - 3)}:
            found.setdefault(run, Counter())[example.answer] += 1
    telling = [n for counts in found.values() if len(counts) == 1 for n in counts.values()]
    assert max(telling) < 0.05 * len(judged)


def test_reviews_judge_in_words_of_sst_and_are_longer(judged: list[Example], rows: Reader) -> None:
    known = {word for e in rows("sst", "train") for word in re.findall(r"\w+", e.context)}
    words = {
        word
        for table in (sst.ADJECTIVES, sst.RARE_ADJECTIVES, sst.NOUNS, sst.VERBS, sst.BASES)
        for some in table.values()
        for word in some
    }
    used = {word for e in judged for word in re.findall(r"\w+", e.context)} & words
    assert len(used) > 60 and used <= known
    ours, theirs = (
        sum(len(tokenise(e.context)) for e in examples) / len(examples)
        for examples in (judged, rows("sst", "train"))
    )
    assert ours > 2 * theirs


def test_the_rows_of_reviews_are_quoted_as_released(smoke: Path) -> None:
    for task, texts in (("amazon", 2), ("yelp", 1)):
        lines = (smoke / EXTRA[task].directory / "test.csv").read_text().splitlines()
        form = '"[12]"' + ',"(?:[^"]|"")+"' * texts
        assert all(re.fullmatch(form, line) for line in lines)
        assert any('""' in line or "\\n" in line for line in lines) or task == "amazon"


def test_entities_are_tagged_as_they_stand(rows: Reader) -> None:
    kinds: Counter[str] = Counter()
    for example in rows("ner", "train"):
        assert not re.search(r"[{}]", example.context)
        if example.answer == "None":
            kinds["none"] += 1
            continue
        start = 0
        for entity, kind in (part.split(" -- ") for part in example.answer.split("; ")):
            start = example.context.index(entity, start) + len(entity)  # in the order of the text
            kinds[kind] += 1
    assert 0.01 < kinds.pop("none") / len(rows("ner", "train")) < 0.2
    assert len(kinds) >= 9 and set(kinds) <= set(WORDS.values())
    assert kinds["person"] > 0.2 * kinds.total() and min(kinds.values()) > 40


def test_names_of_entities_are_those_of_the_ten_tasks(rows: Reader) -> None:
    world = World(11)
    for names in (world.surnames, world.pools["city"], world.pools["company"]):
        known = set(names.names[: names.seen])
        words = {word for e in rows("ner", "train") for word in re.findall(r"\w+", e.context)}
        assert len(known & words) > 0.6 * len(known)
        new = set(names.names[names.seen :])
        assert not new & words
        held = {w for e in rows("ner", "validation") for w in re.findall(r"\w+", e.context)}
        assert len(new & held) > 3


def test_every_name_in_a_sentence_of_the_news_is_tagged() -> None:
    """A name is a capitalised word that is not the first; numbers are tagged with their units."""
    world, rng = World(SEED), random.Random(2)
    for _ in range(2000):
        marked = ner.sentence(world, rng, True)
        for (before, _), (token, tag) in pairwise(marked):
            if token.isdigit() or (token[0].isupper() and token != "I" and before != '"'):
                assert tag != "O" or re.search("Prize|Medal|Award", " ".join(t for t, _ in marked))
    assert ner._filled("{low} percent of {high} jobs", world, rng, True)[1] == (
        "percent",
        "I-PERCENT",
    )
