"""The parameters of a cell cut into pieces that are drawn as heat maps, and what is said of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rnnviz.figures import base
from rnnviz.registry import Cell


@dataclass(frozen=True, eq=False)
class Part:
    """A heat map: the rows of one parameter that belong to one block, or of V, or a vector that lies on its side.

    ``z`` (rows, columns); ``name`` is the parameter's in the registry, ``first`` its row in PyTorch's tensor;
    ``vector``: it is on the scale of the vectors.
    """

    name: str
    z: base.Floats
    row: str
    column: str
    first: int
    vector: bool


def parts(
    params: Mapping[str, base.Numbers], cell: Cell, readout: Mapping[str, base.Numbers] | None = None
) -> list[Part]:
    """All parameters cut into the blocks of the cell's gates; ``row`` and ``column`` say where each one stands."""
    found = []
    arrays = {name: base.array(values) for name, values in params.items()}
    H = len(next(iter(arrays.values()))) // len(cell.blocks)
    for name, values in arrays.items():
        column = "weight_hh" if not name.endswith("_ih") and "weight_hh" in arrays else "weight_ih"
        peephole = name.removeprefix("weight_c") if name.startswith("weight_c") else ""
        if values.ndim == 2:
            for k, block in enumerate(cell.blocks):
                found.append(Part(name, values[k * H : (k + 1) * H], block, name, k * H, vector=False))
        elif peephole:
            found.append(Part(name, values[:, None], peephole, f"{column} beside", 0, vector=True))
        elif len(values) == H * len(cell.blocks) and not name.endswith("_c"):
            for k, block in enumerate(cell.blocks):
                piece = values[k * H : (k + 1) * H, None]
                found.append(Part(name, piece, block, f"{column} beside", k * H, vector=True))
        else:
            found.append(Part(name, values[None], name, column, 0, vector=True))
    if readout is not None:
        weight, bias = base.array(readout["weight"]), base.array(readout["bias"])
        last = "weight_hh" if "weight_hh" in arrays else "weight_ih"
        # V multiplies h: it stands under W, column for column. Without W it has the place of it.
        place = "weight_hh" if last == "weight_hh" else "weight"
        found.append(Part("weight", weight, "V", place, 0, vector=False))
        found.append(Part("bias", bias[:, None], "V", f"{place} beside", 0, vector=True))
    return found


def reaches(found: Iterable[Part]) -> tuple[float, float]:
    """How far the scales go: that of the matrices, and that of the vectors."""
    every = list(found)
    one, other = (
        base.reach(*(part.z for part in every if part.vector is vector)) for vector in (False, True)
    )
    return one, other


def hover(part: Part, called: Mapping[str, str], cell: Cell) -> str:
    """Place and value: the entry as Python writes it, and what it leads from and to."""
    name = called.get(part.name, part.name)
    row = f"{part.first} + %{{y}}" if part.first else "%{y}"
    what = "%{customdata:.6g}"
    # Where outputs and inputs have names, their numbers are asked for with a format.
    if part.name == "weight":
        place, way = f"{name}[%{{y:d}}, %{{x}}]", "from unit %{x} of h to output %{y}"
    elif part.name == "bias":
        place, way = f"{name}[%{{y:d}}]", "of output %{y}"
    elif part.row not in cell.blocks:
        place, way = f"{name}[%{{x}}]", "of unit %{x} of c"
    elif part.name.startswith("weight_c"):
        place, way = f"{name}[%{{y}}]", f"from c to gate {part.row}, both of unit %{{y}}"
    elif part.vector:
        place, way = f"{name}[{row}]", f"of {_target(part.row)}, unit %{{y}}"
    elif part.name == "weight_ih":
        place, way = f"{name}[{row}, %{{x:d}}]", f"from input %{{x}} to {_target(part.row)}, unit %{{y}}"
    else:
        place, way = f"{name}[{row}, %{{x}}]", f"from unit %{{x}} of h to {_target(part.row)}, unit %{{y}}"
    return f"{place} = {what}<br>{way}<extra></extra>"


def _target(block: str) -> str:
    return "the new h" if block == "h" else f"gate {block}"


def letter_of(name: str) -> str:
    """A vector's letter: b for a bias, the Greek g for a gain, p for a peephole."""
    kind, _, side = name.partition("_")
    if name.startswith("weight_c"):
        return "p"
    return {"bias": "b", "gain": "γ"}.get(kind, kind) + (f"<sub>{side}</sub>" if side else "")
