"""A race as a plain PyTorch script: the same batches, the same first weights, the same numbers, without rnnviz.

There is one for the cells that PyTorch has, without layer norm and residual connections: see :func:`offered`.
"""

from __future__ import annotations

from rnnviz import tasks
from rnnviz.race import FIELD, Race
from rnnviz.registry import Cell, cell_named
from rnnviz.tasks import Task, base, labels
from rnnviz.tasks.text import Text
from rnnviz.training import fitting, model
from rnnviz.training.snippet_data import BATCHES
from rnnviz.training.snippet_data import (
    TEXT_FILE as TEXT_FILE,
)  # for whoever writes the file beside the script


def offered(race: Race, cell_name: str) -> bool:
    """Whether there is a script for a cell of the race. ``ValueError`` for an unknown cell."""
    return cell_named(cell_name).torch_class is not None and not (race.layernorm or race.residual)


def script(race: Race, cell_name: str) -> str:
    """A script that imports torch and math alone and prints step and losses of every epoch.

    In the end it says which weights it keeps, those with the lowest validation loss, and their test loss; the script of
    a race of the first version, which chose by the test loss, keeps none. Its numbers are those of
    :func:`rnnviz.training.fitting.fit` on the same machine, and it stops where that one diverges. The text task also
    reads the file :data:`TEXT_FILE`, which :func:`text_file` gives. ``ValueError`` where none is :func:`offered`.
    """
    cell = cell_named(cell_name)
    if not offered(race, cell_name):
        raise ValueError(
            f"expected one of PyTorch's own cells without layer norm and residual, got {cell_name!r} of {race}; "
            "take the weights of the trained network instead"
        )
    task = tasks.make(race)
    head = [
        f"# {FIELD['task'].label_of(race.task)}, learned by the {cell.label}, with PyTorch alone:",
        "# the batches, the first weights and the numbers of rnnviz.",
        "import math",
        "",
        "import torch",
        "from torch import nn",
        *(["from torch.nn.functional import one_hot"] if race.task in ("copy", "text") else []),
    ]
    sizes = [
        f"T, D, H, O = {_steps(race, task)}, {task.D}, {race.hidden}, {task.O}  # steps, inputs, units, outputs",
        f"B, STEPS, EPOCH = {race.batch}, {race.steps}, {race.per_epoch}  # batch, training steps, steps of an epoch",
    ]
    body = [_data(race, task), _network(race, cell), _learning(race, task)]
    return "\n".join(head) + "\n\n" + "\n".join(sizes) + "\n\n\n" + "\n\n".join(body) + "\n"


def text_file(race: Race) -> str:
    """The text as the script reads it: letters outside of the alphabet have been replaced."""
    task = tasks.make(race)
    if not isinstance(task, Text):
        raise ValueError(f"expected the task text, got {race.task!r}; only that one reads a text")
    return task.text


def _steps(race: Race, task: Task) -> int:
    return task.length if isinstance(task, Text) else race.length


def _data(race: Race, task: Task) -> str:
    """``batch(count, generator)``, and the parts ``x_held``, ``y_held`` and ``x_test``, ``y_test``.

    ``scored`` are the steps that count.
    """
    held, apart = f"torch.Generator().manual_seed({base.VALIDATION_STREAM + race.seed})", race.version > 1
    test = f"torch.Generator().manual_seed({base.STREAM + race.seed})"
    lines = [BATCHES[race.task](race, task), "", ""]
    if race.task == "labels":
        lines += [
            f"known_x, known_y = drawn({labels.KNOWN}, {test})",
            *[f"x_held, y_held = drawn({base.TEST}, {held})  # for validation"] * apart,
            f"x_test, y_test = drawn({labels.NEW}, torch.Generator().manual_seed({2 * base.STREAM + race.seed}))",
        ]
    elif race.task == "text":
        lines += ["x_held, y_held = windows(torch.tensor(HELD))  # for validation"] * apart
        lines += ["x_test, y_test = windows(torch.tensor(STARTS))"]
    else:
        lines += [f"x_held, y_held = batch({base.TEST}, {held})  # for validation"] * apart
        lines += [f"x_test, y_test = batch({base.TEST}, {test})"]
    scored = "[T - 1]" if len(task.test.scored) == 1 else "list(range(len(x_test)))"
    return "\n".join([*lines, f"scored = {scored}  # the steps that the loss counts"])


def _network(race: Race, cell: Cell) -> str:
    relu = ', nonlinearity="relu"' if cell.name == "rnn_relu" else ""
    lines = [
        f"torch.manual_seed({race.seed})",
        f"rnn = nn.{cell.torch_class}(D, H{relu})",
        "head = nn.Linear(H, O)",
        f"generator = torch.Generator().manual_seed({model.STREAM + race.seed})",
        "with torch.no_grad():",
        "    for parameter in head.parameters():",
        "        parameter.uniform_(-1 / math.sqrt(H), 1 / math.sqrt(H), generator=generator)",
    ]
    if cell.forget and race.forget is not None:
        at = cell.blocks.index(cell.forget)
        rows = f"{at} * H : {at + 1} * H" if at else ":H"
        lines += [
            f"    rnn.bias_ih_l0[{rows}] = {float(race.forget)!r}  # the forget gate",
            f"    rnn.bias_hh_l0[{rows}] = 0",
        ]
    return "\n".join(lines)


def _learning(race: Race, task: Task) -> str:
    loss = (
        "(answer - y).square().mean()"
        if task.kind == "regression"
        else "nn.functional.cross_entropy(answer.flatten(0, 1), y.flatten())"
    )
    optimiser = {
        "adam": f"Adam(parameters, lr={float(race.rate)!r})",
        "rmsprop": f"RMSprop(parameters, lr={float(race.rate)!r})",
        "momentum": f"SGD(parameters, lr={float(race.rate)!r}, momentum=0.9)",
        "sgd": f"SGD(parameters, lr={float(race.rate)!r})",
    }[race.optimiser]
    take = (
        ["    if finite:", "        optimiser.step()"]
        if race.clip is None
        else [
            "    if finite:",
            f"        if norm > {float(race.clip)!r}:  # clip: the gradient keeps its direction",
            "            for p in parameters:",
            f"                p.grad *= {float(race.clip)!r} / norm",
            "        optimiser.step()",
        ]
    )
    apart = race.version > 1
    judge, said = ("held", ", validation loss {held:.6g}") if apart else ("test", "")
    begin = [
        "with torch.no_grad():",
        "    best, test = loss_of(x_held, y_held).item(), loss_of(x_test, y_test).item()",
        "    kept = 0, test, [p.clone() for p in parameters]",
    ]
    keep = [
        "        if held < best:  # the test sequences have no say in it",
        "            best, kept = held, (taken, test, [p.detach().clone() for p in parameters])",
    ]
    end = [
        "with torch.no_grad():",
        "    for p, value in zip(parameters, kept[2]):",
        "        p.copy_(value)",
        'print(f"kept: step {kept[0]}, validation loss {best:.6g}, test loss {kept[1]:.6g}")',
    ]
    return "\n".join(
        [
            "",
            "def loss_of(x, y):",
            "    answer = head(rnn(x)[0])[scored]",
            f"    return {loss}",
            "",
            "",
            "parameters = [*rnn.parameters(), *head.parameters()]",
            f"optimiser = torch.optim.{optimiser}",
            f"generator = torch.Generator().manual_seed({fitting.STREAM + race.seed})",
            "losses = []",
            *begin * apart,
            "for step in range(1, STEPS + 1):",
            "    loss = loss_of(*batch(B, generator))",
            "    optimiser.zero_grad()",
            "    loss.backward()",
            "    norm = math.hypot(*(p.grad.norm(dtype=torch.float64).item() for p in parameters))",
            "    losses.append(loss.item())",
            "    finite = math.isfinite(losses[-1]) and math.isfinite(norm)  # else the step is not taken",
            *take,
            "    if not finite or step % EPOCH == 0 or step == STEPS:",
            "        with torch.no_grad():",
            "            test = loss_of(x_test, y_test).item()",
            *["            held = loss_of(x_held, y_held).item()"] * apart,
            "        taken = step if finite else step - 1",
            f'        print(f"step {{taken}}: loss {{sum(losses) / len(losses):.6g}}{said}, test loss {{test:.6g}}")',
            *keep * apart,
            "        losses = []",
            f"        if not (finite and math.isfinite({judge})):",
            '            print("diverged: a number that is not finite")',
            "            break",
            *end * apart,
        ]
    )
