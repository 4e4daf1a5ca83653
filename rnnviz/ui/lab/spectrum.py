"""What the eigenvalues and singular values are, and what may be concluded from them."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.registry import CELLS
from rnnviz.ui import charts, compute, shell
from rnnviz.ui.controls import Controls
from rnnviz.ui.findings import number
from rnnviz.ui.live_chart import TimeScrub
from rnnviz.ui.once import Once, Report

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator
    from torch import nn

    from rnnviz.experiment import Experiment
    from rnnviz.spectrum import BlockSpectrum, RunSpectrum, Verdict

    Blocks = tuple[BlockSpectrum, ...]

KEPT = 32
"""Results kept. The largest (500 steps, a state of 128) holds 0.5 MB."""

QUICK = 6e7
"""T S^3 up to which a run's spectra come within about 0.1 s, and need no bar."""

_slow: Once[RunSpectrum] = Once(kept=12)


def draw(controls: Controls) -> None:
    """The spectra of W_hh and of the run, each under the sentence that it licenses."""
    shell.look(
        "Look whether the eigenvalues leave the unit circle when you raise the weight scale, and whether the "
        "gradient then explodes."
    )
    cell, length, scale, forget = st.columns(4, gap="medium")
    with cell:
        controls.cell()
    shown = (controls.experiment.cell,)
    with length:
        shell.length_slider(controls)
    with scale:
        shell.scale_slider(controls, shown)
    with forget:
        shell.forget_slider(controls, shown)
    controls.keep()

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
        limits = _limits(blocks) if experiment.cell == "rnn_linear" else None
        fig = figures.run.spec(found, experiment.cell, limits=limits, labels=labels)
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


def weights_say(cell: str, blocks: Blocks) -> str:
    """What W_hh alone licenses, in one sentence with its number."""
    from rnnviz.spectrum import weight_verdict

    if not blocks:
        return "<b>Silent:</b> the gates of a minGRU read the input alone. There is no W<sub>hh</sub>."
    if CELLS[cell].gates:
        return (
            "<b>Silent:</b> of a gated cell W<sub>hh</sub> alone says neither that gradients vanish nor that they "
            "explode."
        )
    block = blocks[0]
    return _licence(weight_verdict(cell, block), "of W<sub>hh</sub>", cell == "rnn_linear")


def run_says(found: RunSpectrum) -> str:
    """What the Jacobians of this run license, in one sentence with its number."""
    from rnnviz.spectrum import Licence, run_verdict

    verdict = run_verdict(found)
    value = f"<b>{_near(verdict.value)}</b>"
    if math.isnan(verdict.value):
        return "<b>Silent:</b> no Jacobian of this run is finite."
    if verdict.licence is Licence.SILENT and found.every > 1:
        return (
            f"<b>Silent:</b> no step that was looked at stretches anything (σ<sub>max</sub> at most {value}), but not "
            "all were."
        )
    match verdict.licence.value, verdict.fate.value:
        case "sufficient", "vanish":
            return (
                f"<b>Sufficient for this run:</b> no step stretches anything, σ<sub>max</sub> at most {value} &lt; 1. "
                "Gradients can only have shrunk."
            )
        case "sufficient", "explode":
            return (
                f"<b>Sufficient for this run:</b> every step stretches every direction, σ<sub>min</sub> is at least "
                f"{value} &gt; 1. Gradients must have grown."
            )
        case "sufficient", "keep":
            return "<b>Sufficient for this run:</b> every step keeps all lengths (all σ = 1), and so do its gradients."
        case "necessary", _:
            return (
                f"<b>Necessary, not sufficient:</b> some step stretches some direction, σ<sub>max</sub> up to {value} "
                "&gt; 1. An explosion needs that; it need not follow."
            )
    return f"<b>Silent:</b> σ<sub>max</sub> is at most {value}: gradients cannot have grown, but need not have shrunk."


def _licence(verdict: Verdict, of: str, linear: bool) -> str:
    measure = {
        "radius": "the spectral radius",
        "sigma_max": "σ<sub>max</sub>",
        "sigma_min": "σ<sub>min</sub>",
    }
    value = f"{measure[verdict.measure]} {of} is <b>{_near(verdict.value)}</b>"
    match verdict.licence.value, verdict.fate.value:
        case "sufficient", "vanish":
            end = "" if linear else ", and the slope is at most 1"
            return f"<b>Sufficient to vanish:</b> {value} &lt; 1{end}."
        case "sufficient", "explode":
            return f"<b>Sufficient to explode:</b> {value} &gt; 1, and nothing else acts on the gradient."
        case "sufficient", "keep":
            return "<b>Sufficient to keep:</b> W<sub>hh</sub> is orthogonal, so gradients keep their length exactly."
        case "necessary", _:
            return f"<b>Necessary to explode, not sufficient:</b> {value} &gt; 1. " + (
                "All but special gradients do." if linear else "Slopes below 1 can still make it vanish."
            )
    return f"<b>Silent:</b> {value}, the border case: gradients need not vanish" + (
        ", nor explode." if linear else ", and cannot explode."
    )


def sentences(cell: str, blocks: Blocks, found: RunSpectrum) -> list[str]:
    """What the pictures show, with the numbers that were measured."""
    said = [_fate(found)]
    if blocks:
        each = ", ".join(
            f"{f'<i>{block.name}</i> ' if len(blocks) > 1 else ''}<b>{block.radius:.2f}</b> and "
            f"<b>{block.sigma_max:.2f}</b>"
            for block in blocks
        )
        said.append(f"Spectral radius ρ and σ<sub>max</sub> of W<sub>hh</sub>: {each}.")
    known = found.singular_values[found.singular_values.isfinite().all(1)]
    if len(known):
        said.append(
            f"A step's Jacobian stretches by at most <b>{number(float(known[:, 0].max()))}</b> and by at least "
            f"<b>{number(float(known[:, -1].min()))}</b>"
            + (f", of every {found.every} steps one looked at." if found.every > 1 else ".")
        )
    if cell == "rnn_linear" and len(found.exponents) == len(blocks[0].eigenvalues):
        total, exact = float(found.exponents.sum()), sum(_limits(blocks))
        if math.isfinite(total) and math.isfinite(exact):
            said.append(
                f"The exponents add up to <b>{_signed(total)}</b>, which is log |det W<sub>hh</sub>| = "
                f"<b>{_signed(exact)}</b>. Rings: log |eigenvalue|, to which each tends as T grows."
            )
    if cell == "lstm_layernorm":
        said.append(
            "Layer norm divides the size of W<sub>hh</sub> out again: the weight scale moves eigenvalues only."
        )
    return said


def _fate(found: RunSpectrum) -> str:
    """What happened on average, by the sign of the largest exponent."""
    largest = float(found.exponents[0])
    if not math.isfinite(largest):
        why = "each direction is lost in one step" if largest < 0 else "the run leaves what float64 can hold"
        return f"There is no largest Lyapunov exponent: {why}."
    # The mean of T logarithms is rounded by no more than this.
    way = "neither grew nor shrank" if abs(largest) < 1e-6 else "grew" if largest > 0 else "shrank"
    return (
        f"What happened: λ<sub>max</sub> = <b>{_signed(largest)}</b> over these {found.T} steps. On average the "
        f"direction that fared best {way}"
        + (f", by <b>× {math.exp(largest):.3g}</b> a step." if abs(largest) >= 1e-6 else ".")
    )


def _limits(blocks: Blocks) -> list[float]:
    """log |eigenvalue| of the one block, descending: what the exponents of a linear RNN tend to."""
    return [float(value) for value in blocks[0].eigenvalues.abs().log()]


def _signed(value: float) -> str:
    return f"{value:.3f}".replace("-", "−")


def _near(value: float) -> str:
    """A number that is compared with 1, with as many digits as show on which side it lies."""
    if not 0.01 <= value < 100:
        return number(value)
    return f"{value:.3f}" if abs(value - 1) >= 1e-3 else f"{value:.6f}"


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
            "sufficient. γ bounds the slope of tanh and of ReLU. The eigenvalues of W<sub>hh</sub> decide nothing here."
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
    if experiment.steps * S**3 <= QUICK:
        return _quick(experiment)
    words = "Looking at the Jacobian of every step"
    return _slow.get(experiment, lambda report: _compute(experiment, report), slot, words)


@lru_cache(maxsize=KEPT)
def _quick(experiment: Experiment) -> RunSpectrum:
    return _compute(experiment, None)


def _compute(experiment: Experiment, report: Report | None) -> RunSpectrum:
    from rnnviz import build
    from rnnviz.spectrum import run_spectrum

    return run_spectrum(_model(experiment), build.build_input(experiment).double(), report=report)
