"""Small trained runs for the tests, and what their networks do, computed anew with plain torch."""

from functools import cache
from types import SimpleNamespace

import torch
from through import through
from torch import Tensor
from torch.nn.functional import cross_entropy, linear

from rnnviz import runs, tasks
from rnnviz.race import Race
from rnnviz.variants import step_of

OWNER = "somebody"
HOSTILE = "<img src=x onerror=alert(1)> & <b>bold</b> $x$ `y` [l](javascript:z) \N{SNOWMAN}\t"


def small(**settings: object) -> Race:
    """A race that is trained in a moment."""
    return Race(**{"hidden": 5, "length": 7, "batch": 4, "steps": 10, "rate": 0.05, "seed": 3} | settings)  # type: ignore[arg-type]


@cache
def trained(race: Race) -> str:
    """The id of a run of that race, trained to its end."""
    return through(runs.default().submit("training", race.to_spec(), OWNER)).id


def by_hand(id: str, cell: str, which: str = "best", example: int = 0) -> SimpleNamespace:
    """Gates, states, answer, loss and gradients of a stored network, step by step with autograd alone."""
    run, tensors = runs.default().get(id), runs.default().weights(id, f"{which}:{cell}")
    assert run is not None
    assert tensors is not None
    race = Race.from_spec(run.spec)
    task = tasks.make(race)
    test = task.test
    params = {n[4:].removesuffix("_l0"): t for n, t in tensors.items() if n.startswith("rnn.")}
    step = step_of(cell, layernorm=race.layernorm, residual=race.residual)
    x = test.x[:, example : example + 1].clone().requires_grad_()
    count = 2 if cell.startswith("lstm") else 1
    state: tuple[Tensor, ...] = (torch.zeros(1, race.hidden),) * count
    states, gates = [], []
    for x_t in x:
        done = step(params, x_t, state)
        state = done.state
        states.append(state)
        gates.append(done.gates)
    scored = list(test.scored)
    answer = linear(torch.stack([s[0] for s in states]), tensors["head.weight"], tensors["head.bias"])[scored]
    y = test.y[:, example : example + 1]
    loss = (answer - y).square().mean() if y.is_floating_point() else cross_entropy(answer[:, 0], y[:, 0])
    parts = [[s[k] for s in states] for k in range(count)]
    grads = torch.autograd.grad(loss, [x, *(one for part in parts for one in part)], materialize_grads=True)
    T = len(x)
    norms = [torch.cat(grads[1 + k * T : 1 + (k + 1) * T]).double().norm(dim=1) for k in range(count)]
    return SimpleNamespace(
        x=x.detach()[:, 0],
        h=torch.cat(parts[0]).detach(),
        c=torch.cat(parts[1]).detach() if count == 2 else None,
        gates={name: torch.cat([g[name] for g in gates]).detach() for name in gates[0]},
        answer=answer.detach()[:, 0],
        truth=y[:, 0],
        loss=loss.item(),
        h_norm=norms[0],
        c_norm=norms[1] if count == 2 else None,
        x_norm=grads[0][:, 0].double().norm(dim=1),
        scored=scored,
        labels=task.labels(example),
    )
