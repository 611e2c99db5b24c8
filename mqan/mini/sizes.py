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

# Of the corpora beside the ten.
EXTRA_DIRECTORIES: dict[str, str] = {
    "snli": "snli",
    "amazon": "amazon_review_polarity_csv",
    "yelp": "yelp_review_polarity_csv",
    "iwslt_cs": "iwslt16_en_cs",
    "ner": "ner",
}
NO_VALIDATION_FILE = ("amazon", "yelp")  # their one test file is both


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
    """Rows by task, and how many names the world has relative to size `mini`.

    `extra` are the corpora beside the ten; those that it does not name are not written.
    """

    names: float
    tasks: Mapping[str, Counts]
    extra: Mapping[str, Counts]

    def __post_init__(self) -> None:
        """Refuse what no writer could do.

        Raises:
            ValueError: unknown or missing tasks, no names, another size of MWSC, or two sizes of a
                file that is validation and test.
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
        if unknown := set(self.extra) - set(EXTRA_DIRECTORIES):
            raise ValueError(
                f"extra must be among {', '.join(EXTRA_DIRECTORIES)}; got {', '.join(unknown)}"
            )
        for task in set(NO_VALIDATION_FILE) & set(self.extra):
            counts = self.extra[task]
            if counts.validation != counts.test:
                raise ValueError(f"{task}: validation and test are one file, got {counts}")


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
        {
            "snli": Counts(30, 40, 40),
            "amazon": Counts(30, 40, 40),
            "yelp": Counts(30, 40, 40),
            "iwslt_cs": Counts(160, 40, 40),
            "ner": Counts(160, 40, 40),
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
        {
            "snli": Counts(600, 300, 300),
            "amazon": Counts(600, 300, 300),
            "yelp": Counts(600, 300, 300),
            "iwslt_cs": Counts(6000, 300, 300),
            "ner": Counts(6000, 300, 300),
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
        # SNLI's and en-cs as released; of the others round numbers, for they are of no table
        {
            "snli": Counts(550_152, 10_000, 10_000),
            "amazon": Counts(20_000, 10_000, 10_000),
            "yelp": Counts(20_000, 10_000, 10_000),
            "iwslt_cs": Counts(114_390, 1_327, 1_385),
            "ner": Counts(60_000, 8_000, 8_000),
        },
    ),
}
