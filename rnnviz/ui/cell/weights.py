"""The weights of a cell: U, W and V as heat maps, what they measure, and how they are called elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.registry import CELLS
from rnnviz.ui import charts, compute, shell
from rnnviz.ui.cell import weights_words as words
from rnnviz.ui.cell.section import begin
from rnnviz.ui.controls import Controls

if TYPE_CHECKING:
    from torch import Tensor

    from rnnviz.inside import Inside
    from rnnviz.observe import Observation
    from rnnviz.ui.opened_kind import Readout
    from rnnviz.ui.view import View

HEIGHT = 500
"""Of the picture in pixels."""

ROOM, ROOM_PRESENT = 820, 1120
"""Pixels that its panels have on a laptop, and in projector mode, where there is no side bar."""


def draw(controls: Controls) -> None:
    """The weights of the experiment."""
    run, seen = begin(controls, "scale", "forget")
    picture(run, seen, controls.view)

    see, formula = st.columns([1.35, 1], gap="large")
    with see:
        st.html(table(seen))
        shell.findings([*words.scaled(seen, controls.experiment.scale), *words.licence(seen)])
        shell.as_pytorch(controls.experiment, (run.cell,))
    with formula:
        letters(words.NO_READOUT)
        shell.equation(run.cell)


def picture(
    run: Observation,
    seen: Inside,
    view: View,
    *,
    key: str = "cell_weights",
    told: str = "",
    readout: Readout | None = None,
    trained: bool = False,
    least: tuple[float, float] = (0.0, 0.0),
    beside: bool = False,
) -> None:
    """The heat maps; ``told`` is added to what is said of them to those who do not see them.

    ``trained``: the layer is part of a network. ``least`` is how far the two scales go at least. ``beside``:
    another picture stands beside it.
    """
    from rnnviz.figures import cell_weights

    cell = CELLS[run.cell]
    fig = cell_weights.weights.spec(
        seen.params,
        cell,
        channels=run.signal.channels,
        readout=_head(readout),
        outputs=readout.outputs if readout else None,
        names=names(run, "rnn." if trained else "", "head"),
        least=least,
        room=(ROOM_PRESENT if view.present else ROOM) / (1 + 1.2 * beside),
        present=view.present,
    )
    alt = (
        f"Heat maps of the weights of the {cell.label}: the input's U, the state's W, and their biases{told}"
    )
    # On a phone it keeps a width at which it can be read, and is pushed sideways.
    st.html(
        f"<style>@media (max-width: 640px) {{ .st-key-{key}_frame {{ overflow-x: auto }} "
        f".st-key-{key}_frame > :has(.rvc-chart) {{ min-width: 50rem }} }}</style>"
    )
    with st.container(key=f"{key}_frame"):
        charts.mount(key, fig, alt, view, HEIGHT, f"weights-{run.cell}")


def reaches(found: Sequence[tuple[Inside, Readout | None]]) -> tuple[float, float]:
    """How far the scales of matrices and of vectors must go for several networks."""
    from rnnviz.figures import cell_weights_parts as cut

    return cut.reaches(
        part for seen, readout in found for part in cut.parts(seen.params, CELLS[seen.cell], _head(readout))
    )


def names(run: Observation, prefix: str = "", head: str = "") -> dict[str, str]:
    """What PyTorch calls each parameter: its own layers add the layer's number."""
    layer = run.trace.layers[0]
    own = CELLS[run.cell].torch_class is not None and not (layer.layernorm or layer.residual)
    found = {name: f"{prefix}{name}{'_l0' if own else ''}" for name in layer.params}
    return found | {name: f"{head}.{name}" for name in ("weight", "bias")}


def _head(readout: Readout | None) -> dict[str, Tensor] | None:
    return None if readout is None else {"weight": readout.weight, "bias": readout.bias}


def table(seen: Inside, of: str = "") -> str:
    """What is measured of each block, as a table in HTML; ``of`` says of which network."""
    rows = words.measures(seen, compute.spectra(seen))
    head = "".join(f"<th scope='col'>{column}</th>" for column in rows[0][1])
    body = "".join(
        f"<tr><th scope='row'>{escape(name)}</th>{''.join(f'<td>{value}</td>' for value in row.values())}</tr>"
        for name, row in rows
    )
    style = (
        ".rv-blocks { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 0.9rem }"
        ".rv-blocks th, .rv-blocks td { padding: 0.15rem 0.9rem 0.15rem 0; text-align: right; border: 0 }"
        ".rv-blocks th { font-weight: 600 } .rv-blocks tr > :first-child { text-align: left }"
        ".rv-blocks thead th { opacity: 0.7; font-weight: 400; white-space: nowrap }"
    )
    return (
        f"<style>{style}</style><h2 class='rv-h2'>Measured, block by block{of and f' · {of}'}</h2>"
        f"<table class='rv-blocks'><thead><tr><th></th>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def letters(readout: str) -> None:
    """Which letter stands for what, in tutorials and in PyTorch, and what there is of V."""
    st.html(
        "<h2 class='rv-h2'>U, W, V</h2><p class='rv-note'>Tutorials write h<sub>t</sub> = tanh(U x<sub>t</sub> + "
        "W h<sub>t−1</sub> + b) and y<sub>t</sub> = V h<sub>t</sub> + b<sub>y</sub>. <b>U</b> is W<sub>ih</sub> in the "
        "equations here, <code>weight_ih</code> in PyTorch, W<sub>xh</sub> elsewhere; <b>W</b> is W<sub>hh</sub>, "
        "<code>weight_hh</code>; <b>V</b> is W<sub>hy</sub>, in PyTorch a <code>nn.Linear</code> behind the layer. A "
        "gate has rows of its own in U and W, one over the other. Their b is b<sub>ih</sub> + b<sub>hh</sub>: PyTorch "
        f"keeps two.<br>{readout}</p>"
    )
