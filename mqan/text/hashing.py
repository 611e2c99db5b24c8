"""Pseudo-random word vectors from hashed character n-grams, by whole arrays and exact arithmetic.

Used by `mqan.text.vectors`. Only integer arithmetic modulo 2^64, exact sums of +-1 and single
rounded operations occur, so the numbers do not depend on platform, process or batch of words.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

Hashes = np.ndarray[Any, np.dtype[np.uint64]]

_GRAM_SIZES = (2, 3, 4)
_BEGIN, _END = 0x110000, 0x110001  # behind the last Unicode character
_SCALE = 0.4  # typical size of one component, as in GloVe
_WORD_SHARE = 0.3  # of the variance: the part that only the very same word has
_GOLDEN = 0x9E3779B97F4A7C15  # odd, from the golden ratio: spreads consecutive numbers
_BITS = 64


def hashed_ngrams(words: Sequence[str], dim: int, seed: int) -> np.ndarray[Any, Any]:
    """Give each word a float32 vector, (words, dim).

    With the n-grams g of the word between two end marks, n = 2, 3, 4, each n-gram (and each whole
    word w) a fixed vector of +-1, and G their number:
    v = 0.4 * (sqrt(0.7 / G) * sum_g sign(g) + sqrt(0.3) * sign(w)).
    """
    from scipy.sparse import csr_array  # slow to load, and training only names this module

    if not words:
        return np.zeros((0, dim), dtype=np.float32)
    characters, starts = _characters(words)
    word_of = np.repeat(np.arange(len(words)), np.diff(starts))
    start = _mix(np.uint64(seed % (1 << _BITS)) + _times(np.uint64(1)))
    grams, owners = _gram_hashes(characters, word_of, start)
    distinct, inverse = np.unique(grams, return_inverse=True)
    ones = np.ones(len(grams), dtype=np.float32)
    membership = csr_array((ones, (owners, inverse)), shape=(len(words), len(distinct)))
    sums = membership @ _signs(distinct, dim)  # integers below 2^24: exact in float32
    sizes = np.bincount(owners, minlength=len(words))[:, None]
    whole = _signs(_word_hashes(characters, starts, start), dim)
    shared = np.sqrt((1 - _WORD_SHARE) / sizes) * sums
    return (_SCALE * (shared + np.sqrt(_WORD_SHARE) * whole)).astype(np.float32)


def _characters(words: Sequence[str]) -> tuple[Hashes, np.ndarray[Any, Any]]:
    """All words' code points between end marks, one after the other, and where each word starts."""
    lengths = np.fromiter(map(len, words), np.int64, len(words)) + 2
    starts = np.concatenate(([0], np.cumsum(lengths)))
    characters = np.zeros(starts[-1], dtype=np.uint64)
    inner = np.ones(starts[-1], dtype=np.bool_)
    inner[starts[:-1]] = inner[starts[1:] - 1] = False
    encoded = "".join(words).encode("utf-32-le", "surrogatepass")
    characters[inner] = np.frombuffer(encoded, dtype="<u4")
    characters[starts[:-1]], characters[starts[1:] - 1] = _BEGIN, _END
    return characters, starts


def _gram_hashes(
    characters: Hashes, word_of: np.ndarray[Any, Any], start: np.uint64
) -> tuple[Hashes, np.ndarray[Any, Any]]:
    """Hash of every n-gram of every word, and the row of its word."""
    hashes, owners = [], []
    running = _mix(characters ^ start)
    for size in range(2, max(_GRAM_SIZES) + 1):
        running = _mix(running[:-1] ^ _times(characters[size - 1 :]))
        if size in _GRAM_SIZES:
            within = word_of[: len(running)] == word_of[size - 1 :]
            hashes.append(running[within])
            owners.append(word_of[: len(running)][within])
    return np.concatenate(hashes), np.concatenate(owners)


def _word_hashes(characters: Hashes, starts: np.ndarray[Any, Any], start: np.uint64) -> Hashes:
    """Hash of each whole word: of the sum of its characters' hashes, which know their position."""
    lengths = np.diff(starts)
    positions = np.arange(len(characters)) - np.repeat(starts[:-1], lengths)
    placed = _mix(_mix(characters ^ start) + _times(positions.astype(np.uint64) + np.uint64(1)))
    return _mix(np.add.reduceat(placed, starts[:-1]))


def _signs(hashes: Hashes, dim: int) -> np.ndarray[Any, Any]:
    """+-1 from the bits of each hash and, for more than 64 columns, of its successors: float32."""
    blocks = -(-dim // _BITS)
    successors = _times(np.arange(1, blocks + 1, dtype=np.uint64))
    bits = _mix(hashes[:, None] + successors).astype("<u8").view(np.uint8)
    ones = np.unpackbits(bits, axis=1, count=dim, bitorder="little")
    return ones.astype(np.float32) * 2 - 1


def _times(numbers: Any) -> Any:
    with np.errstate(over="ignore"):
        return numbers * np.uint64(_GOLDEN)


def _mix(numbers: Any) -> Any:
    """Finaliser of splitmix64: every bit of the result depends on every bit of the number."""
    with np.errstate(over="ignore"):
        numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return numbers ^ (numbers >> np.uint64(31))
