"""Phase diagrams: at which weight scales, and over how many steps, gradients vanish or explode."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from rnnviz.experiment import FIELD, Experiment
from rnnviz.prose import listed
from rnnviz.registry import CELLS
from rnnviz.ui import charts, compute, findings, preload, shell
from rnnviz.ui.controls import Controls
from rnnviz.ui.lab.phase_runs import diagrams, is_coarse
from rnnviz.ui.live_chart import Pick
from rnnviz.ui.live_slider import nearest

if TYPE_CHECKING:
    from rnnviz.observe import Observation
    from rnnviz.sweep import Diagram

HEIGHT = 455


def draw(controls: Controls) -> None:
    """The diagrams of the chosen cells with the experiment's own place in them, and what is measured there."""
    look, against = st.columns([3.6, 1], gap="medium", vertical_alignment="center")
    with look:
        shell.look(
            "Look for the line of ratio 1: on one side gradients vanish, on the other they explode. Click to go there."
        )
    with against:
        controls.segment("against")
    controls.cells()
    chosen = shell.settings(controls, "length", "scale", "forget")

    experiment, view = controls.experiment, controls.view
    by_forget = view.against == "forget"
    shown = [name for name in chosen if CELLS[name].forget or not by_forget]
    left_out = [CELLS[name].label for name in chosen if name not in shown]
    picture, slot = st.container(key="phase_panels"), st.empty()
    if not shown:
        shell.findings([f"{listed(left_out)}: no forget gate, so no forget bias. Choose an LSTM above."])
        return
    found = diagrams(experiment, shown, view.against, slot)
    preload.ensure()
    from rnnviz.figures.phase import phase

    other = "forget bias" if by_forget else "length"
    alt = f"Heat maps of the gradient ratio by weight scale and {other}, for {listed([CELLS[n].label for n in shown])}"
    own = (float(experiment.scale), own_value(experiment, view.against))
    fig = phase.spec(found, own, coarse=is_coarse(found[0]))

    def pick(mark: Pick) -> None:
        controls.session.assign(**picked(mark, experiment, view.against))

    with picture:
        charts.mount(f"phase_{view.against}", fig, alt, view, HEIGHT, "phase-diagram", on_pick=pick)
        st.html(f"<p class='rv-note'>{legend(found[0])}</p>")

    runs = [compute.observation(replace(experiment, loss=None), name) for name in shown]
    see, formula = st.columns([1.35, 1], gap="large")
    with see:
        shell.findings(sentences(found, runs, experiment, left_out))
    with formula:
        _equation(found[0])


def picked(mark: Pick, experiment: Experiment, against: str) -> dict[str, Any]:
    """The settings nearest to the place of a click: the scale, and the length or the forget bias."""

    def legal(name: str, value: float) -> int | float:
        field = FIELD[name]
        return nearest(value, field.minimum or 0, field.maximum or 0, field.step or 1)

    if against == "forget":
        return {"scale": legal("scale", mark.x), "forget": legal("forget", mark.y)}
    typed = experiment.signal in ("text", "numbers")
    return {"scale": legal("scale", mark.x)} | ({} if typed else {"length": int(legal("length", mark.y))})


def own_value(experiment: Experiment, against: str) -> float:
    """The experiment's place on the other axis. PyTorch draws its biases around 0."""
    if against == "forget":
        return float(experiment.forget or 0.0)
    return float(experiment.steps)


def legend(one: Diagram) -> str:
    """What the marks are, and how many models are behind a point."""
    return (
        f"Ring: your setting. Line: ratio 1. Grey: 0 or ∞ in float32. Each of {len(one.scales)} × {len(one.values)} "
        f"points: the median of {len(one.seeds)} seeds."
    )


def sentences(
    found: Sequence[Diagram],
    runs: Sequence[Observation],
    experiment: Experiment,
    left_out: Sequence[str] = (),
) -> list[str]:
    """Where each cell's ratio passes 1, how far its seeds are apart there, and what this very experiment has."""
    lines = [_crossing(one, experiment) for one in found]
    if found[0].against == "forget":
        lines += [_column(one, experiment) for one in found]
    own = ", ".join(f"{CELLS[run.cell].label} {_own(run)}" for run in runs)
    lines.append(
        f"Your own model{'s' * (len(runs) > 1)}, in the ring (seed {experiment.seed}, float32): {own}."
    )
    if found[0].against == "forget" and experiment.forget is None:
        lines.append(f"Your forget bias is not set, and the ring stands at 0: {_drawn(experiment)}.")
    if left_out:
        lines.append(f"Left out: {listed(left_out)}, without a forget gate.")
    return lines


def _crossing(one: Diagram, experiment: Experiment) -> str:
    """What the row of the experiment's own length, or forget bias, shows."""
    from rnnviz.sweep import crossings

    own = own_value(experiment, one.against)
    v = min(range(len(one.values)), key=lambda k: abs(one.values[k] - own))
    label, value = CELLS[one.cell].label, one.values[v]
    where = f"over {value:.0f} steps" if one.against == "length" else f"at forget bias {_plain(value)}"
    row = one.median[v]
    places = crossings(one.scales, row)
    if places:
        at = " and ".join(f"<b>{place:.2f}</b>" for place in places[:3])
        more = ", and more often" if len(places) > 3 else ""
        low, high = (_between(one.scales, quartile[v].tolist(), places[0]) for quartile in one.quartiles)
        spread = f"; there half of the {len(one.seeds)} seeds lie from {ratio(low)} to {ratio(high)}"
        return f"{label}, {where}: the ratio is 1 at weight scale {at}{more}{spread}."
    numbers = [
        (value, scale) for value, scale in zip(row.tolist(), one.scales, strict=True) if value == value
    ]
    if not numbers:
        return f"{label}, {where}: the states leave the range of numbers at every scale."
    if CELLS[one.cell].recurrent is None:
        return f"{label}, {where}: the ratio is {ratio(numbers[0][0])} at every scale, as there is no W_hh to scale."
    largest, least = max(numbers), min(numbers)
    every = (
        "every scale" if len(numbers) == len(row) else f"the {len(numbers)} scales at which it is a number"
    )
    if largest[0] < 0:
        return f"{label}, {where}: below 1 at {every}, at most {ratio(largest[0])} (at {largest[1]:g})."
    if least[0] < 0:
        return (
            f"{label}, {where}: from {ratio(least[0])} (at {least[1]:g}) to {ratio(largest[0])} (at {largest[1]:g}), "
            "without a scale between two numbers at which it passes 1."
        )
    return f"{label}, {where}: not below 1 at {every}, at least {ratio(least[0])} (at {least[1]:g})."


def _column(one: Diagram, experiment: Experiment) -> str:
    """What the column of the experiment's own scale shows, from the least forget bias to the largest."""
    s = min(range(len(one.scales)), key=lambda k: abs(one.scales[k] - experiment.scale))
    column = one.median[:, s].tolist()
    low, high = _plain(one.values[0]), _plain(one.values[-1])
    return (
        f"{CELLS[one.cell].label}, at weight scale {one.scales[s]:g}: the ratio goes from {ratio(column[0])} at forget "
        f"bias {low} to {ratio(column[-1])} at {high}."
    )


def _drawn(experiment: Experiment) -> str:
    if experiment.init != "pytorch":
        return "this initialisation puts every bias at 0"
    return f"PyTorch draws one for each unit, at most {2 / math.sqrt(experiment.hidden):.2g} from 0"


def _between(scales: Sequence[float], values: Sequence[float], at: float) -> float:
    """The value at a place between two points, by a straight line."""
    k = max(k for k, scale in enumerate(scales[:-1]) if scale <= at)
    share = (at - scales[k]) / (scales[k + 1] - scales[k])
    return values[k] + share * (values[k + 1] - values[k])


def _own(run: Observation) -> str:
    """The ratio of the experiment's own model, as the app's float32 has it."""
    layer = run.gradients.layers[0]
    if bool(layer.underflow[0]):
        return "<b>0</b> (too small for float32)"
    return f"<b>{findings.number(float(layer.h_norm[0].double() / layer.h_norm[-1].double()))}</b>"


def ratio(decades: float) -> str:
    """A ratio by its decimal logarithm, as prose has it, however small."""
    if decades != decades or decades == math.inf:
        return "no number"
    if abs(decades) < 300 or decades == -math.inf:
        return f"<b>{findings.number(10.0**decades)}</b>"
    return f"<b>10<sup>{_plain(round(decades))}</sup></b>"


def _plain(value: int | float) -> str:
    return f"{value:g}".replace("-", "−")


def _equation(one: Diagram) -> None:
    st.html("<h2 class='rv-h2'>The ratio</h2>")
    st.latex(
        r"\frac{\lVert \partial L / \partial h_1 \rVert}{\lVert \partial L / \partial h_T \rVert}, \qquad "
        r"L = \sum_i h_{T,i}, \quad W_{hh} = \text{scale} \times W_{hh}^{\text{init}}"
    )
    forget = ", all units with the same forget bias" if one.against == "forget" else ""
    st.html(
        "<p class='rv-note'>What reaches h<sub>1</sub>, per unit of what starts at h<sub>T</sub>. Each point is the "
        f"median of {len(one.seeds)} models, seeds {one.seeds[0]} to {one.seeds[-1]}{forget}; all else as you set it. "
        "Computed in float64 with the exponent kept apart, so no ratio is lost; grey is what float32, in which the "
        "models of the app run, has as 0 or ∞.<br><span>Pascanu, Mikolov &amp; Bengio 2013, arXiv:1211.5063; the line "
        "between order and chaos: Poole et al. 2016, arXiv:1606.05340, Schoenholz et al. 2017, arXiv:1611.01232; "
        "forget bias: Jozefowicz, Zaremba &amp; Sutskever 2015, PMLR 37:2342</span></p>"
    )
