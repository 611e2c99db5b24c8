"""QA-ZRE: relation extraction as questions, with relations in validation and test never trained on.

Official format: one example a line, tab-separated: relation, question with XXX for the subject,
subject, sentence, then no answer (unanswerable) or one or more. Files relation_splits/*.0.
"""

import random
from pathlib import Path

from mqan.mini import facts
from mqan.mini.lexicon import World
from mqan.mini.relations import ASKED, BY_SUBJECT, Relation
from mqan.mini.sizes import Counts
from mqan.mini.writing import stream, text_file

UNANSWERABLE = 0.5  # share of questions whose sentence states other relations of the subject
HARD_NEGATIVE = 0.35  # of those, share whose sentence has something of the asked kind
SECOND_FACT = 0.7  # share of sentences that state a second relation
PARAPHRASE = 0.25  # share of questions that avoid the sentence's verb
KIND_PARAPHRASE = 0.25  # share of questions that say firm for company, and so on
LEAD = 0.4  # share of sentences that begin with who says so: a name that answers nothing
TWO_ANSWERS = 0.05  # share of answerable rows with two people as the answer

FILES = {"train": "train.0", "validation": "dev.0", "test": "test.0"}


def _others(relation: Relation, split: str) -> tuple[Relation, ...]:
    """Relations a sentence may state beside or instead of the asked one.

    Training sees no relation of the other splits in any place.
    """
    known = ASKED["train"] if split == "train" else BY_SUBJECT[relation.subject]
    return tuple(r for r in known if r.subject == relation.subject and r != relation)


def row(world: World, split: str, rng: random.Random) -> tuple[str, ...]:
    """One line's fields."""
    training = split == "train"
    relation = rng.choice(ASKED[split])
    subject = world.entity(relation.subject, rng, training)
    others = list(_others(relation, split))
    answers: tuple[str, ...] = ()
    said: list[facts.Fact] = []
    wording = int(rng.random() < 0.5)
    if rng.random() >= UNANSWERABLE:
        fact = facts.make(world, relation, subject, rng, training)
        answers = (fact.object,)
        if relation.object == "person" and rng.random() < TWO_ANSWERS:
            answers = (fact.object, world.name("person", rng, training))
            fact = facts.Fact(relation, subject, " and ".join(answers))
        said.append(fact)
    else:
        same = [r for r in others if r.object == relation.object]
        other = rng.choice(same if same and rng.random() < HARD_NEGATIVE else others)
        said.append(facts.make(world, other, subject, rng, training))
    if rng.random() < SECOND_FACT:
        rest = [r for r in others if r != said[0].relation]
        if rest:
            said.append(facts.make(world, rng.choice(rest), subject, rng, training))
    wordings = {id(said[0]): wording} | {id(f): int(rng.random() < 0.5) for f in said[1:]}
    if rng.random() < 0.5:
        said.reverse()
    sentence = facts.sentence(said, [wordings[id(f)] for f in said], rng, False)
    if rng.random() < LEAD:
        sentence = facts.reported(world, sentence, said, False, rng, training)
    asked = 1 - wording if rng.random() < PARAPHRASE else wording
    kind = int(rng.random() < KIND_PARAPHRASE)
    template = rng.choice(relation.wordings[asked].questions)
    question = facts.fill(template, relation, "XXX", "", kind)
    spans = (facts.span(answer, sentence)[1] for answer in answers)
    return (relation.name, question, subject.name, sentence, *spans)


def write(root: Path, world: World, seed: int, counts: Counts) -> None:
    """Write the three split files below `root`/relation_splits."""
    for split, count in counts.splits():
        rng = stream(seed, "qa_zre", split)
        with text_file(root / "relation_splits" / FILES[split]) as put:
            for _ in range(count):
                put("\t".join(row(world, split, rng)) + "\n")
