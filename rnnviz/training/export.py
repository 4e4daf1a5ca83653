"""A network of a race to take away: its weights as a file, and a plain PyTorch script that prints its numbers.

The equations in the script are quoted from the functions that the app runs, so that they exist once.
"""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from collections.abc import Callable, Iterable, Mapping
from types import FunctionType
from typing import Any

import torch
from torch import Tensor

from rnnviz.race import Race
from rnnviz.registry import Cell, cell_named
from rnnviz.training.trained import Trained
from rnnviz.variants import step_of


def weights_file(seen: Trained, tensors: Mapping[str, Tensor]) -> bytes:
    """The weights ``tensors`` and the test sequence of ``seen``, as safetensors.

    Beside the parameters by the names of their :class:`~rnnviz.training.model.SequenceModel` it holds ``example.x``
    (T, 1, D), ``example.y`` (K, 1, O) or (K, 1) and ``example.scored`` (K,), and the settings as metadata; a text of
    one's own stays out.
    """
    from safetensors.torch import save

    example = {
        "example.x": seen.signal.x.unsqueeze(1),
        "example.y": seen.truth.unsqueeze(1),
        "example.scored": torch.tensor(seen.scored),
    }
    spec = {name: value for name, value in seen.race.to_spec().items() if name != "text"}
    stored = {name: tensor.detach().contiguous() for name, tensor in {**tensors, **example}.items()}
    return save(stored, metadata={"race": json.dumps(spec), "cell": seen.cell})


def script(race: Race, cell_name: str, regression: bool, file: str) -> str:
    """A script that reads ``file``, as :func:`weights_file` writes it, and prints what the app shows of it.

    It imports torch and safetensors. Its variables, among others: the parameters ``p`` by name; ``gates``, a dict a
    step; ``h`` and (with a memory) ``c`` (T, H); ``answer`` (K, 1, O) and ``loss``; the gradients ``dh`` and ``dc``
    (T, H), ``dx`` (T, D), and ``norm`` (T,), the norms of ``dh``. ``ValueError`` for an unknown cell.
    """
    cell = cell_named(cell_name)
    # With layer norm the LSTM is the registry's own, and its file always holds the gains.
    known = "lstm_layernorm" if cell_name == "lstm" and race.layernorm else cell_name
    step = step_of(known, layernorm=race.layernorm, residual=race.residual)
    equations = "\n\n\n".join(_quoted(step, "cell", {}))
    plain = cell.torch_class is not None and not (race.layernorm or race.residual)
    body = "\n\n".join([_load(file), _run(cell), _loss(cell, regression), _print(cell, plain, regression)])
    functional = ["cross_entropy"] * (not regression)
    functional += [name for name in ("layer_norm", "linear") if f"{name}(" in equations]
    head = [
        f"# {cell.label}, {race.hidden} units. {file} lies beside this script.",
        "# pip install torch safetensors",
        "from collections import namedtuple",
        "",
        "import torch",
        "from safetensors.torch import load_file",
        *(["from torch import nn"] if plain else []),
        f"from torch.nn.functional import {', '.join(sorted(functional))}",
        "",
        'Step = namedtuple("Step", "gates state")',
    ]
    return "\n".join(head) + f"\n\n\n{equations}\n\n\n{body}\n"


def _load(file: str) -> str:
    return (
        f'tensors = load_file("{file}")\n'
        'p = {name[4:].removesuffix("_l0"): t for name, t in tensors.items() if name.startswith("rnn.")}\n'
        'head, bias = tensors["head.weight"], tensors["head.bias"]\n'
        'x, y, scored = (tensors[f"example.{name}"] for name in ("x", "y", "scored"))\n'
        "T, _, D = x.shape  # (steps, batch, inputs)\n"
        "H = head.shape[1]"
    )


def _run(cell: Cell) -> str:
    zeros = ", ".join(["torch.zeros(1, H)"] * len(cell.states)) + "," * (len(cell.states) == 1)
    lines = [
        "# Run it step by step: only so can the gradient with respect to every state be had.",
        "x.requires_grad_()",
        f"state = ({zeros})",
        "states, gates = [], []",
        "for x_t in x:",
        "    gate, state = cell(p, x_t, state)",
        "    gates.append(gate)",
        "    states.append(state)",
        "outputs = torch.stack([state[0] for state in states])",
        *(
            f"{name} = torch.cat([state[{k}] for state in states]).detach()"
            for k, name in enumerate(cell.states)
        ),
    ]
    return "\n".join(lines)


def _loss(cell: Cell, regression: bool) -> str:
    memory = len(cell.states) > 1
    wanted = "[h for h, _ in states] + [c for _, c in states]" if memory else "[h for (h,) in states]"
    loss = (
        "(answer - y).square().mean()" if regression else "cross_entropy(answer.flatten(0, 1), y.flatten())"
    )
    return "\n".join(
        [
            "# The head reads every state; the loss counts the scored steps.",
            "answer = linear(outputs, head, bias)[scored]",
            f"loss = {loss}",
            f"wanted = {wanted}",
            "*grads, dx = torch.autograd.grad(loss, [*wanted, x], materialize_grads=True)",
            "dx = dx[:, 0]",
            "dh, dc = torch.cat(grads[:T]), torch.cat(grads[T:])" if memory else "dh = torch.cat(grads)",
            "norm = dh.double().norm(dim=1).float()  # the squares would underflow in float32",
        ]
    )


def _print(cell: Cell, plain: bool, regression: bool) -> str:
    lines = []
    if plain:
        relu = ', nonlinearity="relu"' if cell.name == "rnn_relu" else ""
        lines += [
            f"model = nn.{cell.torch_class}(D, H{relu})",
            'model.load_state_dict({f"{name}_l0": t for name, t in p.items()})',
            f'print("largest difference to nn.{cell.torch_class}:", (outputs - model(x)[0]).abs().max().item())',
        ]
    lines += [
        'print("answers:", [round(value, 4) + 0.0 for value in answer.flatten().tolist()][:8])'
        if regression
        else 'print("answers:", answer.argmax(-1).flatten().tolist()[:20])',
        'print("truth:  ", [round(value, 4) + 0.0 for value in y.flatten().tolist()][:8])'
        if regression
        else 'print("truth:  ", y.flatten().tolist()[:20])',
        'print(f"loss: {loss.item():.4g}")',
    ]
    if cell.gates:
        lines += [
            "for name in gates[0]:",
            "    mean = torch.cat([gate[name] for gate in gates]).mean()",
            '    print(f"mean of gate {name}: {mean:.4f}")',
        ]
    return "\n".join(
        [
            *lines,
            "for t in sorted({0, int(scored[-1]) // 2, int(scored[-1])}):",
            '    print(f"|dL/dh| at step {t + 1}: {norm[t]:.4g}")',
        ]
    )


def _quoted(function: Callable[..., Any], name: str, known: dict[str, Any]) -> list[str]:
    """The source of a function of rnnviz under a name, after that of all it calls and of what it closes over."""
    bare = inspect.unwrap(function)
    if known.setdefault(name, bare) is not bare:
        raise AssertionError(f"two functions called {name!r} cannot stand in one script")
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(bare))).body
    tree = _Stripped().visit(tree)
    assert isinstance(tree, ast.FunctionDef)
    tree.name = name
    closed: Mapping[str, Any] = inspect.getclosurevars(bare).nonlocals
    names = dict.fromkeys(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
    parts: list[str] = []
    for called in names:
        value = closed.get(called, bare.__globals__.get(called))
        if called in known:
            continue
        if _ours(value):
            parts += _quoted(value, called, known)
        elif called in closed:
            known[called] = value
            parts.append(f"{called} = {_constant(value)}")
    return [*parts, ast.unparse(ast.fix_missing_locations(tree)).replace("'", '"')]


def _ours(value: Any) -> bool:
    bare = inspect.unwrap(value) if callable(value) else value
    named = isinstance(bare, FunctionType) and bare.__name__ != "<lambda>"
    return named and bare.__module__.startswith("rnnviz.")


def _constant(value: Any) -> str:
    """What a function closes over, as an expression: a flag, a function of torch, or the identity."""
    if isinstance(value, bool):
        return repr(value)
    named = getattr(value, "__name__", "")
    if getattr(torch, named, None) is value:
        return f"torch.{named}"
    probe = torch.ones(())
    if value(probe) is not probe:
        raise AssertionError(f"no expression for {value!r}")
    return "lambda a: a"


class _Stripped(ast.NodeTransformer):
    """Without annotations, docstrings, decorators, assertions, and the projection that no race has."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.decorator_list, node.returns = [], None
        if ast.get_docstring(node) is not None:
            node.body = node.body[1:]
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_Assert(self, node: ast.Assert) -> list[ast.AST]:
        return []

    def visit_If(self, node: ast.If) -> ast.AST | Iterable[ast.AST]:
        return [] if "weight_hr" in ast.unparse(node.test) else self.generic_visit(node)
