"""A network of the gallery, watched on a real input: what the page shows of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from rnnviz.architectures.config import Shape
from rnnviz.architectures.model import build_model, model_of
from rnnviz.architectures.points import Clock, clocks_of, points_of
from rnnviz.architectures.problems import Problem, problem_of
from rnnviz.architectures.seen import Seen, Stage, Strip, Told
from rnnviz.architectures.sizes import CONTEXTS
from rnnviz.architectures.watched import Caught, Watched, watch
from rnnviz.gradients import step_norms


@torch.inference_mode(False)
@torch.enable_grad()
def observe(shape: Shape, tensors: Mapping[str, Tensor] | None = None) -> Seen:
    """Watch the network with these weights, or with None the untrained one, on the batch of its shape and seed.

    The batch is the same whatever the weights, and is never learned from. ``ValueError`` for weights that do not fit.
    """
    problem = problem_of(shape)
    model = build_model(shape) if tensors is None else model_of(shape, tensors)
    points = points_of(shape)
    watched = watch(model)
    caught = Caught(model, points)
    x, y = problem.shown
    answer = model(x)
    states = [entry for layer in watched for entry in layer.h]
    said, truth = problem.first(answer, y)
    first = said[0] if shape.kind == "contexts" else said
    loss = problem.loss(first, truth)
    told: tuple[Told, ...] = ()
    if shape.kind == "contexts":
        told = _told(problem, caught, points, said, truth, states)
        strips = tuple(strip for one in told for strip in one.strips)
    else:
        strips = _strips(clocks_of(shape), states, loss)
    weights = _caught(caught, points, "α")
    return Seen(
        stages=tuple(
            Stage(point.name, point.letters, tuple(tensor.shape), point.words, times)
            for point, tensor, times in zip(points, caught.first, caught.times, strict=True)
            if tensor is not None
        ),
        strips=strips,
        x=x[:, 0],
        answer=shown(problem, first),
        truth=_truth(problem, truth),
        answered=problem.answered,
        loss=loss.item(),
        weights=None if weights is None else weights.detach()[:, :1, 0].T.contiguous(),
        contexts=told,
        beside=_without_skips(problem, tensors) if shape.kind == "residual" else (),
    )


def _strips(clocks: Sequence[Clock], states: Sequence[list[Tensor]], loss: Tensor) -> tuple[Strip, ...]:
    """The states of sequence 0 by each clock, and the norm of dL/dh at every step of it."""
    wanted = [h for entry in states for h in entry]
    found = iter(torch.autograd.grad(loss, wanted, retain_graph=True, allow_unused=True))
    strips = []
    for (name, t), entry in zip(clocks, states, strict=True):
        gradients = [next(found) for _ in entry]
        dh = None
        if any(gradient is not None for gradient in gradients):
            filled = [
                torch.zeros_like(h) if gradient is None else gradient
                for h, gradient in zip(entry, gradients, strict=True)
            ]
            dh = step_norms(torch.stack(filled)[:, :1])
        strips.append(Strip(name, torch.stack(entry)[:, 0].detach(), dh, t))
    return tuple(strips)


def _told(
    problem: Problem,
    caught: Caught,
    points: Sequence[object],
    said: Tensor,
    truth: Tensor,
    states: Sequence[list[Tensor]],
) -> tuple[Told, ...]:
    """The three networks one by one: none of them flows into another."""
    clocks = clocks_of(problem.shape)
    found = []
    for k, (name, label) in enumerate(CONTEXTS):
        c = _caught(caught, points, label)
        assert c is not None
        loss = problem.loss(said[k], truth)
        (dc,) = torch.autograd.grad(loss, [c], retain_graph=True)
        strips = _strips(clocks[2 * k : 2 * k + 2], states[2 * k : 2 * k + 2], loss)
        found.append(
            Told(
                name,
                label,
                c[0].detach(),
                step_norms(dc[:1].unsqueeze(0)).item(),
                said[k, :, 0].detach(),
                loss.item(),
                strips,
            )
        )
    return tuple(found)


def _caught(caught: Caught, points: Sequence[object], name: str) -> Tensor | None:
    """The tensor at the point of that name, if there is one."""
    for point, tensor in zip(points, caught.first, strict=True):
        if getattr(point, "name", None) == name:
            return tensor
    return None


def shown(problem: Problem, answer: Tensor) -> Tensor:
    """The answers of sequence 0 (M, O), those of classes as probabilities."""
    rows = answer.detach()
    if problem.kind == "classes":
        return rows.softmax(-1)
    return rows.squeeze(-2) if rows.dim() == 3 else rows


def _truth(problem: Problem, truth: Tensor) -> Tensor:
    if problem.kind == "classes":
        return nn.functional.one_hot(truth, problem.O).float()
    return truth.squeeze(-2) if truth.dim() == 3 else truth


def _without_skips(problem: Problem, tensors: Mapping[str, Tensor] | None) -> tuple[Strip, ...]:
    """The strips of the same weights with every layer reading the states below it alone."""
    shape = problem.shape
    model = build_model(shape) if tensors is None else model_of(shape, tensors)
    watched: list[Watched] = watch(model)
    x, y = problem.shown
    h = model.get_submodule("embed")(x)
    for layer in watched:
        h, _ = layer(h)
    answer, truth = problem.first(model.get_submodule("head")(h), y)
    return _strips(
        clocks_of(shape), [entry for one in watched for entry in one.h], problem.loss(answer, truth)
    )
