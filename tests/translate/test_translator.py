"""The translator alone: padding, causality, what is learnt, what it cannot write."""

import math

import pytest
import torch
from model.test_against_literal import WORDS, batch_of, random_examples
from torch import nn

from mqan.batch import Batch
from mqan.example import FIRST_WORD, UNK
from mqan.model.cove import published
from mqan.translate.translator import Translator, perplexity

CLASSES = 12


def translator(hidden=4, dropout=0.0):
    """Words up to CLASSES can be written, the others of WORDS cannot."""
    torch.manual_seed(1)
    classes = torch.arange(WORDS)
    classes[CLASSES:] = UNK
    return Translator(torch.randn(WORDS, 6), classes, hidden, dropout)


EXAMPLES = random_examples(3, 6)


def test_a_batch_is_its_examples_one_by_one():
    model = translator()
    counts = [len(answer) - 1 for _, _, answer in EXAMPLES]
    alone = [model.loss(batch_of([example])).item() for example in EXAMPLES]
    mean = sum(n * loss for n, loss in zip(counts, alone, strict=True)) / sum(counts)
    assert model.loss(batch_of(EXAMPLES)).item() == pytest.approx(mean, rel=1e-6)
    batches = [batch_of(EXAMPLES[:2]), batch_of(EXAMPLES[2:])]
    assert perplexity(model, iter(batches)) == pytest.approx(math.exp(mean), rel=1e-6)


def test_a_plain_loop_gives_the_same_loss():
    """The equations, with nn.LSTM as encoder, one word at a time."""
    model = translator()
    lstm = nn.LSTM(6, 4, 2, bidirectional=True, batch_first=True)
    lstm.load_state_dict(published(model.encoder.state_dict()))
    terms = []
    for context, _, answer in EXAMPLES:
        encoded, (h, c) = lstm(model.words.table[context][None])
        memory = model.keys(encoded[0])
        h, c = (list(x.unflatten(0, (2, 2)).transpose(1, 2).flatten(2)) for x in (h, c))
        output = torch.zeros(1, 8)
        for word, target in zip(model.classes[answer[:-1]], answer[1:], strict=True):
            below = torch.cat([model.embed(word)[None], output], 1)
            for n, cell in enumerate(model.cells):
                below, c[n] = cell(below, (h[n], c[n]))
                h[n] = below
            weights = (memory @ below[0]).softmax(0)
            output = torch.tanh(model.summarise(torch.cat([below, (weights @ memory)[None]], 1)))
            terms.append(-model.out(output).log_softmax(1)[0, model.classes[target]])
    torch.testing.assert_close(model.loss(batch_of(EXAMPLES)), torch.stack(terms).mean())


def test_every_part_learns():
    model = translator()
    model.loss(batch_of(EXAMPLES)).backward()
    assert all(p.grad is not None and p.grad.any() for p in model.parameters())


def test_later_words_do_not_reach_back():
    model, batch = translator(), batch_of(EXAMPLES)
    words = model.classes[batch.answer.ids[:, :-1]]
    other = words.clone()
    other[:, 2:] = FIRST_WORD
    assert not torch.equal(words, other)
    before, after = model.decode(batch, words), model.decode(batch, other)
    assert torch.equal(before[:, :2], after[:, :2])
    assert not torch.equal(before, after)


def test_words_that_cannot_be_written_are_unknown():
    model = translator()
    batch = batch_of([(EXAMPLES[0][0], EXAMPLES[0][1], torch.tensor([2, CLASSES, 3]))])
    unknown = batch_of([(EXAMPLES[0][0], EXAMPLES[0][1], torch.tensor([2, UNK, 3]))])
    assert model.loss(batch) == model.loss(unknown)
    assert model.out.out_features == CLASSES


def test_it_learns_by_heart_and_dropout_is_for_training_only():
    model = translator(hidden=10, dropout=0.1)
    batch: Batch = batch_of(EXAMPLES)
    optimiser = torch.optim.Adam(model.parameters(), 0.02)
    before = perplexity(model, iter([batch]))
    assert model.training
    for _ in range(200):
        optimiser.zero_grad()
        model.loss(batch).backward()
        optimiser.step()
    after = [perplexity(model, iter([batch])) for _ in range(2)]
    assert after[0] == after[1]
    assert before > CLASSES / 2
    assert after[0] < 2
    assert model.loss(batch) != model.loss(batch)  # dropout
