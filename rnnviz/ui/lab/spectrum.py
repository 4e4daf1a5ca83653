"""What the eigenvalues and singular values are, and what may be concluded from them."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.registry import CELLS
from rnnviz.ui import charts, compute, shell
from rnnviz.ui.controls import Controls
from rnnviz.ui.lab.spectrum_words import limits, run_says, sentences, weights_say
from rnnviz.ui.live_chart import TimeScrub
from rnnviz.ui.once import Report, Results

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator
    from torch import nn

    from rnnviz.experiment import Experiment
    from rnnviz.spectrum import BlockSpectrum, RunSpectrum

    Blocks = tuple[BlockSpectrum, ...]

KEPT = 32
"""Results kept. The largest (500 steps, a state of 128) holds 0.5 MB."""

QUICK = 6e7
"""T S^3 up to which a run's spectra come within about 0.1 s, and need no bar."""


def draw(controls: Controls) -> None:
    """The spectra of W_hh and of the run, each under the sentence that it licenses."""
    shell.look(
        "Look whether the eigenvalues leave the unit circle when you raise the weight scale, and whether the "
        "gradient then explodes."
    )
    shown = shell.settings(controls, "cell", "length", "scale", "forget")

    experiment, view = controls.experiment, controls.view
    key = replace(experiment, cells=(experiment.cell,), loss=None)
    blocks, name = _weights(key), CELLS[experiment.cell].label
    from rnnviz.figures import spectrum as figures

    left, right = st.columns([1.04, 1], gap="medium")
    with left:
        st.html(_caption(weights_say(experiment.cell, blocks)))
        if blocks:
            alt = (
                f"Eigenvalues of W_hh of the {name} in the complex plane, a plane for each block, with the unit "
                "circle; beside them the singular values"
            )
            fig = figures.weights.spec(blocks)
            charts.mount("spectrum_weights", fig, alt, view, 448, f"spectrum-{experiment.cell}")
    with right:
        caption = st.container()
    # The weights stand already while the run is looked at, which without them has the whole width.
    with right if blocks else st.container():
        picture, slot = st.container(), st.empty()
        found = _run(key, slot)
        caption.html(_caption(run_says(found)))
        labels = compute.signal(experiment).labels
        rings = limits(blocks) if experiment.cell == "rnn_linear" else None
        fig = figures.run.spec(found, experiment.cell, limits=rings, labels=labels)
        time = TimeScrub(steps=experiment.steps, axes=("x",), labels=labels, first=1)
        alt = (
            f"Largest, median and smallest singular value of the Jacobian of each step of the {name} on a log axis; "
            "below, the Lyapunov exponents in descending order"
        )
        with picture:
            charts.mount("spectrum_run", fig, alt, view, 400, f"spectrum-run-{experiment.cell}", time)

    see, formula = st.columns([1.35, 1], gap="large")
    with see:
        shell.findings(sentences(experiment.cell, blocks, found))
        shell.as_pytorch(experiment, shown)
    with formula:
        _equation(experiment.cell)


def _caption(words: str) -> str:
    """A verdict above its picture: two lines are kept free for it, so that nothing jumps."""
    words = words.replace("<sub>", "<sub style='line-height: 0'>")
    return f"<p class='rv-note' style='min-height: 2.9em; max-width: none'>{words}</p>"


def _equation(cell: str) -> None:
    st.html("<h2 class='rv-h2'>What is licensed</h2>")
    known = CELLS[cell]
    if cell == "rnn_linear":
        st.latex(r"\frac{\partial h_t}{\partial h_k} = W_{hh}^{\,t-k}")
        note = (
            "Spectral radius below 1: sufficient to vanish in the long run (σ<sub>max</sub> above 1 still lets it grow "
            "at first). Above 1: necessary to explode."
        )
    elif not known.gates:
        st.latex(
            r"\Big\|\frac{\partial h_t}{\partial h_k}\Big\| \le \prod_{j=k+1}^{t} \|J_j\| "
            r"\le (\gamma\, \sigma_{\max})^{t-k}, \quad \gamma = 1"
        )
        note = (
            "σ<sub>max</sub>(W<sub>hh</sub>) below 1/γ: sufficient to vanish. Above: necessary to explode, not "
            "sufficient. γ bounds the slope of tanh and of ReLU. Eigenvalues of W<sub>hh</sub> license nothing here."
        )
    else:
        st.latex(r"\Big\|\frac{\partial s_t}{\partial s_k}\Big\| \le \prod_{j=k+1}^{t} \sigma_{\max}(J_j)")
        state = "(h, c)" if len(known.states) > 1 else "h"
        note = (
            f"s is the whole state, {state}. The bound holds for any cell, but each Jacobian J depends on the gates, "
            "so it speaks of one run only."
        )
    st.latex(r"\lambda_i = \frac1T \sum_{t=1}^{T} \log |R_{t,ii}|, \qquad J_t\, Q_{t-1} = Q_t R_t")
    st.html(
        f"<p class='rv-note'>{note} λ<sub>max</sub> says what happened on average over T steps; of a longer run it "
        "is an estimate. Computed in float64.<br><span>Pascanu, Mikolov &amp; Bengio 2013, arXiv:1211.5063; "
        "Engelken, Wolf &amp; Abbott 2023, doi:10.1103/PhysRevResearch.5.043044</span></p>"
    )


def _model(experiment: Experiment) -> nn.Module:
    from rnnviz import build

    return build.build_module(experiment, experiment.cell).double()


def _weights(experiment: Experiment) -> Blocks:
    """They depend on the model alone, not on how long it runs."""
    from rnnviz.ui import preload

    preload.ensure()
    return _weights_of(experiment)


@lru_cache(maxsize=KEPT)
def _weights_of(experiment: Experiment) -> Blocks:
    from rnnviz.spectrum import weight_spectrum

    return weight_spectrum(_model(experiment))


def _run(experiment: Experiment, slot: DeltaGenerator) -> RunSpectrum:
    S = experiment.hidden * len(CELLS[experiment.cell].states)
    quick = experiment.steps * S**3 <= QUICK
    return _runs.get(experiment, slot, None if quick else "Looking at the Jacobian of every step")


def _compute(experiment: Experiment, report: Report | None) -> RunSpectrum:
    from rnnviz import build
    from rnnviz.spectrum import run_spectrum

    return run_spectrum(_model(experiment), build.build_input(experiment).double(), report=report)


_runs: Results[Experiment, RunSpectrum] = Results(_compute, quick=KEPT, slow=12)
