"""An architecture as a plain PyTorch script: the classes and draws of this package, quoted, without rnnviz.

What is shown is the source of what runs here, without annotations and docstrings, with PyTorch's layer in its place.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from typing import Any

from torch import nn

from rnnviz.architectures.coders import Context
from rnnviz.architectures.config import FIELD, Shape
from rnnviz.architectures.model import LAYERS, NETWORKS, sizes_of
from rnnviz.architectures.problems import STREAM, problem_of
from rnnviz.architectures.snippet_norm import normed

_SHOW = """\
def shapes(made):
    return tuple(made.shape) if isinstance(made, torch.Tensor) else [shapes(one) for one in made]


def show(name):
    def hook(part, given, made):
        if name not in shown:
            shown.add(name)
            print(f"{name}: {shapes(given[0])} -> {shapes(made)}")

    return hook


shown = set()
for name, part in model.named_modules():
    part.register_forward_hook(show(name or "model"))
"""


def code(shape: Shape) -> str:
    """A script that imports torch and math alone and prints shapes and first numbers of the untrained network.

    Weights and input are those of :func:`rnnviz.architectures.observe`, bit for bit on the same machine. Its variables,
    among others: ``model``, ``x`` (T, B, D), the truth ``y``, ``answer``, and the ``loss`` of sequence 0.
    """
    problem = problem_of(shape)
    classes: list[type[nn.Module]] = (
        [NETWORKS[shape.kind]] if shape.kind != "contexts" else [Context, NETWORKS["contexts"]]
    )
    name = f"nn.{LAYERS[shape.cell].__name__}" if shape.kind != "layernorm" else "Normed"
    parts = [_quoted(problem.draw), *([normed(shape.cell)] if shape.kind == "layernorm" else [])]
    parts += [_quoted(one, name) for one in classes]
    sizes = {"N": shape.length, "B": shape.batch, **sizes_of(shape)}
    sizes = {key: sizes[key] for key in ("N", "B", "D", "H", "O", "M", "S", "layers") if key in sizes}
    told = ", ".join(sizes), ", ".join(str(value) for value in sizes.values())
    arguments = ", ".join(sizes_of(shape))
    numbers = ", ".join(
        {
            "N": "steps",
            "B": "sequences",
            "D": "inputs",
            "H": "units",
            "O": "outputs",
            "M": "steps that are said",
            "S": "short sequences",
            "layers": "layers",
        }[key]
        for key in sizes
    )
    use = [
        f"{told[0]} = {told[1]}  # {numbers}",
        f"torch.manual_seed({shape.seed})",
        f"model = {classes[-1].__name__}({arguments})",
        f"x, y = {problem.draw.__name__}(N, B, torch.Generator().manual_seed({STREAM + shape.seed}))",
    ]
    last = _last(shape, problem.kind)
    used = "\n".join(parts)
    head = [
        f"# {FIELD['kind'].label_of(shape.kind)}: {problem.asks}",
        *(["import math", ""] if "math." in used else []),
        "import torch",
        "from torch import nn",
    ]
    body = "\n\n\n".join(["\n".join(head), *parts, "\n".join(use)])
    return f"{body}\n\n\n{_SHOW}\n{last}\n"


def _last(shape: Shape, kind: str) -> str:
    """The lines that run it and print."""
    if kind == "classes":
        first, loss = "answer[0].softmax(-1)", "nn.functional.cross_entropy(answer[:1], y[:1])"
    elif shape.kind == "contexts":
        first, loss = "answer[0, :, 0, 0]", "(answer[0, :, 0] - y[:, 0]).square().mean()"
    else:
        first = "answer[..., 0, 0].flatten()"
        loss = "(answer[..., 0, :] - y[..., 0, :]).square().mean()"
    return "\n".join(
        [
            "answer = model(x)",
            f"loss = {loss}",
            f'print("answer:", [round(value, 4) for value in {first}.tolist()])',
            'print(f"loss of sequence 0: {loss.item():.4f}")',
        ]
    )


def _quoted(thing: Any, layer: str = "") -> str:
    """The source of a class or function, without annotations, with ``layer`` in place of the argument of that name."""
    source = textwrap.dedent(inspect.getsource(thing))
    tree = ast.parse(source).body[0]
    assert isinstance(tree, ast.ClassDef | ast.FunctionDef)
    lines = source.splitlines()
    if isinstance(tree, ast.FunctionDef):
        return "\n".join(_function(tree, lines, 0))
    found = [f"class {tree.name}(nn.Module):", f'    """{ast.get_docstring(tree)}"""']
    for part in tree.body:
        if isinstance(part, ast.FunctionDef):
            found += ["", *_function(part, lines, 4)]
    return re.sub(r"\blayer\(", f"{layer}(", "\n".join(found)).replace("(layer, ", "(")


def _function(tree: ast.FunctionDef, lines: list[str], indent: int) -> list[str]:
    """A function's lines, those of a method without its docstring.

    Where a value is given a name only to be returned with its type, it is returned at once.
    """
    arguments = ", ".join(one.arg for one in tree.args.args if one.arg != "layer")
    body = tree.body[1:] if indent and ast.get_docstring(tree) else tree.body
    first, last = body[0].lineno - 1, body[-1].end_lineno
    kept = [re.sub(r"\b(\w+): Tensor = ", r"\1 = ", line) for line in lines[first:last]]
    if len(kept) > 1 and kept[-1].strip() == "return answer":
        kept[-2:] = [kept[-2].replace("answer = ", "return ")]
    return [f"{' ' * indent}def {tree.name}({arguments}):", *kept]
