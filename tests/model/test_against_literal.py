"""The fast network against literal loops in float64: losses, gradients, decodes, odd shapes."""

import pytest
import torch
from reference import literal

from mqan.batch import Batch, Field
from mqan.example import EOS, FIRST_WORD, INIT, PAD
from mqan.model.config import VARIANTS, ModelConfig
from mqan.model.mixture import probabilities
from mqan.model.mqan import MQAN
from mqan.model.search import greedy

WORDS, GENERABLE = 30, 20
RATES = {"dropout": 0.0, "input_dropout": 0.0, "coattention_dropout": 0.0}


COVE = {"cove_hidden": 3, "cove_first": 1, "cove_width": 4}
# Every variant on words, and with each form of CoVe in front of them.
MODELS = [*VARIANTS, "qptr+cove", "s2s+cove0"]


def model_of(variant, **sizes):
    """A model in float64; `qptr+cove` and `qptr+cove0` have an untrained MT-LSTM."""
    torch.manual_seed(1)
    variant, _, vectors = variant.partition("+")
    cove = COVE | {"cove_layers": 1 + (vectors == "cove0")} if vectors else {}
    sizes = cove | sizes
    sizes = {"width": 10, "heads": 3, "layers": 2, "hidden": 7, "rnn_layers": 1} | sizes
    config = ModelConfig(variant=variant, vector_width=6, generable=GENERABLE, **sizes, **RATES)
    model = MQAN(config, torch.randn(WORDS, 6)).double()
    model.words.table = model.words.table.double()
    return model.train()


def text(*words):
    return torch.tensor([INIT, *words, EOS])


def pad(texts):
    width = max(len(t) for t in texts)
    ids = torch.full((len(texts), width), PAD)
    for row, t in zip(ids, texts, strict=True):
        row[: len(t)] = t
    return Field(ids, torch.tensor([len(t) for t in texts]))


def random_examples(seed, count=5):
    """Ragged texts with repeats, words beyond the generable ones, targets in neither source."""
    g = torch.Generator().manual_seed(seed)

    def some(low, high):
        length = int(torch.randint(low, high, (1,), generator=g))
        return text(*torch.randint(FIRST_WORD, WORDS, (length,), generator=g).tolist())

    return [(some(1, 9), some(1, 6), some(0, 5)) for _ in range(count)]


SHAPES = {
    "ragged": random_examples(3),
    "length-1 texts, empty answer": [
        (torch.tensor([INIT]), torch.tensor([INIT]), text(5)),
        (text(25), torch.tensor([INIT]), text()),
    ],
    "one word over and over": [
        (text(*[27] * 7), text(*[27] * 3), text(27, 27)),
        (text(*[5] * 2), text(*[5] * 4), text(5)),
    ],
    "one example": random_examples(5, 1),
}


def batch_of(examples):
    context, question, answer = (pad(list(side)) for side in zip(*examples, strict=True))
    joined = pad([torch.cat([c, q]) for c, q, _ in examples])
    return Batch(context, question, answer, joined, torch.arange(len(examples)))


def literal_examples(model, examples):
    if model.config.reads_joined:
        return [([torch.cat([c, q])], a) for c, q, a in examples]
    return [([c, q], a) for c, q, a in examples]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("variant", MODELS)
def test_loss_and_gradients(variant, shape):
    model = model_of(variant)
    ours = model.loss(batch_of(SHAPES[shape]))
    parameters = [p for _, p in _named(model)]
    grads = torch.autograd.grad(ours, parameters, allow_unused=True)
    theirs = literal.loss(model, literal_examples(model, SHAPES[shape]), WORDS)
    expected = torch.autograd.grad(theirs, parameters, allow_unused=True)
    torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-12)
    for grad, other, (name, _) in zip(grads, expected, _named(model), strict=True):
        assert (grad is None) == (other is None), name
        torch.testing.assert_close(grad, other, rtol=1e-7, atol=1e-11, msg=lambda m, n=name: n + m)


def _named(model):
    named = model.named_parameters()
    return [(n, p) for n, p in named if "unused" not in n and p.requires_grad]


@pytest.mark.parametrize(
    ("variant", "sizes"),
    [
        ("qptr", {"rnn_layers": 3}),
        ("s2s", {"rnn_layers": 2}),
        ("qptr", {"width": 14, "heads": 6, "layers": 1}),
    ],
)
def test_other_sizes(variant, sizes):
    model = model_of(variant, **sizes)
    examples = SHAPES["ragged"]
    theirs = literal.loss(model, literal_examples(model, examples), WORDS)
    torch.testing.assert_close(model.loss(batch_of(examples)), theirs, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("variant", MODELS)
def test_distributions_and_their_sum(variant):
    model = model_of(variant)
    examples = SHAPES["ragged"]
    batch = batch_of(examples)
    mixture, _ = model.step(batch.answer.ids[:, :-1], model.start(batch))
    ours = probabilities(mixture, model.out.weight, model.out.bias, WORDS)
    for row, (texts, answer) in zip(ours, literal_examples(model, examples), strict=True):
        theirs = literal.distributions(model, texts, answer[:-1], WORDS)
        # Batched attention leaves 1e-10 on each padding position, as the original does.
        torch.testing.assert_close(row[: len(theirs)], theirs, rtol=1e-9, atol=1e-8)
    torch.testing.assert_close(ours.sum(-1), torch.ones_like(ours[..., 0]), rtol=0, atol=1e-7)


@pytest.mark.parametrize("variant", MODELS)
def test_stepping_equals_teacher_forcing(variant):
    model = model_of(variant, rnn_layers=2).eval()
    batch = batch_of(SHAPES["ragged"])
    words = batch.answer.ids[:, :-1]
    whole, end = model.step(words, model.start(batch))
    state = model.start(batch)
    for t in range(words.shape[1]):
        part, state = model.step(words[:, t : t + 1], state)
        for ours, all_at_once in ((part.hidden, whole.hidden), (part.gate, whole.gate)):
            torch.testing.assert_close(ours[:, 0], all_at_once[:, t], rtol=0, atol=1e-12)
        for one, every in zip(part.pointers, whole.pointers, strict=True):
            torch.testing.assert_close(one.scores[:, 0], every.scores[:, t], rtol=0, atol=1e-11)
    torch.testing.assert_close(state.c, end.c, rtol=0, atol=1e-12)


def literal_greedy(model, texts, max_length):
    """Search without any cache: the whole prefix again for each word, the whole vocabulary."""
    prefix = [INIT]
    while len(prefix) <= max_length:
        p = literal.distributions(model, texts, torch.tensor(prefix), WORDS)[-1]
        prefix.append(int(p.argmax()))
        if prefix[-1] == EOS:
            break
    return prefix[1:]


@pytest.mark.parametrize("variant", MODELS)
def test_greedy_is_the_argmax_of_the_whole_distribution(variant):
    examples = random_examples(11, 9)
    model = model_of(variant)
    _learn(model, batch_of(examples))  # so that pointers, switches and <eos> mean something
    decoded = greedy(model, batch_of(examples), 6)
    for ids, (texts, _) in zip(decoded.ids, literal_examples(model, examples), strict=True):
        expected = literal_greedy(model, texts, 6)
        assert ids.tolist()[: len(expected)] == expected
        assert set(ids.tolist()[len(expected) :]) <= {PAD}
    real = decoded.ids != PAD
    sums = decoded.sources.sum(-1)
    torch.testing.assert_close(sums[real], torch.ones_like(sums[real]))


def _learn(model, batch, steps=60):
    optimiser = torch.optim.Adam(model.parameters(), 1e-2)
    for _ in range(steps):
        optimiser.zero_grad()
        loss = model.loss(batch)
        loss.backward()
        optimiser.step()
    return loss.item()


@pytest.mark.parametrize("variant", MODELS)
def test_learns_ten_examples_by_heart(variant):
    examples = [e for e in random_examples(2, 20) if len(e[2]) > 2][:10]
    # Targets must be reachable: answers are drawn from the context.
    examples = [(c, q, text(*c[1:-1][:3].tolist())) for c, q, _ in examples]
    model = model_of(variant).train()
    assert _learn(model, batch_of(examples), 240) < 0.1


@pytest.mark.parametrize("variant", MODELS)
def test_padding_and_company_change_nothing(variant):
    """An example alone, in a batch, in another order, and behind more padding: the same output."""
    model = model_of(variant)
    examples = random_examples(4, 6)
    _learn(model, batch_of(examples), 30)
    together = greedy(model, batch_of(examples), 8)
    losses = [model.loss(batch_of([e])).item() for e in examples]
    longer = (text(*range(4, 29)), text(*range(4, 20)), text(*range(4, 12)))
    for at, example in enumerate(examples):
        alone = greedy(model, batch_of([example]), 8)
        beside = greedy(model, batch_of([longer, example]), 8)
        mine = _words(together.ids[at])
        assert _words(alone.ids[0]) == mine
        assert _words(beside.ids[1]) == mine
        batch = batch_of([longer, example])
        nothing = batch.answer.ids.clone()
        nothing[0, 1:] = PAD  # the long companion keeps no target: the mean is the example's own
        answer = Field(nothing, batch.answer.lengths)
        padded = Batch(batch.context, batch.question, answer, batch.joined, batch.rows)
        assert model.loss(padded).item() == pytest.approx(losses[at], rel=1e-10)


def _words(ids):
    return [i for i in ids.tolist() if i != PAD]
