"""What a model is made of: sizes as a frozen dataclass, the paper's ablation rows as a table."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(frozen=True)
class Variant:
    """An architecture row of the paper's main table (Table 2).

    streams: texts that are read, each embedded and encoded by the same BiLSTM.
    pointers: streams that the decoder attends to and copies from; the first starts the decoder.
    coattention: whether the two streams attend to each other.
    self_attention: whether pointer streams are compressed, self-attended and encoded again, and
        the answer is self-attended before it enters the decoder's LSTM.
    recurrent: whether texts are read by BiLSTMs, or by Transformer layers in place of each.
    """

    title: str
    streams: tuple[str, ...]
    pointers: tuple[str, ...]
    coattention: bool
    self_attention: bool
    recurrent: bool = True

    def __post_init__(self) -> None:
        """Refuse rows that cannot be built."""
        if self.coattention and len(self.streams) != 2:
            raise ValueError(f"{self.title}: coattention needs two streams, not {self.streams}")
        if not set(self.pointers) <= set(self.streams) or len(self.pointers) not in (1, 2):
            raise ValueError(f"{self.title}: pointers {self.pointers} are one or two streams")


_BOTH = ("context", "question")
VARIANTS = {
    "s2s": Variant("S2S", ("joined",), ("joined",), False, False),
    "satt": Variant("w/ SAtt", ("joined",), ("joined",), False, True),
    "catt": Variant("+ CAtt", _BOTH, ("context",), True, True),
    "qptr": Variant("+ QPtr (MQAN)", _BOTH, _BOTH, True, True),
    # Not in the paper: the lecture says that such an encoder was hard to optimise.
    "transformer": Variant("Transformer encoder", _BOTH, _BOTH, True, True, recurrent=False),
}


@dataclass(frozen=True)
class ModelConfig:
    """Sizes and rates. The defaults are the paper's (section 3, and the released code)."""

    variant: str = "qptr"
    vector_width: int = 400  # fixed word vectors: GloVe 300 + character n-grams 100
    width: int = 200  # D; the BiLSTMs have D/2 per direction
    heads: int = 3
    layers: int = 2  # Transformer layers, encoder and decoder
    hidden: int = 150  # inner width of the Transformer's feed-forward
    rnn_layers: int = 1
    generable: int = 50_000  # V: words the vocabulary softmax covers, special tokens included
    dropout: float = 0.2  # attention weights, residual branches, decoder input and output
    input_dropout: float = 0.2  # word vectors, feed-forward inputs, switch inputs
    coattention_dropout: float = 0.3  # context side only
    cell_from_hidden: bool = False  # start the decoder's cell from h, as the paper's runs did
    cove_hidden: int = 0  # H of the frozen MT-LSTM, per direction (published: 300); 0 for none
    cove_layers: int = 1  # 1: its last layer; 2: both, the first one first
    cove_first: int = 0  # the columns of the fixed vectors that it reads begin here
    cove_width: int = 0  # and are so many: the published one reads the last 300, GloVe

    def __post_init__(self) -> None:
        """Refuse sizes that cannot be built, naming the value."""
        if self.variant not in VARIANTS:
            raise ValueError(f"variant {self.variant!r} is unknown; one of {', '.join(VARIANTS)}")
        if self.width < 2 or self.width % 2:
            raise ValueError(f"width {self.width} must be even: each direction has half of it")
        for name in ("vector_width", "heads", "hidden", "rnn_layers", "generable"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}, at least 1 expected")
        for name in ("dropout", "input_dropout", "coattention_dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}, a rate in [0, 1) expected")

        self._check_cove()

    def _check_cove(self) -> None:
        """Refuse an MT-LSTM that reads what is not there."""
        if self.cove_hidden < 0 or self.cove_layers not in (1, 2):
            raise ValueError(
                f"cove_hidden is {self.cove_hidden} and cove_layers {self.cove_layers}, "
                "at least 0 and 1 or 2 expected"
            )
        last = self.cove_first + self.cove_width
        if self.cove_hidden and not 0 <= self.cove_first < last <= self.vector_width:
            raise ValueError(
                f"CoVe reads columns {self.cove_first} to {last}: "
                f"at least one is expected, within the {self.vector_width} of the word vectors"
            )

    @property
    def row(self) -> Variant:
        """The architecture row that `variant` names."""
        return VARIANTS[self.variant]

    @property
    def reads_joined(self) -> bool:
        """Whether batches must carry the joined text."""
        return "joined" in self.row.streams

    def to_dict(self) -> dict[str, Any]:
        """A JSON-serialisable form; `from_dict` is its inverse."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> ModelConfig:
        """Load strictly: an unknown key is an error that lists the known ones."""
        known = {field.name for field in fields(cls)}
        if unknown := set(values) - known:
            raise ValueError(f"unknown model keys {sorted(unknown)}; known are {sorted(known)}")
        return cls(**values)
