"""How fixed points are marked in all pictures: filled where states return, open where they leave."""

from __future__ import annotations

from typing import Any

from rnnviz.figures import base
from rnnviz.figures.theme import CELL_COLOURS, NEUTRAL
from rnnviz.fixedpoints import FixedPoints, Kind

STABLE, SADDLE, UNSTABLE = CELL_COLOURS["rnn"], CELL_COLOURS["gru"], CELL_COLOURS["mingru"]

COLOURS: dict[Kind, str] = {"stable": STABLE, "saddle": SADDLE, "unstable": UNSTABLE, "marginal": NEUTRAL}

_PAPER = "#ffffff"
_MARKS: dict[Kind, dict[str, Any]] = {
    "stable": {"symbol": "circle", "color": STABLE, "line": {"color": _PAPER, "width": 2}},
    "saddle": {"symbol": "circle-cross", "color": _PAPER, "line": {"color": SADDLE, "width": 2.5}},
    "unstable": {"symbol": "circle", "color": _PAPER, "line": {"color": UNSTABLE, "width": 3}},
    "marginal": {"symbol": "square", "color": _PAPER, "line": {"color": NEUTRAL, "width": 2.5}},
}


def mark(kind: Kind, size: float = 14.0) -> dict[str, Any]:
    """The marker of a fixed point of that kind."""
    return {**_MARKS[kind], "size": size, "opacity": 1}


def told(found: FixedPoints, k: int) -> str:
    """What a point is, with its largest eigenvalues, for a label."""
    values = found.eigenvalues[k].tolist()
    shown, skip = [], False
    for value, following in zip(values, [*values[1:], None], strict=True):
        if skip:
            skip = False
            continue
        # Of a pair of conjugates one sign for both.
        skip = following is not None and abs(value - following.conjugate()) < 1e-9 and abs(value.imag) > 1e-9
        shown.append(complex_number(value, pair=skip))
    more = ", …" if len(shown) > 4 else ""
    return f"<b>{found.kinds[k]}</b>, point {k + 1}<br>λ = {', '.join(shown[:4])}{more}"


def complex_number(value: complex, *, pair: bool = False) -> str:
    """An eigenvalue as a label has it, "0.83" or "0.2 ± 0.9i"."""
    real = base.visible(f"{value.real:.3g}".replace("-", "−"))
    if abs(value.imag) < 1e-9:
        return real
    sign = "±" if pair else "+" if value.imag > 0 else "−"
    return f"{real} {sign} {abs(value.imag):.3g}i"
