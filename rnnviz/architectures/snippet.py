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

from rnnviz.architectures import fitting
from rnnviz.architectures.coders import Context
from rnnviz.architectures.config import FIELD, Shape
from rnnviz.architectures.fitting import settings_of
from rnnviz.architectures.model import LAYERS, NETWORKS, sizes_of
from rnnviz.architectures.problems import (
    SHOWN,
    STREAM,
    TEST,
    TEST_STREAM,
    VALIDATION_STREAM,
    Problem,
    problem_of,
)
from rnnviz.architectures.snippet_norm import normed

LEARNING = "# Let it learn: a few seconds."
"""The line from which on the script learns."""

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


_LETTERS = {
    "N": "steps",
    "B": "sequences",
    "D": "inputs",
    "H": "units",
    "O": "outputs",
    "M": "steps that are said",
    "S": "short sequences",
    "layers": "layers",
}

_LOSS = {
    "regression": "def loss_of(answer, y):\n    return (answer - y).square().mean()",
    "classes": "def loss_of(answer, y):\n    return nn.functional.cross_entropy(answer, y)",
}


def code(shape: Shape) -> str:
    """A script that imports torch and math alone: shapes and first numbers of the untrained network; then it learns.

    Weights and input are those of :func:`rnnviz.architectures.observe`, batches those of
    :func:`rnnviz.architectures.fit`, and so are its numbers on the same machine, and the weights that it keeps.
    Its variables, among others: ``model``, ``x`` (T, B, D), the truth ``y``, ``answer``, and the ``loss`` of
    sequence 0.
    """
    problem = problem_of(shape)
    classes: list[type[nn.Module]] = (
        [NETWORKS[shape.kind]] if shape.kind != "contexts" else [Context, NETWORKS["contexts"]]
    )
    name = f"nn.{LAYERS[shape.cell].__name__}" if shape.kind != "layernorm" else "Normed"
    parts = [_quoted(problem.draw), *([normed(shape.cell)] if shape.kind == "layernorm" else [])]
    parts += [_quoted(one, name) for one in classes]
    parts.append(_LOSS[problem.kind])
    sizes = {"N": shape.length, "B": shape.batch, **sizes_of(shape)}
    sizes = {key: sizes[key] for key in _LETTERS if key in sizes}
    numbers = ", ".join(_LETTERS[key] for key in sizes)
    use = [
        f"{', '.join(sizes)} = {', '.join(map(str, sizes.values()))}  # {numbers}",
        f"torch.manual_seed({shape.seed})",
        f"model = {classes[-1].__name__}({', '.join(sizes_of(shape))})",
        f"x, y = {problem.draw.__name__}(N, {SHOWN}, torch.Generator().manual_seed({STREAM + shape.seed}))",
        f"x, y = x[:, :B], {'y[:B]' if problem.kind == 'classes' else 'y[..., :B, :]'}  # the first B of them",
    ]
    head = [
        f"# {FIELD['kind'].label_of(shape.kind)}: {problem.asks}",
        "import math",
        "",
        "import torch",
        "from torch import nn",
    ]
    body = "\n\n\n".join(["\n".join(head), *parts, "\n".join(use)])
    return f"{body}\n\n\n{_SHOW}\n{_answer(problem)}\n\n{_learning(problem)}\n"


def _answer(problem: Problem) -> str:
    """The lines that run it and print."""
    if problem.kind == "classes":
        first, alone = "answer[0].softmax(-1)", "answer[:1], y[:1]"
    else:
        # Of the three contexts the first.
        said = "answer[0]" if problem.shape.kind == "contexts" else "answer"
        first, alone = f"{said}[..., 0, 0].flatten()", f"{said}[..., :1, :], y[..., :1, :]"
    return "\n".join(
        [
            "answer = model(x)",
            f"loss = loss_of({alone})",
            f'print("answer:", [round(value, 4) for value in {first}.tolist()])',
            'print(f"loss of sequence 0: {loss.item():.4f}")',
        ]
    )


def _learning(problem: Problem) -> str:
    """The lines that learn, to the numbers of :class:`rnnviz.architectures.fitting.Fit`."""
    seed, draw = problem.shape.seed, problem.draw.__name__
    updates, rate = settings_of(problem.shape)
    per_epoch, held = updates // fitting.EPOCHS, VALIDATION_STREAM + seed
    return f"""\
{LEARNING}
held, best, kept = {draw}(N, {TEST}, torch.Generator().manual_seed({held})), math.inf, model.state_dict()
optimiser = torch.optim.Adam(model.parameters(), lr={rate!r})
generator = torch.Generator().manual_seed({fitting.STREAM + seed})
for step in range({updates}):
    x, y = {draw}(N, {fitting.BATCH}, generator)
    optimiser.zero_grad()
    loss_of(model(x), y).backward()
    norm = math.hypot(*(p.grad.norm(dtype=torch.float64).item() for p in model.parameters()))
    if norm > {fitting.CLIP!r}:  # clip: the gradient keeps its direction
        for p in model.parameters():
            p.grad *= {fitting.CLIP!r} / norm
    optimiser.step()
    if step % {per_epoch} == {per_epoch - 1} and (now := loss_of(model(held[0]), held[1]).item()) < best:
        best, kept = now, {{name: value.clone() for name, value in model.state_dict().items()}}
model.load_state_dict(kept)
x, y = {draw}(N, {TEST}, torch.Generator().manual_seed({TEST_STREAM + seed}))
with torch.no_grad():
    print(f"loss on {TEST} new sequences: {{loss_of(model(x), y).item():.6f}}")"""


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
