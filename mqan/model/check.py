"""On a GPU, before anything is trained or answered: kernels of our own beside torch's operations.

They were written once and will meet cards, drivers and compilers that nobody tried them on. So a
network's loss and gradients on a few words are compared both ways; where they differ, or a kernel
does not compile, torch's operations serve, and the log says so.
"""

import torch
from torch import Tensor

from mqan.batch import Batch, Field
from mqan.example import EOS, FIRST_WORD, INIT, PAD
from mqan.kernels import compile as kernels
from mqan.model.mqan import MQAN

TOLERANCE = 1e-3  # of the norm of all gradients; float32 alone differs by some 1e-6
LENGTHS = {
    "context": [40, 1, 33],
    "question": [4, 2, 9],
    "answer": [5, 2, 12],
    "joined": [50, 3, 7],
}


def check_kernels(model: MQAN) -> None:
    """Compare if the model is on a GPU and kernels can be used there."""
    if next(model.parameters()).is_cuda and kernels.usable():
        compare(model)


def compare(model: MQAN) -> None:
    """Switch the kernels off if they fail or differ.

    Weights, gradients, random numbers and the model's mode stay as they are.
    """
    try:
        ours = outcome(model)
    except kernels.KernelError as error:
        kernels.switch_off(str(error))
        return
    with kernels.without():
        theirs = outcome(model)
    far = ((ours - theirs).norm() / theirs.norm()).item()
    if not far <= TOLERANCE:
        kernels.switch_off(f"loss and gradients differ by {far:.1e} of torch's")


def outcome(model: MQAN) -> Tensor:
    """Loss and all gradients of a few words, without dropout and in whole float32: one vector."""
    batch, training = few_words(model), model.training
    trained = [p for p in model.parameters() if p.requires_grad]
    precision = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest")
    model.eval()
    try:
        with torch.enable_grad():
            loss = model.loss(batch)
            gradients = torch.autograd.grad(loss, trained, allow_unused=True)
    finally:
        model.train(training)
        torch.set_float32_matmul_precision(precision)
    return torch.cat([loss.detach().view(1), *(g.flatten() for g in gradients if g is not None)])


def few_words(model: MQAN) -> Batch:
    """Three texts of uneven lengths; their words repeat, and some cannot be generated."""
    words, device = len(model.words.table), str(next(model.parameters()).device)

    def field(lengths: list[int]) -> Field:
        ids = torch.full((len(lengths), max(lengths)), PAD)
        for row, length in enumerate(lengths):
            ids[row, :length] = FIRST_WORD + torch.arange(length) * 7 % max(1, words - FIRST_WORD)
            ids[row, length // 2] = words - 1
            ids[row, length - 1], ids[row, 0] = EOS, INIT
        return Field(ids, torch.tensor(lengths))

    fields = {name: field(lengths) for name, lengths in LENGTHS.items()}
    return Batch(**fields, rows=torch.arange(3)).to(device)
