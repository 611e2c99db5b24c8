"""Reversible tokeniser: the token sequences of the paper's tokeniser (revtok), lower-cased.

Released code, `ReversibleField`; called by `mqan.data.store` when a corpus is prepared and wherever
words become text.

Tokens carry blanks: written one after the other, every two blanks in a row mean one blank of the
text and a single blank means a border without one. `"It's."` is `[" it ", "'", " s ", ". "]`.

Characters have a rank by Unicode category: letters and marks 7, digits 5, symbols 3, punctuation 1,
other separators -1, control characters -3. Equal neighbours of rank 3 or more form one token.
A blank of the text gives half of itself to each side. At a border inside a word the token of the
higher rank carries the blank, at equal ranks the first one, two of negative rank carry none; the
ends of the text count as rank 0. So what stands between two blanks of the text is cut the same way
wherever it occurs, and is remembered.

The released code cuts first and lower-cases each token then. Lower-casing never changes a
character's rank, so the tokens are the same except for a Greek capital sigma that an apostrophe or
the like separates from a following letter (lower-casing looks across it); here the whole text is
lower-cased first, which is what makes `detokenise(tokenise(text)) == text.lower()` true always.
The released code also strips line ends from the end of a field; here every character is kept.
"""

from collections.abc import Iterable
from functools import lru_cache
from itertools import chain
from unicodedata import category

_RANKS = {"L": 7, "M": 7, "N": 5, "S": 3, "P": 1, "Z": -1, "C": -3}
_LOWEST_MERGED = 3

# Stretches remembered between blanks: covers running text; bounded so that two million examples
# need no more memory than two thousand. Longer ones (text without blanks) are cut afresh.
_REMEMBERED = 1 << 16
_LONGEST_REMEMBERED = 48


def tokenise(text: str) -> list[str]:
    """Lower-case `text` and cut it into tokens; an empty text has none."""
    if not text:
        return []
    text = text.lower()
    stretches = text.split(" ")
    cut = _cut_remembered if max(map(len, stretches)) <= _LONGEST_REMEMBERED else _cut
    tokens = list(chain.from_iterable(map(cut, stretches)))
    # The ends of the text are not blanks: only a character of positive rank has half of one there.
    if text[0] == " " or _rank(text[0]) < 0:
        tokens[0] = tokens[0][1:]
    if text[-1] == " " or _rank(text[-1]) < 0:
        tokens[-1] = tokens[-1][:-1]
    return tokens


def detokenise(tokens: Iterable[str]) -> str:
    """Write tokens as text, the inverse of `tokenise`; any token sequence, also a generated one.

    Of a run of n blanks n // 2 remain. Every other character stays as it is, also U+E302, which
    revtok uses as its own mark for capitals and therefore cannot write back.
    """
    return " ".join([part.replace(" ", "") for part in "".join(tokens).split("  ")])


@lru_cache(maxsize=4096)
def _rank(character: str) -> int:
    return _RANKS[category(character)[0]]


def _cut(stretch: str) -> tuple[str, ...]:
    """Tokens of what stands between two blanks; nothing at all is two halves of blanks."""
    if stretch.isalpha() or not stretch:
        return (f" {stretch} ",)
    ranks = list(map(_rank, stretch))
    pieces = []
    start, left = 0, " "
    for end in range(1, len(stretch)):
        before, after = ranks[end - 1], ranks[end]
        if before == after >= _LOWEST_MERGED:
            continue
        carried_left = before > 0 and after <= before
        pieces.append(f"{left}{stretch[start:end]}{' ' if carried_left else ''}")
        left = " " if after > 0 and after > before else ""
        start = end
    pieces.append(f"{left}{stretch[start:]} ")
    return tuple(pieces)


_cut_remembered = lru_cache(maxsize=_REMEMBERED)(_cut)
