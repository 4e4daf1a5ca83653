"""An experiment as a plain PyTorch script: the same input, weights and numbers, without rnnviz.

The step function in the script is the one of :mod:`rnnviz.cells`, quoted, so that the equations exist once.
What a user typed enters by ``repr`` alone.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterable
from typing import Any

from rnnviz import cells, signals
from rnnviz.build import signal
from rnnviz.experiment import Experiment
from rnnviz.registry import Cell, cell_named

_HELPERS = ("_affine", "_normalise", "lstm_gates", "peephole")
_ORTHOGONAL = """\
def orthogonal():
    Q, R = torch.linalg.qr(torch.randn(H, H, dtype=torch.float64))
    return Q * R.diagonal().sign()"""


def snippet(experiment: Experiment, cell_name: str) -> str:
    """A script that imports torch and math alone and prints what the app shows of that cell.

    Its variables, among others: ``x`` (T, 1, D); the parameters ``p`` by name; ``gates``, a dict a step;
    ``h`` and (with a memory) ``c`` (T, H); their gradients ``dh`` and ``dc``; ``dx`` (T, D); ``norm`` (T,),
    the norms of ``dh``; the fitted factor ``rate``. Raises ``ValueError`` for an unknown cell.
    """
    cell = cell_named(cell_name)
    orthogonal = [_ORTHOGONAL] if experiment.init == "orthogonal" and cell.recurrent else []
    setup = f"{_input(experiment)}\n\n{_weights(experiment, cell)}"
    definitions = "\n\n\n".join([*equations(cell), *orthogonal])
    use = "\n\n".join([_run(cell), _gradients(experiment, cell), _print(cell)])
    body = f"{definitions}\n\n\n{setup}\n\n{use}\n"
    functional = [name for name in ("layer_norm", "linear", "one_hot") if f"{name}(" in body]
    head = [f"# {cell.label}, {experiment.hidden} units, {experiment.steps} steps, seed {experiment.seed}."]
    head += ["import math", "", "import torch", *(["from torch import nn"] if cell.torch_class else [])]
    head += [f"from torch.nn.functional import {', '.join(functional)}", "", "", ""]
    return "\n".join(head) + body


def _input(experiment: Experiment) -> str:
    """The lines that make ``x``; real prices and typed numbers stand in them literally."""
    data = signal(experiment)
    T, draws = experiment.length, signals.LONGEST
    seed = signals.STREAM + experiment.seed
    t = f"T = {T}\nt = torch.arange(T, dtype=torch.float64)\n"
    noise = f"T = {T}\nnoise = torch.randn({draws}, generator=torch.Generator().manual_seed({seed}))\n"
    match experiment.signal:
        case "sine":
            lines = t + f"x = torch.sin(2 * math.pi * t / {signals.PERIOD})"
        case "sines":
            lines = t + (
                "golden = (1 + math.sqrt(5)) / 2\n"
                "periods = (40, 40 / golden, 40 / golden**2)\n"
                "x = sum(torch.sin(2 * math.pi * t / period) for period in periods) / 3"
            )
        case "impulse":
            lines = t + f"x = t == {signals.impulse_at(T)}"
        case "step":
            lines = t + f"x = t >= {signals.step_at(T)}"
        case "noise":
            lines = noise + "x = noise[:T]"
        case "walk":
            lines = noise + "x = noise[:T].cumsum(0) / math.sqrt(T)"
        case "text":
            lines = (
                f"text = {experiment.text!r}\nT = len(text)\n"
                "alphabet = sorted(set(text))\n"
                "x = one_hot(torch.tensor([alphabet.index(char) for char in text]), len(alphabet))"
            )
        case _:
            lines = f"x = torch.tensor({_literal(data.x[:, 0].tolist())})\nT = len(x)"
    shape = "x = x.float().view(T, 1, -1)  # (steps, batch, inputs)\nD = x.shape[2]"
    return f"# {data.description}\n{lines}\n{shape}"


def _weights(experiment: Experiment, cell: Cell) -> str:
    """The lines that make the parameters ``p``, in the order of :func:`rnnviz.build.build_module`."""
    lines = [f"H = {experiment.hidden}", f"torch.manual_seed({experiment.seed})"]
    if cell.torch_class is not None:
        relu = ', nonlinearity="relu"' if cell.name == "rnn_relu" else ""
        lines += [
            f"model = nn.{cell.torch_class}(D, H{relu})",
            "# p shares its memory with the model: what is written into p is written into the model.",
            'p = {name.removesuffix("_l0"): weight.detach() for name, weight in model.named_parameters()}',
        ]
    else:
        lines += ["k = 1 / math.sqrt(H)", "p = {"]
        lines += [f'    "{name}": {_fresh(name, shape)},' for name, shape in cell.params]
        lines += ["}"]
    if experiment.init != "pytorch":
        lines += ["for name in p:", '    if name.startswith("bias"):', "        p[name].zero_()"]
    if experiment.init != "pytorch" and cell.recurrent:
        square = {
            "identity": "torch.eye(H)",
            "gaussian": "torch.randn(H, H) / math.sqrt(H)",
            "orthogonal": "orthogonal()",
        }[experiment.init]
        lines += [f'p["{cell.recurrent}"].copy_(torch.cat([{square} for _ in range({len(cell.blocks)})]))']
    if cell.recurrent and experiment.scale != 1:
        lines += [f'p["{cell.recurrent}"].mul_({experiment.scale!r})']
    if cell.forget and experiment.forget is not None:
        index = cell.blocks.index(cell.forget)
        rows = f"{index} * H : {index + 1} * H"
        lines += [f'p["bias_ih"][{rows}] = {experiment.forget!r}', f'p["bias_hh"][{rows}] = 0']
    return "# The weights.\n" + "\n".join(lines)


def equations(cell: Cell) -> list[str]:
    """The definitions: the cell's ``step(params, x, state)``, which returns its gates and the new state."""
    step = _quoted(cells.STEPS[cell.name], "step")
    helpers: list[str] = []
    for name in reversed(_HELPERS):  # a helper may call those before it
        if any(f"{name}(" in text for text in (step, *helpers)):
            helpers.insert(0, _quoted(getattr(cells, name), name))
    return [*helpers, step]


def _run(cell: Cell) -> str:
    """The lines that run the cell step by step, and PyTorch's own module beside it."""
    zero = "torch.zeros(1, H)"
    lines = [
        "# Run it step by step: only so can the gradient with respect to every state be had.",
        "x.requires_grad_()",
        f"state = ({zero}, {zero})" if len(cell.states) == 2 else f"state = ({zero},)",
        "states, gates = [], []",
        "for x_t in x:",
        "    gate, state = step(p, x_t, state)",
        "    gates.append(gate)",
        "    states.append(state)",
        *(
            f"{name} = torch.cat([state[{index}] for state in states]).detach()"
            for index, name in enumerate(cell.states)
        ),
    ]
    if cell.torch_class:
        lines += [
            "output, _ = model(x)",
            f'print("largest difference to nn.{cell.torch_class}:", (h - output[:, 0]).abs().max().item())',
        ]
    return "\n".join(lines)


def _gradients(experiment: Experiment, cell: Cell) -> str:
    """The lines that make the gradients and the fitted factor per step."""
    lines = [
        "# The loss is the sum of h at one step. Differentiate by the list of step tensors: a stacked output",
        "# lies downstream of the recurrence and would show 0 at every step but the one of the loss.",
        f"at = {experiment.loss_index}  # counted from 0",
        "wanted = [h for h, _ in states] + [c for _, c in states]"
        if len(cell.states) > 1
        else "wanted = [h for (h,) in states]",
        "*grads, dx = torch.autograd.grad(states[at][0].sum(), [*wanted, x], materialize_grads=True)",
        "dx = dx[:, 0]",
        "dh, dc = torch.cat(grads[:T]), torch.cat(grads[T:])"
        if len(cell.states) > 1
        else "dh = torch.cat(grads)",
        "norm = dh.double().norm(dim=1).float()  # the squares would underflow in float32",
        "",
        "# The factor by which the gradient changes per step back in time: a line through the logarithms.",
        "tiny = torch.finfo(torch.float32).tiny",
        "k = torch.arange(at + 1)[(norm[: at + 1] >= tiny) & norm[: at + 1].isfinite()]",
        "logs, steps = norm[k].double().log(), k.double() - k.double().mean()",
        "rate = math.exp(-(steps @ logs) / (steps @ steps)) if len(k) > 1 else math.nan",
    ]
    return "\n".join(lines)


def _print(cell: Cell) -> str:
    """The lines that print."""
    lines = [
        'print("last h:", [round(value, 4) for value in h[-1].tolist()])',
        *(
            [
                "for name in gates[0]:",
                "    mean = torch.cat([gate[name] for gate in gates]).mean()",
                '    print(f"mean of gate {name}: {mean:.4f}")',
            ]
            if cell.gates
            else []
        ),
        "for k in sorted({0, at // 2, at}):",
        '    print(f"|dL/dh| at step {k + 1}: {norm[k]:.4g}")',
        'print(f"factor per step back in time: {rate:.4g}")',
    ]
    return "\n".join(lines)


def _fresh(name: str, shape: tuple[str, ...]) -> str:
    """The expression for one parameter as :class:`rnnviz.modules.CellModule` fills it."""
    spelt = ", ".join(size.replace("H", " * H").lstrip(" *") for size in shape)
    if name.startswith("gain_"):
        return f"torch.ones({spelt})"
    return f"torch.zeros({spelt})" if name == "bias_c" else f"torch.empty({spelt}).uniform_(-k, k)"


def _literal(values: Iterable[float]) -> str:
    """Numbers as a Python list, in lines of bearable length; nine digits are exact in float32."""
    flat = ", ".join(repr(float(f"{value:.9g}")) for value in values)
    if len(flat) < 80:
        return f"[{flat}]"
    return (
        "[\n"
        + textwrap.indent(textwrap.fill(flat, 96, break_on_hyphens=False, break_long_words=False), "    ")
        + ",\n]"
    )


def _quoted(function: Callable[..., Any], name: str) -> str:
    """The source of a function of ``cells`` under a new name, without annotations and docstring.

    Without ``proj_size``'s projection too, which no experiment has.
    """
    lines = textwrap.dedent(inspect.getsource(function)).splitlines()
    tree = ast.parse("\n".join(lines)).body[0]
    assert isinstance(tree, ast.FunctionDef)
    skipped = [node for node in tree.body if _is_noise(node)]
    kept = [
        line
        for number, line in enumerate(lines, start=1)
        if number >= tree.body[0].lineno
        and not any(node.lineno <= number <= (node.end_lineno or 0) for node in skipped)
    ]
    arguments = ", ".join(argument.arg for argument in tree.args.args)
    return f"def {name}({arguments}):\n" + "\n".join(kept).replace("return Step(", "return (")


def _is_noise(node: ast.stmt) -> bool:
    docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return docstring or (isinstance(node, ast.If) and "weight_hr" in ast.unparse(node.test))
