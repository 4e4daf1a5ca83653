"""The textbook cures: the same experiment with each of them, before and after."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.registry import CELLS
from rnnviz.ui import charts, preload, shell
from rnnviz.ui.controls import Controls
from rnnviz.ui.lab.cures_words import sentences, table
from rnnviz.ui.once import Once

if TYPE_CHECKING:
    from rnnviz.cures import Comparison, Cure

HEIGHT = 455

# The largest (9 x 5 runs of 500 steps) holds 0.2 MB.
_found: Once[Comparison] = Once(64)

_STYLE = """<style>
.rv-cures { border-collapse: collapse; width: 100%; margin: 0.3rem 0 0.6rem; font-variant-numeric: tabular-nums; }
.rv-cures caption { text-align: left; font-size: 0.875rem; opacity: 0.75; padding-bottom: 0.35rem; }
.rv-cures th { font-weight: 500; opacity: 0.7; font-size: 0.85rem; text-align: right; vertical-align: bottom; }
.rv-cures th { white-space: nowrap; }
.rv-cures th, .rv-cures td { padding: 0.3rem 0.7rem; border: 0; border-bottom: 1px solid rgba(128,128,128,0.25); }
.rv-cures td { text-align: right; white-space: nowrap; }
.rv-cures td small { display: block; opacity: 0.6; font-size: 0.75rem; }
.rv-cures th:first-child, .rv-cures td:first-child, .rv-cures td.rv-not { text-align: left; }
.rv-cures td.rv-not { opacity: 0.65; white-space: normal; }
.rv-cures tr.rv-first td { font-weight: 600; }
.rv-scroll { overflow-x: auto; }
@media (max-width: 640px) {
  .st-key-cures_panels { overflow-x: auto; }
  .st-key-cures_panels > * { min-width: 54rem; }
}
</style>"""


def draw(controls: Controls) -> None:
    """The panels, the table under them, and what is measured in both."""
    shell.look(
        "Look at the grey line, the run as it is, and at how each cure changes it: a level line keeps the gradient."
    )
    main = shell.settings(controls, "cell", "length", "scale", "forget", "threshold")

    st.html(_STYLE)
    picture, slot = st.container(key="cures_panels"), st.empty()
    experiment, view = replace(controls.experiment, cells=main), controls.view
    known = CELLS[experiment.cell]
    preload.ensure()
    from rnnviz import build, cures
    from rnnviz.figures import cures as figures

    words = f"Running the {known.label} with each cure, for several seeds"
    found = _found.get(
        experiment, lambda report: cures.compare(experiment, known.name, report=report), slot, words
    )
    with picture:
        fig = figures.panels.spec(found, view.threshold, labels=build.signal(experiment).labels)
        alt = f"Norm of the gradient at each time step of the {known.label}, as it is and with each of eight cures"
        charts.mount("cures", fig, alt, view, HEIGHT, f"cures-{known.name}")
    _take_over(controls, found)
    st.html(table(found, view.threshold))

    see, formula = st.columns([1.35, 1], gap="large")
    with see:
        shell.findings(sentences(found, view.threshold))
    with formula:
        _equations(experiment.cell)


def _take_over(controls: Controls, found: Comparison) -> None:
    """Buttons that make a cure part of the experiment, where the experiment can hold it."""
    offered = [one.cure for one in found.outcomes if one.measured is not None and one.cure.change]
    if not offered:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="take_over"):
        st.html("<p class='rv-note'>Make it the experiment, for all pages:</p>", width="content")
        for cure in offered:
            there = all(getattr(found.experiment, name) == value for name, value in cure.change.items())
            label = cure.label.replace("W_hh", "$W_{hh}$")
            if st.button(label, key=f"take_{cure.name}", disabled=there):
                controls.session.assign(**cure.change)
                st.rerun()  # the whole page: the side bar shows the initialisation too


def _equations(cell: str) -> None:
    from rnnviz.cures import CURES

    st.html("<h2 class='rv-h2'>What each cure does</h2>")
    st.latex(
        r"\begin{aligned} \text{clipping} \quad & g \leftarrow \theta\, g / \lVert g \rVert \ \text{ if } "
        r"\lVert g \rVert \ge \theta \\ \text{chrono} \quad & b_f = \log \mathcal{U}([1, T_{\max} - 1]), \ "
        r"b_i = -b_f \\ \text{layer norm} \quad & a \leftarrow (a - \mu) / \sigma \\ \text{residual} \quad & "
        r"h_t = h_{t-1} + F(h_{t-1}, x_t), \ J = I + \partial F \end{aligned}"
    )
    notes = [
        _NORM.get(cell, ""),
        "T<sub>max</sub> is the loss step; a GRU's update gate is set likewise.",
        "Orthogonal and identity: biases 0, and times the weight scale as every W<sub>hh</sub> here.",
    ]
    sources = "; ".join(f"{_plain(cure)}: {escape(cure.source)}" for cure in CURES)
    st.html(
        f"<p class='rv-note'>All runs in float64, with the weights, the input and the loss of the experiment. "
        f"{' '.join(note for note in notes if note)}<br><span>{sources}</span></p>"
    )


_NORM = {
    "lstm": "Layer norm: the layer-norm LSTM, on each product and on c.",
    "gru": "Layer norm: on each product.",
    "gru_reset_before": "Layer norm: on each product.",
} | dict.fromkeys(("rnn", "rnn_relu", "lstm_peephole"), "Layer norm: on W<sub>ih</sub>x + W<sub>hh</sub>h.")
"""How each cell is normalised, by Ba, Kiros & Hinton 2016."""


def _plain(cure: Cure) -> str:
    return escape(cure.label).replace("W_hh", "W<sub>hh</sub>").lower().replace("w<sub>", "W<sub>")
