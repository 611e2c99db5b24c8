"""Agreement with tensors, losses, gradients and decodes of the original code (option --golden)."""

import json
from pathlib import Path

import pytest
import torch

from mqan.batch import Batch, Field
from mqan.example import EOS, PAD
from mqan.interop.decanlp import convert, load
from mqan.model.mixture import probabilities
from mqan.model.mqan import MQAN
from mqan.model.search import greedy

pytestmark = pytest.mark.golden

TOLERANCE = 1e-5  # the original's own float32 and float64 differ by up to 1.2e-6
RELATIVE = 1e-4


def pytest_generate_tests(metafunc):
    if "name" in metafunc.fixturenames:
        folder = Path(metafunc.config.getoption("--golden")) / "mqan"
        names = sorted(path.stem for path in folder.glob("*.pt"))
        metafunc.parametrize("name", names or [pytest.param("none", marks=_absent(folder))])


def _absent(folder):
    return pytest.mark.skip(reason=f"no cases in {folder}: agreement was NOT checked")


class Case:
    """A golden case with our model on it. Ids are the original's limited ones throughout."""

    def __init__(self, folder: Path, name: str) -> None:
        self.data = torch.load(folder / "mqan" / f"{name}.pt", weights_only=True)
        self.info = json.loads((folder / "mqan" / f"{name}.json").read_text(encoding="utf-8"))
        heads = self.info["config"]["transformer_heads"]
        config, weights = convert(self.data["model_state_dict"], heads)
        rates = {"dropout": 0.0, "input_dropout": 0.0, "coattention_dropout": 0.0}
        config = type(config).from_dict(config.to_dict() | rates)
        full = {int(k): v for k, v in self.info["limited_idx_to_full_idx"].items()}
        self.to_full = torch.tensor([full[i] for i in range(len(full))])
        self.vectors = self.data["vectors"].float()[self.to_full]
        self.model = MQAN(config, self.vectors)
        self.model.load_state_dict(weights)
        self.model.train()

    def field(self, name: str) -> Field:
        batch = self.data["batch"]
        return Field(batch[f"{name}_limited"], batch[f"{name}_lengths"])

    def batch(self) -> Batch:
        names = ("context", "question", "answer", "context_question")
        return Batch(
            *(self.field(n) for n in names), torch.arange(len(self.data["batch"]["answer"]))
        )


@pytest.fixture
def case(golden, name):
    return Case(golden, name)


def close(ours, theirs, where=None):
    if where is not None:
        ours, theirs = ours[where], theirs[where]
    torch.testing.assert_close(ours, theirs, atol=TOLERANCE, rtol=TOLERANCE)


def capture(model, batch):
    """Run the training forward and keep what the modules return, under the original's names."""
    seen = {}

    def keep(*names):
        queue = list(names)

        def hook(_module, _inputs, output):
            if queue:
                seen[queue.pop(0)] = output

        return hook

    encoder, decoder = model.encoder, model.decoder
    streams = ["context"] if len(encoder.streams) == 1 else ["context", "question"]
    hooks = [
        encoder.projection.register_forward_hook(keep(*(f"{s}_embedded" for s in streams))),
        encoder.independent.register_forward_hook(keep(*(f"{s}_encoded" for s in streams))),
        encoder.coattention.register_forward_hook(keep("coattended")),
        decoder.projection.register_forward_hook(keep("answer_embedded")),
        decoder.answer.register_forward_hook(keep("self_attended_decoded")),
    ]
    for ours, theirs in zip(encoder.pointers, streams, strict=False):
        if ours in encoder.deepen:
            part = encoder.deepen[ours]
            hooks.append(part.compress.register_forward_hook(keep(f"condensed_{theirs}")))
            hooks.append(part.register_forward_hook(keep(f"memory_{theirs}")))
    state = model.start(batch)
    mixture, after = model.step(batch.answer.ids[:, :-1], state)
    for hook in hooks:
        hook.remove()
    return seen, mixture, state, after


def test_tensors(case):
    batch, train = case.batch(), case.data["train"]
    seen, mixture, state, after = capture(case.model, batch)
    row = case.model.config.row
    fields = dict(
        zip(("context", "question"), (batch.stream(s) for s in row.streams), strict=False)
    )
    compared = 0

    def check(name, ours, where=None):
        nonlocal compared
        close(ours, train[name], where)
        compared += 1

    for name, field in fields.items():
        real = field.ids != PAD
        check(f"{name}_embedded", seen[f"{name}_embedded"])
        check(f"{name}_encoded", seen[f"{name}_encoded"][0])
        if row.coattention:
            at = list(fields).index(name)
            if f"coattended_{name}" in train:
                check(f"coattended_{name}", seen["coattended"][at], real)
        memory = seen.get(f"memory_{name}")
        if memory is not None:
            check(f"condensed_{name}", seen[f"condensed_{name}"][0])
            check(f"final_{name}", memory.final)
            for i, encoding in enumerate(memory.encodings):
                check(f"self_attended_{name}.{i}", encoding, real)
    steps = batch.answer.ids[:, 1:] != PAD
    close(seen["answer_embedded"], train["answer_embedded"][:, :-1])
    if row.self_attention:
        check("self_attended_decoded", seen["self_attended_decoded"][0], steps)
    check("decoder_init_h", state.h.transpose(0, 1))
    check("decoder_init_c", state.c.transpose(0, 1))
    check("rnn_output", mixture.hidden, steps)
    check("context_attention", mixture.pointers[0].scores.softmax(-1), steps)
    check("vocab_pointer_switch", mixture.gate.sigmoid().unsqueeze(-1), steps)
    if mixture.between is not None:
        check("question_attention", mixture.pointers[1].scores.softmax(-1), steps)
        check("context_question_switch", mixture.between.sigmoid().unsqueeze(-1), steps)
    whole = steps.all(1)
    close(after.h.transpose(0, 1)[:, whole], train["decoder_h_last"][:, whole])
    close(after.c.transpose(0, 1)[:, whole], train["decoder_c_last"][:, whole])
    out = case.model.out
    p = probabilities(mixture, out.weight, out.bias, train["probs"].shape[-1])
    check("probs", p, steps)
    # Every tensor of the case has a counterpart here, except states of padded rows and raw halves.
    known = {
        "answer_embedded",
        "context_rnn_h_raw",
        "context_rnn_c_raw",
        "vocab_scores_flat",
        "loss",
    }
    known |= {
        "last_context_alignment",
        "last_question_alignment",
        "decoder_h_last",
        "decoder_c_last",
    }
    logits = out(mixture.hidden).flatten(0, 1)
    close(logits, train["vocab_scores_flat"], steps.flatten())
    assert compared == len(set(train) - known)


def test_loss_and_gradients(case):
    loss = case.model.loss(case.batch())
    assert loss.item() == pytest.approx(case.info["loss_float64"], abs=TOLERANCE, rel=TOLERANCE)
    loss.backward()
    total = torch.nn.utils.get_total_norm(
        [p.grad for p in case.model.parameters() if p.grad is not None]
    )
    torch.testing.assert_close(total, case.data["grad_total_norm"], rtol=RELATIVE, atol=1e-8)
    ours = dict(case.model.named_parameters())
    if "grads" in case.data:
        _, theirs = convert(case.data["model_state_dict"] | case.data["grads"])
        without = {n for n, p in ours.items() if p.grad is None}
        assert len(without) == len(case.info["params_without_gradient"])
        for name in set(ours) - without:
            scale = theirs[name].abs().max().item()
            error = (ours[name].grad - theirs[name]).abs().max().item()
            # Gradients start from p - 1: where p is nearly 1, float32 leaves an absolute error of
            # one epsilon in the original itself (in float64 ours and theirs part by less).
            assert error <= RELATIVE * scale + torch.finfo(torch.float32).eps, (name, error, scale)
    for name, norm in _converted_norms(case).items():
        grad = ours[name].grad
        assert grad is not None, name
        torch.testing.assert_close(grad.norm(), norm, rtol=RELATIVE, atol=2e-7)


def _converted_norms(case):
    from mqan.interop.decanlp import rename

    variant = case.model.config.variant
    return {rename(name, variant): norm for name, norm in case.data["grad_norms"].items()}


@pytest.mark.parametrize("decode", ["released", "consistent"])
def test_greedy(case, decode):
    theirs = case.data["greedy" if decode == "released" else "greedy_train_consistent"]
    length = theirs["outs"].shape[1]
    ours = greedy(case.model, case.batch(), length, decode).ids
    for mine, full in zip(ours, theirs["outs"], strict=True):
        words = [int(case.to_full[i]) for i in _until_eos(mine)]
        assert words == _until_eos(full)


@pytest.mark.parametrize("decode", ["released", "consistent"])
def test_step_probabilities(case, decode):
    """Feed the original's own words, one by one: the same distributions at every step."""
    theirs = case.data["greedy" if decode == "released" else "greedy_train_consistent"]
    case.model.eval()
    limited = {int(full): i for i, full in reversed(list(enumerate(case.to_full)))}
    state = case.model.start(case.batch(), decode)
    word = torch.full((len(theirs["outs"]), 1), 2)
    alive = torch.ones(len(word), dtype=torch.bool)
    for t, expected in enumerate(theirs["probs_per_step"].unbind(1)):
        mixture, state = case.model.step(word, state)
        out = case.model.out
        p = probabilities(mixture, out.weight, out.bias, expected.shape[-1])[:, 0]
        close(p, expected, alive)
        full = theirs["outs"][:, t]
        alive &= (full != EOS) & (full != PAD)
        word = torch.tensor([[limited[int(i)]] for i in full])
        if not alive.any():
            break


def _until_eos(ids):
    words = []
    for i in ids.tolist():
        if i in (EOS, PAD):
            break
        words.append(i)
    return words


def test_adam_trajectory(case):
    """Five updates as the original takes them: clipping, betas, epsilon, learning rates."""
    trajectory = case.info["adam_trajectory"]["float32"]
    stable = max(case.info["adam_trajectory"]["float64"]["losses"]) < 2 * trajectory["losses"][0]
    optimiser = torch.optim.Adam(case.model.parameters(), betas=(0.9, 0.98), eps=1e-9)
    width = case.model.config.width
    batch = case.batch()
    for i, (loss, norm) in enumerate(
        zip(trajectory["losses"], trajectory["grad_norms_before_clip"], strict=True), 800
    ):
        for group in optimiser.param_groups:
            group["lr"] = width**-0.5 * min(i**-0.5, i * 800**-1.5)
        optimiser.zero_grad()
        ours = case.model.loss(batch)
        ours.backward()
        assert ours.item() == pytest.approx(loss, rel=1e-3, abs=1e-4)
        seen = torch.nn.utils.clip_grad_norm_(case.model.parameters(), 1.0)
        assert seen.item() == pytest.approx(norm, rel=1e-2)
        if not stable:
            break  # tiny gradients that Adam blows up: the original does not agree with itself
        optimiser.step()


def test_original_checkpoint_is_read_without_running_it(case, tmp_path):
    path = tmp_path / "original.pth"
    torch.save({"model_state_dict": case.data["model_state_dict"], "field": None}, path)
    weights, words = load(path)
    assert words is None
    assert set(weights) == set(case.data["model_state_dict"])
