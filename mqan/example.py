"""One decathlon example and the error that bad input raises; everything else stands on this."""

from dataclasses import dataclass
from typing import Any

# Word numbers with a fixed meaning in every vocabulary; ordinary words start at FIRST_WORD.
UNK, PAD, INIT, EOS = 0, 1, 2, 3
SPECIALS = ("<unk>", "<pad>", "<init>", "<eos>")
FIRST_WORD = len(SPECIALS)


class DataError(ValueError):
    """Input that cannot be used: the message names file, line or id, and what was expected."""


@dataclass(frozen=True, slots=True)
class Example:
    """A task row cast as question + context -> answer (paper, section 2).

    `reference` is what the task's metric compares a prediction with, JSON-serialisable: a list of
    gold answers for most tasks, `[turn id, answer]` for WOZ, query and header for WikiSQL.
    """

    id: str
    context: str
    question: str
    answer: str
    reference: Any
