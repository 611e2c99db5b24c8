"""Fixed shapes, networks and inputs. Lengths are ragged, words repeat, some cannot be generated."""

import torch
from reference.original_network import Original, limit

from mqan.batch import Batch, Field
from mqan.example import EOS, FIRST_WORD
from mqan.model.config import ModelConfig
from mqan.model.embedding import mask_of
from mqan.model.mqan import MQAN
from mqan.scale import BEYOND, Point, Shape, random_batch
from mqan.scale import shapes as shapes_of_tasks

SMALL_V, LARGE_V = 8_000, 50_000
HEADS, LAYERS, HIDDEN = 3, 2, 150  # as in the paper, at any width
NO_DROPOUT = {"dropout": 0.0, "input_dropout": 0.0, "coattention_dropout": 0.0}

FULL = {
    "R": Shape(22, 400, 15, 20),  # the reference: long contexts
    "M": Shape(90, 100, 15, 20),  # as WikiSQL
    "C": Shape(300, 30, 20, 3),  # as MNLI
    "I": Shape(72, 30, 12, 27),  # as IWSLT
    "L": Shape(64, 100, 15, 51),  # 3,200 rows of the loss
    "G": Shape(256, 400, 15, 20),  # decoding on a GPU
}


def shape_of(label, device):
    """A shape; on a CPU, M, C and I have a quarter of the rows."""
    full = FULL[label]
    if device == "cpu" and label in ("M", "C", "I"):
        return Shape(full.batch // 4, full.context, full.question, full.answer)
    return full


def cases(cpu, gpu):
    """Sizes for the device that is there: the paper's on a GPU, narrower ones on a CPU."""
    return gpu if torch.cuda.is_available() else cpu


def ten_tasks(device):
    """A batch shape for each task of the decathlon, of about the same cost."""
    return shapes_of_tasks(Point(Shape(22 if device != "cpu" else 2, 400, 15, 20), 0, 10))


def sets(device):
    """Input sets to go round: enough that a GPU's cache does not hold them all."""
    return 4 if device != "cpu" else 2


def config_of(width, vocabulary, **rates):
    sizes = {"heads": HEADS, "layers": LAYERS, "hidden": HIDDEN, "generable": vocabulary}
    return ModelConfig(width=width, **sizes, **rates)


def network(width, vocabulary, device, **rates):
    """A network with random weights and vectors, the same at every call."""
    torch.manual_seed(1)
    config = config_of(width, vocabulary, **rates)
    return MQAN(config, torch.randn(vocabulary + BEYOND, config.vector_width)).to(device).train()


def batches(shape, vocabulary, device):
    g = torch.Generator().manual_seed(2)
    return [random_batch(shape, vocabulary, g).to(device) for _ in range(sets(device))]


def prepared(shape, vocabulary, device):
    """Batches with what the released code's loader adds to them."""
    return [(batch, limit(batch, vocabulary)) for batch in batches(shape, vocabulary, device)]


def endless(batch):
    """The batch without `<eos>` in its texts, so that nothing ends an answer early."""

    def without(text):
        return Field(torch.where(text.ids == EOS, FIRST_WORD, text.ids), text.lengths)

    fields = (without(batch.context), without(batch.question), batch.answer)
    return Batch(*fields, None, batch.rows)


class Draw:
    """Seeded random tensors on a device."""

    def __init__(self, device, seed=3):
        self.device, self.g = device, torch.Generator().manual_seed(seed)

    def normal(self, *shape, scale=1.0, leaf=True):
        x = torch.randn(*shape, generator=self.g) * scale
        return x.to(self.device).requires_grad_(leaf)

    def lengths(self, count, longest):
        shortest = max(2, round(0.6 * longest))
        ragged = torch.randint(shortest, longest + 1, (count,), generator=self.g)
        ragged[0] = longest
        return ragged.to(self.device)

    def mask(self, count, longest):
        return mask_of(self.lengths(count, longest), longest)


def trained(model):
    """Parameters that get a gradient."""
    return [p for name, p in model.named_parameters() if "unused" not in name]


def original(model):
    return Original(model)


def both(outputs, weights, leaves):
    """Outputs and the gradients of their weighted sum: what a call with backward returns."""
    total = sum((x * w).sum() for x, w in zip(outputs, weights, strict=True))
    return [*(x.detach() for x in outputs), *torch.autograd.grad(total, leaves)]
