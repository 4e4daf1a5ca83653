"""A race as a plain PyTorch script: the same batches, the same first weights, the same numbers, without rnnviz.

There is one for the cells that PyTorch has, without layer norm and residual connections: see :func:`offered`.
"""

from __future__ import annotations

from rnnviz import tasks
from rnnviz.race import FIELD, Race
from rnnviz.registry import Cell, cell_named
from rnnviz.tasks import Task, base, copying, flipflop, labels, sine
from rnnviz.tasks.text import Text
from rnnviz.training import fitting, model

TEXT_FILE = "text.txt"
"""The name under which the script of the text task looks for its text."""


def offered(race: Race, cell_name: str) -> bool:
    """Whether there is a script for a cell of the race. ``ValueError`` for an unknown cell."""
    return cell_named(cell_name).torch_class is not None and not (race.layernorm or race.residual)


def script(race: Race, cell_name: str) -> str:
    """A script that imports torch and math alone and prints step, training loss and test loss of every epoch.

    Its numbers are those of :func:`rnnviz.training.fitting.fit` on the same machine, and it stops where that one
    diverges. The text task also reads the file
    :data:`TEXT_FILE`, which :func:`text_file` gives. Raises ``ValueError`` where none is :func:`offered`.
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
    """``batch(count, generator)``, and the test part as ``x_test``, ``y_test``; ``scored`` are the steps that count."""
    test = f"torch.Generator().manual_seed({base.STREAM + race.seed})"
    lines = [_BATCHES[race.task](race, task), "", ""]
    if race.task == "labels":
        lines += [
            f"known_x, known_y = drawn({labels.KNOWN}, {test})",
            f"x_test, y_test = drawn({labels.NEW}, torch.Generator().manual_seed({2 * base.STREAM + race.seed}))",
        ]
    elif race.task == "text":
        lines += ["x_test, y_test = windows(torch.tensor(STARTS))"]
    else:
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
            "        taken = step if finite else step - 1",
            '        print(f"step {taken}: loss {sum(losses) / len(losses):.6g}, test loss {test:.6g}")',
            "        losses = []",
            "        if not (finite and math.isfinite(test)):",
            '            print("diverged: a number that is not finite")',
            "            break",
        ]
    )


def _adding(race: Race, task: Task) -> str:
    return """\
def batch(count, generator):
    \"\"\"Two numbers out of T are marked, one in each half; the answer is their sum.\"\"\"
    value = torch.rand(T, count, generator=generator)
    first = torch.randint(0, T // 2, (count,), generator=generator)
    second = torch.randint(T // 2, T, (count,), generator=generator)
    marker, every = torch.zeros(T, count), torch.arange(count)
    marker[first, every] = marker[second, every] = 1
    total = value[first, every] + value[second, every]
    return torch.stack([value, marker], -1), total.view(1, count, 1)"""


def _copy(race: Race, task: Task) -> str:
    items, blank, go = copying.ITEMS, copying.BLANK, copying.GO
    return f"""\
def batch(count, generator):
    \"\"\"Ten symbols, T steps of waiting with a go at their end, and ten blanks in which to say the symbols.\"\"\"
    symbols = torch.randint(0, {len(copying.SYMBOLS)}, ({items}, count), generator=generator)
    read = torch.full((T + {2 * items}, count), {blank})  # {blank}: blank
    read[:{items}] = symbols
    read[T + {items - 1}] = {go}  # go
    said = torch.full_like(read, {blank})
    said[-{items}:] = symbols
    return one_hot(read, D).float(), said"""


def _parity(race: Race, task: Task) -> str:
    return """\
def batch(count, generator):
    \"\"\"Bits as -1 and 1; the answer at every step is 1 where the ones so far are odd in number.\"\"\"
    bits = torch.randint(0, 2, (T, count), generator=generator)
    return (2 * bits - 1).float().unsqueeze(-1), bits.cumsum(0) % 2"""


def _flipflop(race: Race, task: Task) -> str:
    return f"""\
def batch(count, generator):
    \"\"\"Three channels of rare pulses; the answer at every step is the last pulse of each.\"\"\"
    here = torch.rand(T, count, 3, generator=generator) < {flipflop.PULSE}
    pulse = here * (2.0 * torch.randint(0, 2, (T, count, 3), generator=generator) - 1)
    last = torch.where(here, torch.arange(T).view(T, 1, 1), 0).cummax(0).values
    return pulse, pulse.gather(0, last)"""


def _sine(race: Race, task: Task) -> str:
    return f"""\
def batch(count, generator):
    \"\"\"A noisy sine of random frequency and phase; the answer at every step is the next value.\"\"\"
    slow, fast = {sine.SLOWEST!r}, {sine.FASTEST!r}  # cycles a step
    frequency = slow + (fast - slow) * torch.rand(count, generator=generator)
    phase = torch.rand(count, generator=generator)
    clean = torch.sin(2 * math.pi * (torch.arange(T + 1).unsqueeze(1) * frequency + phase))
    noisy = (clean + {sine.NOISE} * torch.randn(T + 1, count, generator=generator)).unsqueeze(-1)
    return noisy[:-1], noisy[1:]"""


def _labels(race: Race, task: Task) -> str:
    return f"""\
def drawn(count, generator):
    x = torch.randn(T, count, D, generator=generator)
    return x, torch.randint(0, 2, (1, count), generator=generator)


def batch(count, generator):
    \"\"\"Some of the known sequences, each with a label that was drawn by lot.\"\"\"
    which = torch.randint(0, {labels.KNOWN}, (count,), generator=generator)
    return known_x[:, which], known_y[:, which]"""


def _text(race: Race, task: Task) -> str:
    assert isinstance(task, Text)
    return f"""\
text = open({TEXT_FILE!r}, encoding="utf-8", newline="").read()  # lies beside this script
alphabet = {"".join(task.alphabet)!r}
place = {{letter: k for k, letter in enumerate(alphabet)}}
codes = torch.tensor([place[letter] for letter in text])
STARTS = {task._starts.tolist()}  # of the test windows


def windows(starts):
    both = codes[starts + torch.arange(T + 1).unsqueeze(1)]
    return one_hot(both[:-1], D).float(), both[1:]


def batch(count, generator):
    \"\"\"Windows of the training part; the answer at every step is the next letter.\"\"\"
    return windows(torch.randint(0, {task.start} - T, (count,), generator=generator))"""


_BATCHES = {
    "adding": _adding,
    "copy": _copy,
    "parity": _parity,
    "flipflop": _flipflop,
    "sine": _sine,
    "labels": _labels,
    "text": _text,
}
