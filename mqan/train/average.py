"""The mean of a run's weights over its last updates (Izmailov et al. 2018, at the run's own rate).

Late updates of a short run go to and fro around a point that is better than where any of them
ends. Not the paper's; off unless a study asks for it.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import get_swa_multi_avg_fn

_take_in = get_swa_multi_avg_fn()


class Average:
    """Mean of the trained weights after each update behind update `start`, all counting alike.

    mean: by parameter name, on the model's device; empty until there is one, or for good where
    nothing is averaged (start is None).
    """

    def __init__(self, model: nn.Module, start: int | None) -> None:
        self._start = start
        self._live = {n: p.detach() for n, p in model.named_parameters() if p.requires_grad}
        self.mean: dict[str, Tensor] = {}

    @torch.no_grad()
    def add(self, step: int) -> None:
        """Take in the weights after update `step`; no step may be left out. Waits for no GPU."""
        if self._start is None or step <= self._start:
            return
        if not self.mean:
            self.mean = {name: torch.zeros_like(value) for name, value in self._live.items()}
        _take_in(list(self.mean.values()), list(self._live.values()), step - self._start - 1)

    def restore(self, mean: Mapping[str, Tensor]) -> None:
        """Put back what `mean` was."""
        if mean:
            self.mean = {name: mean[name].to(live.device) for name, live in self._live.items()}
