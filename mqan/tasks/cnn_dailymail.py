"""CNN/DailyMail, not anonymised: summarise a news story.

Origin: stories of Hermann et al. 2015, split by the url lists of abisee/cnn-dailymail. A story's
file is named by the SHA-1 of its url. Licence: none stated for the stories (research use); lists
Apache-2.0. A raw story and its triple:

>>> story = "It rained\\n\\nAll day.\\n\\n@highlight\\n\\nRain in Rome\\n\\n@highlight\\n\\nNo sun"
>>> triple(enumerate(story.split("\\n"), 1), "00a1.story")
('It rained. All day.', 'What is the summary?', 'Rain in Rome. No sun.')
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha1
from pathlib import Path

from mqan.example import Example
from mqan.tasks import files
from mqan.tasks.task import Task

QUESTION = "What is the summary?"
CORPORA = ("cnn", "dailymail")
# train, validation and test as the two kinds of list call them
NAMES = {
    "train": ("training", "train"),
    "validation": ("validation", "val"),
    "test": ("test", "test"),
}
# The url lists of the release, then identifiers of stories whose url is not known
SPLITS = {
    split: (
        *(f"{corpus}/{corpus}_wayback_{urls}_urls.txt" for corpus in CORPORA),
        f"story_ids_{ids}.tsv",
    )
    for split, (urls, ids) in NAMES.items()
}
MARK = "@highlight"
ENDS = tuple(".!?'`\")\u2019\u201d")  # the last two are closing quotation marks
MISSING = "listed story is not there"


def triple(lines: Iterable[tuple[int, str]], place: object) -> tuple[str, str, str]:
    """Context, question and answer of a story: article and highlights, each joined by blanks."""
    article: list[str] = []
    highlights: list[str] = []
    current = article
    for number, line in lines:
        line = line.strip()
        if line.startswith(MARK):
            current = highlights
        elif MARK in line:
            raise files.error(f"{place}, line {number}", f"{MARK} only at the start", line)
        elif line:
            current.append(line if line.endswith(ENDS) else f"{line}.")
    context, answer = (
        unicodedata.normalize("NFKC", " ".join(part)) for part in (article, highlights)
    )
    return context, QUESTION, answer


def stories(folder: Path, split: str) -> Iterator[tuple[str, str]]:
    """Corpus and identifier of every story listed for a split: by url, then by identifier alone.

    Raises:
        FileNotFoundError: no list of the split is there.
        DataError: a line is neither url nor identifier and corpus.
    """
    lists = [folder / name for name in SPLITS[split]]
    found = [path for path in lists if path.exists()]
    if not found:
        raise FileNotFoundError(2, "no list of stories", str(lists[0]))
    by_url: set[tuple[str, str]] = set()
    twice = lists[-1].exists()  # the paper's 300,000 urls are remembered only where needed
    for path in found:
        for number, line in files.lines(path):
            if not line.strip():
                continue
            story = _story(path, f"{path}, line {number}", line)
            if path != lists[-1] and twice:
                by_url.add(story)
            if path != lists[-1] or story not in by_url:
                yield story


def _story(path: Path, place: str, line: str) -> tuple[str, str]:
    if path.suffix == ".txt":
        if "://" not in line:
            raise files.error(place, "a url", line)
        return path.parent.name, sha1(line.strip().encode("utf-8")).hexdigest()
    identifier, *rest = line.split("\t")
    if not rest or rest[0] not in CORPORA:
        raise files.error(place, "story identifier, tab, cnn or dailymail", line)
    return rest[0], identifier


def read(folder: Path, split: str, wording: str, dropped: Counter[str]) -> Iterator[Example]:
    """Stream a split, CNN before DailyMail; identifiers are SHA-1 sums. Missing stories count."""
    for corpus, identifier in stories(folder, split):
        path = folder / corpus / "stories" / f"{identifier}.story"
        if not path.exists():
            dropped[MISSING] += 1
            continue
        context, question, answer = triple(files.lines(path), path)
        # the released scorer reads gold answers back from tokens, which are lower-cased
        yield Example(identifier, context, question, answer, [answer.lower()])


TASK = Task(
    name="cnn_dailymail",
    title="CNN/DailyMail",
    version=1,
    directory="cnn_dailymail",
    metric="rouge",
    splits=SPLITS,
    folders=tuple(f"{corpus}/stories" for corpus in CORPORA),
    read=read,
    source="https://cs.nyu.edu/~kcho/DMQA/ (stories) and "
    "https://github.com/abisee/cnn-dailymail (url_lists)",
    licence="none stated for the stories; lists Apache-2.0",
    sizes=(287227, 13368, 11490),
    truncate_context=True,
)
