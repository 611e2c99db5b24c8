"""The released code's layer norm: it divides by the unbiased deviation plus epsilon."""

import math

import torch
from torch import Tensor, nn

from mqan.kernels import norm as kernel

EPSILON = 1e-6
_NO_EPSILON = 1e-30  # under the root; only keeps a constant row finite


class _Normalise(torch.autograd.Function):
    """gain * (x - mean) / (deviation + EPSILON) + shift, on torch's fused layer-norm kernels.

    Those divide by the biased deviation, rstd = 1 / biased, without an epsilon outside the root.
    With k = sqrt(D / (D - 1)) the deviation is k / rstd, so that one factor per row,
    1 / (k + EPSILON rstd), turns their result into ours, and one more term their derivative.
    """

    @staticmethod
    def forward(ctx, x: Tensor, gain: Tensor, shift: Tensor) -> Tensor:  # type: ignore[override]
        D = x.shape[-1]
        z, mean, rstd = torch.native_layer_norm(x, [D], None, None, _NO_EPSILON)
        factor = 1 / (math.sqrt(D / (D - 1)) + EPSILON * rstd)
        ctx.save_for_backward(x, gain, z, mean, rstd, factor)
        return torch.addcmul(shift, z * factor, gain)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, dy: Tensor):  # type: ignore[override]
        x, gain, z, mean, rstd, factor = ctx.saved_tensors
        D = x.shape[-1]
        d_shift = dy.reshape(-1, D).sum(0)
        # Where rounding is all that a row's deviation consists of, it has no direction either.
        rounding = rstd * mean.abs() * torch.finfo(rstd.dtype).eps
        dy = dy * factor.masked_fill(rounding > 0.25, 0)
        dx, d_gain, _ = torch.ops.aten.native_layer_norm_backward(
            dy, x, [D], mean, rstd, gain, None, [True, True, False]
        )
        # What epsilon takes away from the deviation's share of the derivative.
        share = (1 - factor * math.sqrt(D / (D - 1))) * rstd / D
        dx.addcmul_(z, ((dy * z) @ gain).unsqueeze(-1) * share)
        return dx, d_gain, d_shift


def _normalised(x: Tensor, gain: Tensor, shift: Tensor) -> Tensor:
    """The same in three operations for search, where one row costs less than starting one."""
    D = x.shape[-1]
    scaled, _, rstd = torch.native_layer_norm(x, [D], gain, None, _NO_EPSILON)
    ratio = rstd + math.sqrt(D / (D - 1)) / EPSILON
    return torch.addcdiv(shift, scaled, ratio, value=1 / EPSILON)


class LayerNorm(nn.Module):
    """gain * (x - mean) / (deviation + 1e-6) + shift, with the unbiased deviation."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(width))
        self.shift = nn.Parameter(torch.zeros(width))

    def forward(self, x: Tensor) -> Tensor:
        """(..., D) -> (..., D)."""
        x = x.to(self.gain.dtype)
        if kernel.serves(x):
            return kernel.normalise(x, self.gain, self.shift, EPSILON)
        if not torch.is_grad_enabled():
            return _normalised(x, self.gain, self.shift)
        return _Normalise.apply(x, self.gain, self.shift)  # type: ignore[return-value]
