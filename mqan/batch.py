"""The one thing that data and model share: a padded batch of word ids."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import LongTensor, Tensor


@dataclass(frozen=True)
class Field:
    """One text of every example.

    ids: (B, L) word ids, each row `<init> words ... <eos>`, then PAD.
    lengths: (B,) real tokens of each row, `<init>` and `<eos>` included; at least 1.
    """

    ids: LongTensor | Tensor
    lengths: LongTensor | Tensor

    def map(self, f: Callable[[Tensor], Tensor]) -> Field:
        """The same text with `f` applied to both tensors (a move to a device, a choice of rows)."""
        return Field(f(self.ids), f(self.lengths))


@dataclass(frozen=True)
class Batch:
    """Examples of one task. Ids below the model's `generable` can be generated; any can be copied.

    `joined` holds `Context: c Question: q` as one text, for the variants that read one stream, and
    is None otherwise. `rows` are the (B,) row numbers in the store the batch was cut from.
    """

    context: Field
    question: Field
    answer: Field
    joined: Field | None
    rows: LongTensor | Tensor

    def __len__(self) -> int:
        """Number of examples, B."""
        return self.context.ids.shape[0]

    def map(self, f: Callable[[Tensor], Tensor]) -> Batch:
        """The same batch with `f` applied to every tensor."""
        joined = None if self.joined is None else self.joined.map(f)
        fields = (self.context.map(f), self.question.map(f), self.answer.map(f))
        return Batch(*fields, joined, f(self.rows))

    def to(self, device: str) -> Batch:
        """The same batch on another device."""
        return self.map(lambda tensor: tensor.to(device, non_blocking=True))

    def stream(self, name: str) -> Field:
        """The text called `context`, `question` or `joined`."""
        field = {"context": self.context, "question": self.question, "joined": self.joined}[name]
        if field is None:
            raise ValueError("this batch was made without the joined text that the variant reads")
        return field
