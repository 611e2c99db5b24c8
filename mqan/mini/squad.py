"""SQuAD: paragraphs about a few subjects of one kind, questions answered by a span.

Official format 1.1: {"data": [{"title", "paragraphs": [{"context", "qas": [{"answers":
[{"answer_start", "text"}], "question", "id"}]}]}], "version": "1.1"}. Files train-v1.1.json and
dev-v1.1.json (several equal answers a question there); the official test set is hidden.
"""

import hashlib
import json
import random
from pathlib import Path
from typing import Any

from mqan.mini import facts
from mqan.mini.lexicon import Entity, World
from mqan.mini.relations import BY_SUBJECT
from mqan.mini.sizes import Counts
from mqan.mini.writing import stream, text_file

SUBJECTS = (2, 2, 3)  # subjects of one paragraph, all of one kind
FACTS = (5, 6)  # facts of one paragraph, fewest and most
SHARED = 0.75  # share of paragraphs where all subjects have one relation in common
TWO_FACTS = 0.35  # share of sentences that state two facts
PRONOUN = 0.12  # share of follow-up sentences that begin with a pronoun
REPORTED = 0.25  # share of sentences with an irrelevant name before or, mostly, behind the facts
PARAPHRASE = 0.25  # share of questions that avoid the sentence's verb
KIND_PARAPHRASE = 0.25  # share of questions that say firm for company, and so on
INVERSE = 0.3  # share of questions that ask for the subject, given the object
QUESTIONS = 4  # questions of one paragraph
PARAGRAPHS = 5  # paragraphs of one article
DEV_ANSWERS = 3  # annotators of a validation question

FILES = {"train": "train-v1.1.json", "validation": "dev-v1.1.json"}


def _facts(world: World, rng: random.Random, training: bool) -> list[list[facts.Fact]]:
    """The paragraph's facts, a list per subject."""
    kind = rng.choice(tuple(BY_SUBJECT))
    subjects: dict[str, Entity] = {}
    for _ in range(rng.choice(SUBJECTS)):
        entity = world.entity(kind, rng, training)
        subjects[entity.name] = entity
    groups: list[list[facts.Fact]] = [[] for _ in subjects]
    used: set[tuple[str, str]] = set()
    relations = BY_SUBJECT[kind]
    common = rng.choice(relations) if rng.random() < SHARED else None
    for number in range(rng.randint(*FACTS)):
        group = groups[number % len(groups)]
        entity = list(subjects.values())[number % len(groups)]
        known = {fact.relation for fact in group}
        relation = common if common and not group else rng.choice(relations)
        if relation in known:
            continue
        fact = facts.make(world, relation, entity, rng, training)
        if (relation.name, fact.object) not in used and fact.object not in subjects:
            used.add((relation.name, fact.object))
            group.append(fact)
    for group in groups:
        rng.shuffle(group)
    return [group for group in groups if group]


def _sentences(
    world: World,
    group: list[facts.Fact],
    rng: random.Random,
    training: bool,
    wordings: dict[int, int],
) -> list[str]:
    """Sentences that state the facts of one subject in order; notes each fact's wording."""
    out: list[str] = []
    rest = list(group)
    while rest:
        take = 2 if len(rest) > 1 and rng.random() < TWO_FACTS else 1
        said, rest = rest[:take], rest[take:]
        chosen = [int(rng.random() < 0.5) for _ in said]
        wordings.update((id(fact), wording) for fact, wording in zip(said, chosen, strict=True))
        text = facts.sentence(said, chosen, rng, bool(out) and rng.random() < PRONOUN)
        if rng.random() < REPORTED:
            text = facts.reported(world, text, said, rng.random() < 0.7, rng, training)
        out.append(text)
    return out


def _question(fact: facts.Fact, wording: int, rng: random.Random) -> tuple[str, str]:
    """(question, answer) about one fact."""
    asked = 1 - wording if rng.random() < PARAPHRASE else wording
    kind = int(rng.random() < KIND_PARAPHRASE)
    words = fact.relation.wordings[asked]
    if rng.random() < INVERSE:
        template, answer = rng.choice(words.inverse), fact.subject.name
    else:
        template, answer = rng.choice(words.questions), fact.object
    question = facts.fill(template, fact.relation, fact.subject.name, fact.object, kind)
    return facts.capital(question), answer


def paragraph(
    world: World, rng: random.Random, training: bool, questions: int
) -> tuple[str, list[tuple[str, str, int]]]:
    """A paragraph and its (question, answer, answer start in characters)."""
    groups: list[list[facts.Fact]] = []
    while sum(map(len, groups)) < FACTS[0] - 1:
        groups = _facts(world, rng, training)
    wordings: dict[int, int] = {}
    context = " ".join(
        s for group in groups for s in _sentences(world, group, rng, training, wordings)
    )
    told = [fact for group in groups for fact in group]
    rng.shuffle(told)
    out: list[tuple[str, str, int]] = []
    for fact in told[:questions]:
        question, answer = _question(fact, wordings[id(fact)], rng)
        start, found = facts.span(answer, context)
        out.append((question, found, start))
    return context, out


def _article(
    world: World, rng: random.Random, split: str, seed: int, first: int, questions: int
) -> dict[str, Any]:
    """An article with at most `questions` questions; `first` numbers them within the split."""
    training = split == "train"
    paragraphs: list[dict[str, Any]] = []
    done = 0
    while done < questions and len(paragraphs) < PARAGRAPHS:
        context, asked = paragraph(world, rng, training, min(QUESTIONS, questions - done))
        qas: list[dict[str, Any]] = []
        for question, answer, start in asked:
            key = hashlib.sha1(f"{seed}/{split}/{first + done}".encode()).hexdigest()[:24]
            answers = [{"answer_start": start, "text": answer}] * (1 if training else DEV_ANSWERS)
            qas.append({"answers": answers, "question": question, "id": key})
            done += 1
        paragraphs.append({"context": context, "qas": qas})
    return {"title": f"{world.name('city', rng, training)}_{first}", "paragraphs": paragraphs}


def write(root: Path, world: World, seed: int, counts: Counts) -> None:
    """Write train-v1.1.json and dev-v1.1.json, an article at a time."""
    for split, count in (("train", counts.train), ("validation", counts.validation)):
        rng = stream(seed, "squad", split)
        with text_file(root / FILES[split]) as put:
            put('{"data": [')
            done = 0
            while done < count:
                article = _article(world, rng, split, seed, done, count - done)
                put((", " if done else "") + json.dumps(article))
                done += sum(len(p["qas"]) for p in article["paragraphs"])
            put('], "version": "1.1"}')
