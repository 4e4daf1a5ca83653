"""The edge of chaos: whether neighbouring states of a large random network meet or part, by its gain and input."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from rnnviz.ui import charts, findings, preload, shell
from rnnviz.ui.controls import Controls
from rnnviz.ui.once import Once, Report

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator
    from torch import Tensor

    from rnnviz.chaos import Networks, Parting
    from rnnviz.figures.chaos import Curve
    from rnnviz.ui.live_chart import Pick

HEIGHT = 455

NETWORKS = 5
"""How many random networks a mean is taken over: those of the seed and of the four after it."""

CLEAR = 0.01
"""An exponent above this counts as chaos for certain: near the edge a finite network's may be 0, or nearly so."""


class Here(NamedTuple):
    """At one gain: the exponent of each network, and two runs of the first one from neighbouring states."""

    exponents: Tensor
    parting: Parting


# One curve holds 26 x 5 numbers, one place 200.
_curves: Once[Tensor] = Once(64)
_places: Once[Here] = Once(256)


def draw(controls: Controls) -> None:
    """The exponents by gain, the two runs beside them, and what is measured on both."""
    shell.look(
        "Look at where each curve rises above 0: from there on two states that differ by a hair end up far apart."
    )
    gain, drive, units = st.columns([1, 1, 1.05], gap="medium", vertical_alignment="center")
    with gain:
        controls.slider("scale")
    with drive:
        controls.slider("drive")
    with units:
        controls.segment("units")
    controls.keep()

    picture, slot = st.container(), st.empty()
    experiment, view = controls.experiment, controls.view
    N, g, first = int(view.units), experiment.scale, experiment.seed
    silent = curve("no input", N, first, 0.0, g, slot)
    driven = curve(f"input, std {view.drive:g}", N, first, float(view.drive), g, slot)
    preload.ensure()
    from rnnviz.figures import chaos as figures

    def pick(mark: Pick) -> None:
        controls.session.assign(scale=round(20 * min(max(mark.x, 0), 4)) / 20)

    with picture:
        left, right = st.columns([1.45, 1], gap="small")
        with left:
            alt = f"Leading Lyapunov exponent of random networks of {N} units against the gain, without and with input"
            fig = figures.exponents.spec([silent, driven], g, N)
            charts.mount("chaos_exponents", fig, alt, view, HEIGHT, "edge-of-chaos", on_pick=pick)
        with right:
            alt = f"Distance of two runs from neighbouring states over time, at gain {g:g}, without and with input"
            fig = figures.distance.spec([silent, driven], g)
            charts.mount("chaos_distance", fig, alt, view, HEIGHT, "neighbours")

    see, formula = st.columns([1.35, 1], gap="large")
    with see:
        shell.findings(sentences([silent, driven], g, N))
    with formula:
        _equation(N)


def curve(name: str, units: int, seed: int, drive: float, gain: int | float, slot: DeltaGenerator) -> Curve:
    """The exponents at all gains, and all that belongs to the chosen one, each computed once for all visitors."""
    preload.ensure()
    from rnnviz import chaos
    from rnnviz.figures.chaos import Curve

    def sweep(report: Report) -> Tensor:
        return chaos.leading_exponents(_networks(units, seed), chaos.GAINS, drive, report=report)

    def here(report: Report) -> Here:
        nets = _networks(units, seed)
        known = gain in chaos.GAINS
        found = (
            swept[chaos.GAINS.index(gain)]
            if known
            else chaos.leading_exponents(nets, [gain], drive, report=report)[0]
        )
        return Here(found, chaos.part(nets, gain, drive))

    words = f"Following {NETWORKS} networks of {units} units at {len(chaos.GAINS)} gains"
    swept = _curves.get((units, seed, drive), sweep, slot, words)
    at = _places.get((units, seed, drive, gain), here, slot, words)
    return Curve(name, chaos.GAINS, swept, chaos.mean_field(chaos.GAINS, drive), at.exponents, at.parting)


@lru_cache(maxsize=3)
def _networks(units: int, seed: int) -> Networks:
    """At most 7 MB each."""
    from rnnviz import chaos

    return chaos.networks(units, range(seed, seed + NETWORKS))


def sentences(curves: list[Curve], gain: int | float, units: int) -> list[str]:
    """What the two pictures show, in measured numbers; the first curve is the one without input."""
    ways = ["without input", *(f"with {curve.name}" for curve in curves[1:])]
    found = [_here(curve, f"At g = {gain:g} {way}", units) for curve, way in zip(curves, ways, strict=True)]
    found += [_parted(curve, way) for curve, way in zip(curves, ways, strict=True)]
    edges = [_edge(curve) for curve in curves]
    if all(edge is not None for edge in edges):
        one, other = (findings.number(edge or 0.0) for edge in edges)
        found.append(
            f"All {len(curves[0].at)} networks are clearly chaotic (λ > {CLEAR:g}) from g = <b>{one}</b> on without "
            f"input, from g = <b>{other}</b> on with it. Near the edge a network of finite size may do either."
        )
    return found


def _here(curve: Curve, where: str, units: int) -> str:
    """The exponent at the gain, and what it does to a small distance."""
    values = [float(value) for value in curve.at]
    mean = sum(values) / len(values)
    if math.isinf(mean):
        return f"{where} nothing of a state is handed on: λ = <b>−∞</b>."
    text = f"{where}: λ = <b>{_signed(mean)}</b> (mean of {len(values)} networks of {units} units, "
    text += f"{_signed(min(values))} to {_signed(max(values))}). "
    if min(values) <= 0 <= max(values):
        return text + "They do not agree on the sign: this is the edge."
    doing = "stretches" if mean > 0 else "shrinks"
    return (
        text
        + f"On average a step {doing} a small distance to <b>{findings.number(math.exp(mean))}</b> times its size."
    )


def _parted(curve: Curve, way: str) -> str:
    """How far the two runs are apart in the end."""
    parting, steps = curve.parting, len(curve.parting.distance) - 1
    start, end = float(parting.distance[0]), float(parting.distance[-1])
    text = f"Two runs {way}, started <b>{findings.number(start)}</b> apart: "
    if bool(parting.rounded.any()):
        step = int(parting.rounded.int().argmax())
        return text + f"from step <b>{step}</b> on they are the same but for rounding (float64)."
    return text + f"after {steps} steps they are <b>{findings.number(end)}</b> apart."


def _edge(curve: Curve) -> float | None:
    """The least gain of the curve from which on all networks are clearly chaotic."""
    edge = None
    for g, row in reversed(list(zip(curve.gains, curve.exponents, strict=True))):
        if min(float(value) for value in row) <= CLEAR:
            break
        edge = g
    return edge


def _signed(value: float) -> str:
    return f"{value:+.3f}".replace("-", "−")


def _equation(units: int) -> None:
    st.html("<h2 class='rv-h2'>Leading Lyapunov exponent</h2>")
    st.latex(
        r"\begin{gathered} h_t = \tanh(g\,W h_{t-1} + \sigma\,\xi_t), \quad W_{ij} \sim \mathcal{N}(0, \tfrac{1}{N}) \\"
        r"\lambda = \lim_{T \to \infty} \frac{1}{T} \sum_t \log \lVert J_t v_{t-1} \rVert, \quad "
        r"v_t = \frac{J_t v_{t-1}}{\lVert J_t v_{t-1} \rVert} \end{gathered}"
    )
    st.html(
        f"<p class='rv-note'>A tanh network of its own: {units} units, here T = 300 steps after 100 to settle, noise "
        "ξ of each unit's own with σ the input strength. The cell and the signal at the side play no part, the seed "
        "does. As N grows, chaos without input begins at g = 1, and λ = log g below it; input moves the edge to "
        "larger g. Dashed: λ = log g + ½ log ⟨(1 − tanh²x)²⟩ over x ~ N(0, q), where "
        "q = g² ⟨tanh²x⟩ + σ².<br><span>Sompolinsky, Crisanti &amp; Sommers 1988, "
        "doi:10.1103/PhysRevLett.61.259, in continuous time; in discrete time, with input: Molgedey, Schuchhardt &amp; "
        "Schuster 1992, doi:10.1103/PhysRevLett.69.3717; continuous, with input: Schuecker, Goedeke &amp; Helias 2018, "
        "doi:10.1103/PhysRevX.8.041029</span></p>"
    )
