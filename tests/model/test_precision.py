"""bfloat16 matrix products with float32 state: every variant trains and stays near float32."""

import pytest
import torch
from model.test_against_literal import MODELS, batch_of, model_of, random_examples


@pytest.mark.parametrize("rnn_layers", [1, 2])
@pytest.mark.parametrize("variant", MODELS)
def test_bfloat16_stays_near_float32(variant, rnn_layers):
    model = model_of(variant, rnn_layers=rnn_layers).float()
    batch = batch_of(random_examples(7, 6))
    exact = model.loss(batch)
    with torch.autocast("cpu", torch.bfloat16):
        loss = model.loss(batch)
    loss.backward()
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(exact.item(), rel=0.05)
    for name, parameter in model.named_parameters():
        if parameter.grad is not None:
            assert parameter.grad.dtype == torch.float32, name
            assert parameter.grad.isfinite().all(), name
