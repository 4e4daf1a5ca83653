"""Where the gradient goes: straight along the memory, or through the gates."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.registry import CELLS
from rnnviz.ui import charts, compute, shell
from rnnviz.ui.controls import Controls
from rnnviz.ui.findings import number, share
from rnnviz.ui.live_chart import TimeScrub
from rnnviz.ui.once import Report, Results

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator
    from torch import Tensor

    from rnnviz.experiment import Experiment
    from rnnviz.paths import Paths

KEPT = 24
"""Results kept. The largest (128 units, 500 steps) holds 2 MB in float64."""

QUICK = 4e7
"""T H^2 S up to which a result comes within about 0.1 s, and needs no bar."""


def draw(controls: Controls) -> None:
    """Both ways at every step and over the span, for the main cell."""
    shell.look(
        "Compare the two shares: most of one step may be direct, yet over many steps little has never taken a detour."
    )
    widths = (0.95, 1, 1.15, 0.95, 0.95)
    shown = shell.settings(controls, "cell", "length", "loss", "scale", "forget", widths=widths)

    experiment, view = controls.experiment, controls.view
    picture, slot = st.container(), st.empty()
    found = _paths(experiment, slot)
    from rnnviz.figures import paths as figures

    labels, name = compute.signal(experiment).labels, CELLS[experiment.cell].label
    with picture:
        left, right = st.columns(2, gap="medium")
        with left:
            alt = (
                f"Gradient of the loss by the memory of the {name} at each step on a log axis: in full, the part "
                "that came all the way along the direct path, and the rest; below, the share of the direct part"
            )
            time = TimeScrub(steps=experiment.steps, axes=("x",), labels=labels, first=1)
            fig = figures.span.spec(found, labels=labels)
            charts.mount("paths_span", fig, alt, view, 424, f"paths-{experiment.cell}", time)
        with right:
            alt = (
                f"Size of the direct part and of the rest of each step's Jacobian of the {name}, and the share "
                "of the direct part"
            )
            time = TimeScrub(steps=experiment.steps, axes=("x",), labels=labels, first=1, bar=False)
            fig = figures.step.spec(found, labels=labels)
            charts.mount("paths_step", fig, alt, view, 424, f"paths-step-{experiment.cell}", time)

    see, formula = st.columns([1.35, 1], gap="large")
    with see:
        shell.findings(sentences(found))
        shell.as_pytorch(experiment, shown)
    with formula:
        _equation(experiment.cell)


def sentences(found: Paths) -> list[str]:
    """What the two pictures show, with the numbers that were measured."""
    cell, m, back = CELLS[found.cell], found.memory, found.at
    steps = f"{back} {'step' if back == 1 else 'steps'}"
    whole = (
        f"‖∂L/∂{m}‖ goes from {_norm(found.total[-1], found.total_lost[-1])} at the loss to "
        f"{_norm(found.total[0], found.total_lost[0])} at step 1."
    )
    if not cell.gates:
        return [
            f"{cell.label}: there is <b>no direct path</b>. The whole state is rewritten at each step, so all of the "
            f"gradient runs through W<sub>hh</sub>: {whole}"
        ]
    said = [
        f"{cell.label}: {whole} It is a sum: a part of norm {_norm(found.direct[0], found.direct_lost[0])} came all "
        f"the way along the direct path, one of {_norm(found.rest[0], found.rest_lost[0])} through a gate at least once"
        + (", and they cancel in part." if _cancel(found) else ".")
    ]
    rates = [_rate(part) for part in (found.direct, found.total)]
    if all(math.isfinite(rate) for rate in rates):
        said.append(
            f"Per step back the direct part is multiplied by <b>{rates[0]:.3g}</b>, by way of {_keeper(found.cell)}, "
            f"and the whole gradient by <b>{rates[1]:.3g}</b> (geometric means of {steps})."
        )
    if bool((found.rest_size == 0).all()):
        why = (
            "the gates read the input alone"
            if found.cell == "mingru"
            else "nothing recurrent is left in the gates"
        )
        said.append(f"The rest is <b>exactly 0</b> at every step: {why}.")
        return said
    one, span = float(found.step_share.nanmedian()), float(found.span_share[0])
    if math.isfinite(one) and math.isfinite(span) and back:
        said.append(
            f"Of the squares the direct path has <b>{share(one)}</b> in a single step (median), "
            f"{'but' if one > span else 'and'} <b>{_small_share(span)}</b> in the gradient at step 1"
            + (f": over {steps} the detours add up." if one > span else ".")
        )
    if bool((found.overlap != 0).any()):
        said.append(
            "Both parts meet on the diagonal of the Jacobian, so their squares do not quite add up: the share is "
            "direct² ÷ (direct² + rest²), and what they have in common counts for neither."
        )
    return said


def _cancel(found: Paths) -> bool:
    """Whether at step 1 a part is longer than the whole, so that the other pulls against it."""
    from rnnviz.gradients import step_norms

    direct, rest, total = (
        float(step_norms(part[:1, None])[0]) for part in (found.direct, found.rest, found.total)
    )
    return max(direct, rest) > total * (1 + 1e-9)


def _keeper(cell: str) -> str:
    if "f" in CELLS[cell].gate_names:
        return "<i>f</i>"
    return "<i>z</i>" if cell == "gru" else "<i>1 − z</i>"


def _norm(gradient: Tensor, lost: Tensor) -> str:
    from rnnviz.gradients import step_norms

    if bool(lost):
        return "<b>less than float64 can hold</b>"
    norm = float(step_norms(gradient[None, None])[0])
    return f"<b>{number(norm)}</b>" if norm else "<b>exactly 0</b>"


def _small_share(value: float) -> str:
    """A share that may be tiny, which per cent would round to nothing."""
    return share(value) if value >= 1e-3 or value == 0 else number(value)


def _rate(gradient: Tensor) -> float:
    """By how much the norm is multiplied per step back, on geometric average; NaN where it is lost or there is none."""
    from rnnviz.gradients import step_norms

    first, last = (float(norm) for norm in step_norms(gradient[[0, -1], None]))
    # Below this digits are missing, and the mean with them.
    return (
        (first / last) ** (1 / (len(gradient) - 1))
        if first > 1e-307 and last > 0 and len(gradient) > 1
        else math.nan
    )


def _equation(cell: str) -> None:
    known = CELLS[cell]
    st.html("<h2 class='rv-h2'>Direct path and rest</h2>")
    if not known.gates:
        st.latex(
            r"\frac{\partial L}{\partial h_{t-1}} = \Big(\frac{\partial h_t}{\partial h_{t-1}}\Big)^{\!\top}"
            r"\frac{\partial L}{\partial h_t}"
        )
        note = "Without gates nothing is carried on as it is: no path avoids W<sub>hh</sub>."
    elif known.states == ("h", "c"):
        peephole = r" + \text{peepholes}" if cell == "lstm_peephole" else ""
        st.latex(
            r"\frac{\partial L}{\partial c_{t-1}} = \underbrace{f_t \odot \frac{\partial L}{\partial c_t}}"
            r"_{\text{direct}} + \underbrace{\Big(\frac{\partial h_{t-1}}{\partial c_{t-1}}\Big)^{\!\top}"
            r"\frac{\partial L}{\partial h_{t-1}}" + peephole + r"}_{\text{rest}}"
        )
        note = (
            "The direct path is ∂c<sub>t</sub>/∂c<sub>t−1</sub> with the gates held: diag(f<sub>t</sub>). The rest "
            "runs through h<sub>t−1</sub>, which every gate reads"
        )
        note += ", and through the gates' own view of c." if cell == "lstm_peephole" else "."
    else:
        keeper = "z_t" if cell == "gru" else "(1 - z_t)"
        through = "0" if cell == "mingru" else r"\text{through } r_t, z_t, n_t"
        st.latex(
            r"\frac{\partial L}{\partial h_{t-1}} = \underbrace{"
            + keeper
            + r" \odot \frac{\partial L}{\partial h_t}}"
            r"_{\text{direct}} + \underbrace{" + through + r"}_{\text{rest}}"
        )
        note = "The direct path is ∂h<sub>t</sub>/∂h<sub>t−1</sub> with the gates held"
        note += ": z = 1 keeps." if cell == "gru" else ": z = 0 keeps."
        note += " The gates read the input alone, so there is no rest." if cell == "mingru" else ""
    st.html(
        f"<p class='rv-note'>{note} Sizes are Frobenius norms ÷ √H, so a step that hands all on has size 1. "
        "Computed in float64.<br><span>Hochreiter &amp; Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735; "
        "split by holding the gates of the step function</span></p>"
    )


def _paths(experiment: Experiment, slot: DeltaGenerator) -> Paths:
    from rnnviz.ui import preload

    preload.ensure()
    cell = experiment.cell
    key = replace(experiment, cells=(cell,))
    H, S = experiment.hidden, experiment.hidden * len(CELLS[cell].states)
    quick = experiment.steps * H * H * S <= QUICK
    return _results.get(key, slot, None if quick else "Splitting the Jacobian of every step")


def _compute(experiment: Experiment, report: Report | None) -> Paths:
    """In float64, which reaches ten times as far down as the app's float32."""
    from rnnviz import build
    from rnnviz.paths import paths

    module = build.build_module(experiment, experiment.cell).double()
    return paths(module, build.build_input(experiment).double(), experiment.loss_index, report=report)


_results: Results[Experiment, Paths] = Results(_compute, quick=KEPT, slow=8)
