"""Curves of cost: every axis changes one thing, batches are as described, lines are whole."""

import csv

import pytest
import torch

from mqan.example import EOS, INIT, PAD
from mqan.scale import (
    BEYOND,
    PAPER,
    SMALL,
    Plan,
    Point,
    Shape,
    fit,
    points,
    random_batch,
    run,
    shapes,
    write,
)

TINY = Plan(8, Point(Shape(2, 9, 4, 4), 50, 1), {"context": (5, 9), "vocabulary": (50,)})


@pytest.mark.parametrize("shape", [Shape(5, 30, 9, 7), Shape(3, 3, 2, 3), Shape(1, 2, 2, 2)])
def test_batches_are_ragged_and_real(shape):
    batch = random_batch(shape, 100, torch.Generator().manual_seed(0))
    for field, longest in zip(
        (batch.context, batch.question, batch.answer),
        (shape.context, shape.question, shape.answer),
        strict=True,
    ):
        assert field.ids.shape == (shape.batch, longest)
        assert field.lengths.max() == longest
        assert (field.ids[:, 0] == INIT).all()
        real = torch.arange(longest) < field.lengths.unsqueeze(1)
        assert torch.equal(field.ids != PAD, real)
        assert (field.ids.gather(1, field.lengths.unsqueeze(1) - 1) == EOS).all()
        assert field.ids.max() < 100 + BEYOND


def test_batches_have_repeats_copies_and_words_beyond():
    batch = random_batch(Shape(8, 60, 12, 20), 500, torch.Generator().manual_seed(0))
    assert (batch.context.ids >= 500).any()
    context, answer = batch.context.ids[0], batch.answer.ids[0]
    assert len(context.unique()) < len(context)
    assert torch.isin(answer[1:-1], context).float().mean() > 0.3
    again = random_batch(Shape(8, 60, 12, 20), 500, torch.Generator().manual_seed(0))
    assert torch.equal(batch.answer.ids, again.answer.ids)


@pytest.mark.parametrize("plan", [SMALL, PAPER])
def test_an_axis_changes_one_thing(plan):
    for axis, value, point in points(plan):
        owner = point if axis in ("vocabulary", "tasks") else point.shape
        assert getattr(owner, axis) == value
        back = {"vocabulary": plan.base, "tasks": plan.base}.get(axis, plan.base.shape)
        differing = [f for f in vars(owner) if getattr(owner, f) != getattr(back, f)]
        assert set(differing) <= {axis}


def test_tasks_in_turn_cost_about_the_same():
    made = shapes(Point(Shape(22, 400, 15, 20), 50_000, 10))
    costs = [s.batch * max(s.context, 5 * s.answer) for s in made]
    assert len(made) == 10
    assert max(costs) <= 8800
    assert min(costs) > 8000


def test_a_small_plan_is_measured_and_written(tmp_path):
    before, told = torch.get_num_threads(), []
    costs = run(TINY, "cpu", 1, 2, told.append)
    assert told == costs
    assert torch.get_num_threads() == before
    write(costs, tmp_path / "scale.csv")
    with (tmp_path / "scale.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    assert [(r["axis"], r["value"]) for r in rows] == [
        ("context", "5"),
        ("context", "9"),
        ("vocabulary", "50"),
    ]
    assert all(float(r["step_s"]) > 0 and float(r["tokens_per_s"]) > 0 for r in rows)
    assert [r["context"] for r in rows] == ["5", "9", "9"]
    assert set(fit(costs)) == {"context"}
