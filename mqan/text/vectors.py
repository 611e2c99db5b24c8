"""Fixed word vectors: official GloVe and character n-gram files, or hashed n-grams without a file.

Paper, section 3; released code, `vocab.py`: several sources side by side, never trained; only the
projection on top is. Called once when a run starts. Words are looked up without their blanks, as in
the released code.
"""

import gzip
import hashlib
import logging
import math
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from mqan.example import EOS, FIRST_WORD, INIT, SPECIALS, DataError
from mqan.text.hashing import hashed_ngrams

logger = logging.getLogger(__name__)

FloatArray = np.ndarray[Any, np.dtype[np.float32]]
BoolArray = np.ndarray[Any, np.dtype[np.bool_]]

_GRAM_SIZES = (2, 3, 4)  # of the released code; the file's single characters are not used
_SPECIALS_SEED = 0
_WORDS_PER_BLOCK = 1 << 15  # bounds the memory of n-gram sums, not the result


class VectorSource(Protocol):
    """Gives each word a vector of `dim` numbers."""

    dim: int
    name: str

    def vectors(self, words: Sequence[str]) -> tuple[FloatArray, BoolArray]:
        """Give (words, dim) vectors and which words the source has; the others' are zeros."""
        ...

    def identity(self) -> dict[str, Any]:
        """Say what determines the vectors, JSON-serialisable: for a run's record."""
        ...


def table(
    words: Sequence[str],
    sources: Sequence[VectorSource],
    missing: dict[str, int] | None = None,
) -> FloatArray:
    """Put the vectors of all sources side by side: float32 (4 + words, sum of dims), row = number.

    `words` are a vocabulary's ordinary words. <unk> and <pad> are zeros. <init> and <eos> are
    looked up by these names like words, as in the released code; if all sources give zeros for
    both, they get hashed vectors instead: the model could not tell the ends otherwise. A word
    unknown to a source is zeros there; how many words that are is logged per source, and added to
    `missing[name]` if given.
    """
    ends = [INIT, EOS]
    wanted = [*(word.strip() for word in words), *(SPECIALS[number] for number in ends)]
    result = np.zeros((FIRST_WORD + len(words), sum(s.dim for s in sources)), dtype=np.float32)
    start = 0
    for source in sources:
        columns = slice(start, start + source.dim)
        vectors, found = source.vectors(wanted)
        result[FIRST_WORD:, columns] = vectors[: len(words)]
        result[ends, columns] = vectors[len(words) :]
        unknown = len(words) - int(found[: len(words)].sum())
        logger.info("%s: %d of %d words have no vector", source.name, unknown, len(words))
        if missing is not None:
            missing[source.name] = missing.get(source.name, 0) + unknown
        start += source.dim
    if not result[ends].any():
        names = [SPECIALS[number] for number in ends]
        result[ends] = hashed_ngrams(names, result.shape[1], _SPECIALS_SEED)
    return result


class GloVe:
    """Vectors in GloVe's text format, plain or gzipped: a line is a word and its numbers.

    A word may contain blanks (glove.840B has such). Of several lines of a word the last one
    counts, as in the released code. A word2vec-like header line is skipped.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.name = f"glove:{self.path.name}"
        self.dim = _width(self.path)

    def vectors(self, words: Sequence[str]) -> tuple[FloatArray, BoolArray]:
        """Read the file once and keep the lines of `words`."""
        distinct = {word: number for number, word in enumerate(dict.fromkeys(words))}
        rows, found = _read(self.path, self.dim, distinct)
        numbers = np.fromiter((distinct[word] for word in words), np.int64, len(words))
        return rows[numbers], found[numbers]

    def identity(self) -> dict[str, Any]:
        """Kind, file name, checksum, width."""
        return {"source": "glove", **_file_identity(self.path), "dim": self.dim}


class CharNgram:
    """Character n-gram vectors in the text format of Hashimoto et al. (2017), charNgram.txt.

    Keys are `2gram-ab` and, at a word's ends, `3gram-#BEGIN#ab`. A word's vector is the mean over
    its n-grams of 2 to 4 characters that the file has, repeated ones counted again; a word with
    none of them is unknown.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.name = f"char_ngram:{self.path.name}"
        self.dim = _width(self.path)

    def vectors(self, words: Sequence[str]) -> tuple[FloatArray, BoolArray]:
        """Read the file once and average the n-grams of each word."""
        wanted: dict[str, int] = {}
        for word in words:
            for key in _gram_keys(word):
                wanted.setdefault(key, len(wanted))
        rows, has = _read(self.path, self.dim, wanted)
        vectors = np.zeros((len(words), self.dim), dtype=np.float32)
        found = np.zeros(len(words), dtype=np.bool_)
        for row, word in enumerate(words):
            grams = np.fromiter((wanted[key] for key in _gram_keys(word)), np.int64)
            grams = grams[has[grams]]
            if len(grams):
                vectors[row] = rows[grams].mean(axis=0, dtype=np.float64)
                found[row] = True
        return vectors, found

    def identity(self) -> dict[str, Any]:
        """Kind, file name, checksum, width."""
        return {"source": "char_ngram", **_file_identity(self.path), "dim": self.dim}


class HashedNgrams:
    """Pseudo-random vectors of a word's character n-grams: no file, the same on every machine.

    Words that share n-grams are similar; a part that belongs to the whole word keeps all words
    apart. Every word has a vector. See `mqan.text.hashing`.
    """

    def __init__(self, dim: int = 100, seed: int = 0) -> None:
        if dim < 1:
            raise ValueError(f"dim is {dim}, at least 1 is needed")
        self.dim = dim
        self.seed = seed
        self.name = f"hashed:{dim}"

    def vectors(self, words: Sequence[str]) -> tuple[FloatArray, BoolArray]:
        """Compute the vectors, in blocks: little more memory than the result."""
        vectors = np.empty((len(words), self.dim), dtype=np.float32)
        for start in range(0, len(words), _WORDS_PER_BLOCK):
            block = words[start : start + _WORDS_PER_BLOCK]
            vectors[start : start + len(block)] = hashed_ngrams(block, self.dim, self.seed)
        return vectors, np.ones(len(words), dtype=np.bool_)

    def identity(self) -> dict[str, Any]:
        """Kind, width, seed."""
        return {"source": "hashed", "dim": self.dim, "seed": self.seed}


def _gram_keys(word: str) -> Iterator[str]:
    characters = ["#BEGIN#", *word, "#END#"]
    for size in _GRAM_SIZES:
        for start in range(len(characters) - size + 1):
            yield f"{size}gram-{''.join(characters[start : start + size])}"


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Number and content of each line but a header; bytes, as not all files are valid UTF-8."""
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                line = line.rstrip()
                if number > 1 or not _is_header(line):
                    yield number, line
    except FileNotFoundError as error:
        raise DataError(
            f"{path}: there is no such file; expected word vectors in text format"
        ) from error
    except (EOFError, OSError, zlib.error) as error:
        raise DataError(f"{path}: cannot be read to its end ({error}); fetch it again") from error


def _is_header(line: bytes) -> bool:
    """Tell a word2vec-like first line, `400000 300`."""
    fields = line.split(b" ")
    return len(fields) == 2 and all(field.isdigit() for field in fields)


def _width(path: Path) -> int:
    """Numbers in the first line, whose word is taken to be free of blanks."""
    for number, line in _lines(path):
        fields = line.split(b" ")[1:]
        if len(fields) < 2:
            raise DataError(
                f"{path}, line {number}: expected a word and its numbers, found {line[:60]!r};"
                " unpack archives first"
            )
        _numbers(path, number, fields)
        return len(fields)
    raise DataError(f"{path}: the file is empty; expected a word and its numbers in each line")


def _read(path: Path, dim: int, wanted: dict[str, int]) -> tuple[FloatArray, BoolArray]:
    """Read the rows of `wanted` (key -> row); zeros and False for the keys the file lacks.

    Every line's number of fields is checked, but only wanted lines' numbers are read: of two
    million lines a run needs a few ten thousand.
    """
    rows = np.zeros((len(wanted), dim), dtype=np.float32)
    found = np.zeros(len(wanted), dtype=np.bool_)
    keys = {key.encode("utf-8", "surrogatepass"): row for key, row in wanted.items()}
    for number, line in _lines(path):
        blanks = line.count(b" ")
        if blanks == dim:
            row = keys.get(line[: line.index(b" ")])
        elif blanks > dim:  # a word with blanks inside
            row = keys.get(line.rsplit(b" ", dim)[0])
        else:
            raise DataError(
                f"{path}, line {number}: expected a word and {dim} numbers, found {blanks} numbers"
            )
        if row is not None:
            rows[row] = _numbers(path, number, line.rsplit(b" ", dim)[1:])
            found[row] = True
    return rows, found


def _numbers(path: Path, number: int, fields: Iterable[bytes]) -> list[float]:
    try:
        values = [float(field) for field in fields]
    except ValueError as error:
        raise DataError(
            f"{path}, line {number}: expected numbers after the word: {error}"
        ) from error
    if not all(map(math.isfinite, values)):
        raise DataError(f"{path}, line {number}: a number of the vector is not finite")
    return values


def _file_identity(path: Path) -> dict[str, str]:
    with path.open("rb") as content:
        return {"file": path.name, "sha256": hashlib.file_digest(content, "sha256").hexdigest()}
