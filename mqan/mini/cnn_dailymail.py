"""CNN/DailyMail: short news stories with highlights that pick out and reword what matters.

Official layout: {cnn,dailymail}/{name}_wayback_{training,validation,test}_urls.txt, and each url's
story in {name}/stories/<sha1 of the url>.story: paragraphs, then `@highlight` before each
highlight, blank lines between all. Highlights have no full stop.

A story has a scene, two key sentences, details, quotes and an earlier event of the same kind; the
key sentences stand where chance puts them, seldom first.
"""

import hashlib
import random
from pathlib import Path

from mqan.mini.facts import capital
from mqan.mini.lexicon import World
from mqan.mini.news import EARLIER, EVENTS, FILLERS, OPENINGS, QUOTES, Event
from mqan.mini.sizes import Counts
from mqan.mini.writing import Put, stream, text_file

KEY_FIRST = 0.2  # share of stories that open with the first key sentence
DETAILS = (2, 3)  # event details, fewest and most
QUOTED = (1, 2)  # quotes
FILLED = (0, 1)  # sentences that could stand in any story
PAST_EVENT = 0.6  # share of stories that recall an earlier event of the same kind
REWORDED = 0.75  # share of highlights in headline style, the others repeat the story's words
CNN = 0.3  # share of stories from CNN; the rest is from the Daily Mail

LISTS = {"train": "training", "validation": "validation", "test": "test"}
SITES = {"cnn": "www.cnn.com/2014", "dailymail": "www.dailymail.co.uk/news"}


def _slots(world: World, rng: random.Random, training: bool) -> dict[str, str]:
    """Names and numbers for every slot an event can have; {x} and {y} differ in each kind."""
    out: dict[str, str] = {}
    for kind in ("person", "city", "company", "building", "team"):
        for suffix in ("", "2", "3"):
            out[kind + suffix] = world.name(kind, rng, training)
    for kind in ("day", "month", "profession", "product", "sport", "country", "award", "film"):
        out[kind] = world.name(kind, rng, training)
    first, second = sorted(rng.sample(range(2, 99), 2))
    year = rng.randint(1980, 2012)
    return out | {"low": str(first), "high": str(second), "year": str(year)}


def _highlights(event: Event, slots: dict[str, str], rng: random.Random) -> tuple[list[str], ...]:
    """The two key sentences and their highlights."""
    sentences: list[str] = []
    lines: list[str] = []
    for variants in (event.first, event.second):
        said, headline = rng.choice(variants)
        sentences.append(capital(said.format(**slots)))
        text = headline if rng.random() < REWORDED else said
        lines.append(capital(text.format(**slots)))
    return sentences, lines


def story(world: World, rng: random.Random, training: bool) -> tuple[list[str], list[str]]:
    """(sentences of the story, highlights)."""
    event = rng.choice(EVENTS)
    slots = _slots(world, rng, training)
    keys, highlights = _highlights(event, slots, rng)
    rest = rng.sample(event.details, rng.randint(*DETAILS)) + rng.sample(
        QUOTES, rng.randint(*QUOTED)
    )
    rest += rng.sample(FILLERS, rng.randint(*FILLED))
    if rng.random() < PAST_EVENT:
        slots["earlier"] = rng.choice(EARLIER).format(**slots)
        rest.append("{earlier} " + event.past)
    others = [capital(form.format(**slots)) for form in rest]
    rng.shuffle(others)
    opening = [capital(rng.choice(OPENINGS).format(**slots))]
    if rng.random() < KEY_FIRST:
        opening.insert(0, keys[0])
        body = [*others]
    else:
        body = [*others]
        body.insert(rng.randint(0, min(2, len(body))), keys[0])
        opening = opening if rng.random() < 0.7 else []
    after = body.index(keys[0]) + 1 if keys[0] in body else 0
    body.insert(rng.randint(after, len(body)), keys[1])
    return [f"{sentence}." for sentence in opening + body], highlights


def _write_story(path: Path, sentences: list[str], highlights: list[str], cnn: bool) -> None:
    """One .story file: two paragraphs and the highlights."""
    cut = len(sentences) // 2
    paragraphs = [" ".join(sentences[:cut]), " ".join(sentences[cut:])]
    if cnn:
        paragraphs[0] = f"(CNN) -- {paragraphs[0]}"
    blocks = paragraphs + [block for line in highlights for block in ("@highlight", line)]
    path.write_text("\n\n".join(blocks) + "\n", encoding="utf-8", newline="\n")


def _write_site(
    root: Path, site: str, split: str, first: int, count: int, world: World, rng: random.Random
) -> None:
    """`count` stories of one site, then the list that names them: a listed story is complete."""

    def stories(put: Put) -> None:
        for number in range(first, first + count):
            sentences, highlights = story(world, rng, split == "train")
            words = "".join(c if c.isalnum() else "-" for c in highlights[0].lower())
            page = f"{SITES[site]}/{words[:40]}-{number:07d}/index.html"
            url = f"http://web.archive.org/web/20140101000000id_/http://{page}"
            name = hashlib.sha1(url.encode()).hexdigest()
            _write_story(
                root / site / "stories" / f"{name}.story", sentences, highlights, site == "cnn"
            )
            put(url + "\n")

    with text_file(root / site / f"{site}_wayback_{LISTS[split]}_urls.txt") as put:
        stories(put)


def write(root: Path, world: World, seed: int, counts: Counts) -> None:
    """Write both sites' stories and lists."""
    first = 0
    for site in SITES:
        (root / site / "stories").mkdir(parents=True, exist_ok=True)
    for split, count in counts.splits():
        cnn = round(count * CNN)
        for site, part in (("cnn", cnn), ("dailymail", count - cnn)):
            rng = stream(seed, f"cnn_dailymail/{site}", split)
            _write_site(root, site, split, first, part, world, rng)
            first += part
