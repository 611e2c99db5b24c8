"""How many rows of each task each size of the embedded decathlon has."""

from collections.abc import Mapping
from dataclasses import dataclass

# In the paper's order. Directory of each task below the root, as in the collections of real data.
DIRECTORIES: dict[str, str] = {
    "squad": "squad",
    "iwslt": "iwslt16",
    "cnn_dailymail": "cnn_dailymail",
    "multinli": "multinli_1.0",
    "sst": "sst",
    "qa_srl": "qasrl_wiki1",
    "qa_zre": "qa_zre",
    "woz": "woz",
    "wikisql": "wikisql",
    "mwsc": "mwsc",
}


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows of one task; test is 0 where the official release has no public test file."""

    train: int
    validation: int
    test: int

    def splits(self) -> tuple[tuple[str, int], ...]:
        """(split, rows), training first."""
        return (("train", self.train), ("validation", self.validation), ("test", self.test))


@dataclass(frozen=True, slots=True)
class Sizes:
    """Rows by task, and how many names the world has relative to size `mini`."""

    names: float
    tasks: Mapping[str, Counts]

    def __post_init__(self) -> None:
        """Refuse what no writer could do.

        Raises:
            ValueError: unknown or missing tasks, no names, or another size of MWSC.
        """
        if self.names <= 0:
            raise ValueError(f"names must be positive, got {self.names}")
        if set(self.tasks) != set(DIRECTORIES):
            raise ValueError(
                f"tasks must be exactly {', '.join(DIRECTORIES)}; "
                f"got {', '.join(sorted(self.tasks)) or 'none'}"
            )
        if self.tasks["mwsc"] != MWSC:
            raise ValueError(f"mwsc always has {MWSC}: its one file is cut by the reader")


MWSC = Counts(80, 82, 100)

SIZES: dict[str, Sizes] = {
    "smoke": Sizes(
        0.25,
        {
            "squad": Counts(140, 40, 0),
            "iwslt": Counts(160, 40, 40),
            "cnn_dailymail": Counts(150, 40, 40),
            "multinli": Counts(180, 40, 0),
            "sst": Counts(120, 40, 40),
            "qa_srl": Counts(110, 40, 40),
            "qa_zre": Counts(200, 40, 40),
            "woz": Counts(100, 40, 40),
            "wikisql": Counts(130, 40, 40),
            "mwsc": MWSC,
        },
    ),
    "mini": Sizes(
        1.0,
        {
            "squad": Counts(5000, 300, 0),
            "iwslt": Counts(6000, 300, 300),
            "cnn_dailymail": Counts(6500, 300, 300),
            "multinli": Counts(7000, 300, 0),
            "sst": Counts(3000, 300, 300),
            "qa_srl": Counts(2800, 300, 300),
            "qa_zre": Counts(8000, 300, 300),
            "woz": Counts(2500, 300, 300),
            "wikisql": Counts(4500, 300, 300),
            "mwsc": MWSC,
        },
    ),
    # The paper's Table 1. SQuAD's and MultiNLI's test sets were never public.
    "paper": Sizes(
        20.0,
        {
            "squad": Counts(87_599, 10_570, 0),
            "iwslt": Counts(196_884, 993, 1_305),
            "cnn_dailymail": Counts(287_227, 13_368, 11_490),
            "multinli": Counts(392_702, 20_000, 0),
            "sst": Counts(6_920, 872, 1_821),
            "qa_srl": Counts(6_414, 2_183, 2_201),
            "qa_zre": Counts(840_000, 600, 12_000),
            "woz": Counts(2_536, 830, 1_646),
            "wikisql": Counts(56_355, 8_421, 15_878),
            "mwsc": MWSC,
        },
    ),
}
