"""The flow of the states under a held input: the phase portrait, its fixed points, and what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from rnnviz.registry import CELLS
from rnnviz.ui import charts, compute, findings, opened, preload, shell
from rnnviz.ui.controls import Controls
from rnnviz.ui.live_chart import Pick, TimeScrub, Trail
from rnnviz.ui.session import Session
from rnnviz.ui.states import numbers, words
from rnnviz.ui.states.held import Held, of_experiment, of_signal

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from rnnviz.observe import Observation
    from rnnviz.portrait import Graph, Portrait
    from rnnviz.trace import LayerTrace
    from rnnviz.ui.opened_kind import Opened
    from rnnviz.ui.view import View

HEIGHT, CIRCLE = 430, 226
"""Of the portrait and of the eigenvalues, in pixels."""

EXAMPLES: dict[str, dict[str, Any]] = {
    "A latch": {"init": "gaussian", "scale": 2.0, "seed": 0},
    "A rotation": {"init": "orthogonal", "scale": 1.2, "seed": 26},
    "Four memories": {"init": "identity", "scale": 1.5, "seed": 0},
}
"""Two tanh units that are worth a look, by the fields of the experiment."""

_CSS = (Path(__file__).parent / "states.css").read_text("utf-8")


def draw(controls: Controls) -> None:
    """The flow of the experiment."""
    held = of_experiment(controls.experiment)
    _head(controls, held)
    (name,) = shell.settings(controls, "cell", "length", "scale", "forget")
    experiment = controls.experiment
    run = compute.observation(experiment, name)
    picture = _pictures(controls, run, held, name)
    _examples(controls)

    see, formula = st.columns([1.35, 1], gap="large")
    with see:
        shell.findings(
            findings.overflow(run.trace.layers[0]) + words.sentences(picture, held.words(controls.view))
        )
        shell.as_pytorch(experiment, (name,))
    with formula:
        _equations()
        shell.equation(name)


def trained(controls: Controls, found: Opened) -> None:
    """The flow of a trained network, after its training or before."""
    from rnnviz.ui import opened_charts

    found = opened.settings(controls, found)
    which = found.which(controls.view.weights)[0]
    before = found.look(found.cell, which, controls.view.example)
    held = of_signal(before.signal)
    _head(controls, held, trained=True)
    controls.keep()
    view = controls.view
    run = found.look(found.cell, which, view.example)
    if len(run.trace.layers) != 1:
        shell.findings(["A network of several layers or directions has no state of its own: see its path."])
        return
    picture = _pictures(controls, run, held, found.cell)
    see, formula = st.columns([1.35, 1], gap="large")
    with see:
        said = words.sentences(picture, held.words(view))
        if len(found.which(view.weights)) > 1:
            said.append("Drawn is the network after training; “Before” shows what it began as.")
        shell.findings(said)
        opened_charts.take_away(found, view)
    with formula:
        _equations()
        opened_charts.equation(found)


def _head(controls: Controls, held: Held, *, trained: bool = False) -> None:
    widths = [1.7, 0.75, 0.9, 1.25] if trained else [2.2, 0.9, 1.2]
    look, *examples, hold, ride = st.columns(widths, gap="medium", vertical_alignment="bottom")
    with look:
        shell.look(
            "Look where nothing moves: each stable point is one thing the network can hold. Where all states end at "
            "one, it forgets."
        )
    for example in examples:
        with example:
            controls.slider("example")
    with hold:
        held.draw(controls)
    with ride:
        controls.segment("ride")


def _pictures(controls: Controls, run: Observation, held: Held, cell: str) -> Portrait | Graph:
    """The portrait at the left, the chosen fixed point and all others at the right; gives what was found."""
    preload.ensure()
    view, session, layer = controls.view, controls.session, run.trace.layers[0]
    st.html(f"<style>{_CSS}</style>")
    left, right = st.columns([1.25, 1], gap="medium")
    with right:
        point, more = st.columns([1, 0.8], gap="medium", vertical_alignment="bottom")
        now = held.value(view)
        if _search_harder(more, done=numbers.is_hard(layer, now)):
            numbers.searched(layer, now, st.empty())
        picture = numbers.picture(layer, now, view.ride == "free")
        count = len(picture.found.points.kinds)
        with point:
            alone = None if count > 1 else "only one" if count else "none found"
            controls.slider("point", maximum=max(count, 1), disabled=alone)
        controls.keep()
        chosen = min(controls.view.point, max(count, 1)) - 1
        _eigenvalues(picture, chosen, view)
    with left:
        _portrait(session, picture, run, chosen, view, CELLS[cell].label)
    return picture


def _search_harder(place: DeltaGenerator, *, done: bool) -> bool:
    return place.button(
        "Searched" if done else "Search harder",
        key="search_harder",
        icon=":material/travel_explore:",
        type="tertiary",
        disabled=done,
        help="For more fixed points, from more start states, and longer.",
    )


def _eigenvalues(picture: Portrait | Graph, chosen: int, view: View) -> None:
    from rnnviz.figures.flow_spectrum import eigenvalues

    points = picture.found.points
    fig = eigenvalues.spec(points.eigenvalues[chosen] if points.kinds else None)
    alt = "Eigenvalues of the chosen fixed point in the complex plane, and the unit circle"
    charts.mount("flow_eigenvalues", fig, alt, view, CIRCLE, "eigenvalues")
    st.html(words.table(picture, chosen))


def _portrait(
    session: Session,
    picture: Portrait | Graph,
    run: Observation,
    chosen: int,
    view: View,
    label: str,
) -> None:
    from rnnviz.figures import flow_graph, flow_plane
    from rnnviz.portrait import Portrait

    labels = run.signal.labels
    if isinstance(picture, Portrait):
        fig = flow_plane.plane.spec(picture, axes(picture, run.trace.layers[0]), chosen=chosen, labels=labels)
        alt = f"Flow of the states of the {label} under a held input, with its fixed points"
        spots = [tuple(place) for place in picture.spots.tolist()]
    else:
        fig = flow_graph.graph.spec(picture, chosen=chosen, labels=labels)
        alt = f"The next state of the {label} over the present one, with its fixed points"
        spots = [(place, place) for place in picture.found.points.points[:, 0].tolist()]

    def pick(mark: Pick) -> None:
        if spots:
            choose(session, spots, mark)

    paths = [k for k, trace in enumerate(fig["data"]) if "path" in trace.get("meta", {})]
    trails = tuple(Trail(trace=k, start=1, head=6 if len(paths) == 1 else 3.5) for k in paths)
    time = TimeScrub(steps=len(run.trace.x), axes=(), labels=labels, trails=trails)
    charts.mount("flow_plane", fig, alt, view, HEIGHT, "flow", time, pick)


def choose(session: Session, spots: list[tuple[float, ...]], mark: Pick) -> None:
    """Choose the fixed point that is drawn nearest to a click."""
    away = [(x - mark.x) ** 2 + (y - mark.y) ** 2 for x, y in spots]
    session.view = replace(session.view, point=away.index(min(away)) + 1)
    session.version += 1


def axes(picture: Portrait, layer: LayerTrace) -> tuple[str, str]:
    """What the axes of the plane are."""
    shares = picture.plane.shares
    if shares is not None:
        first, second = (f"PC {c + 1} ({100 * part:.0f} % of variance)" for c, part in enumerate(shares))
        return first, second
    return ("h", "c") if layer.c is not None else ("h<sub>1</sub>", "h<sub>2</sub>")


def _examples(controls: Controls) -> None:
    """Networks of two units, whose portrait is no cut through something larger."""
    session = controls.session
    with st.container(key="flow_examples", horizontal=True, vertical_alignment="center", gap="small"):
        st.html("<p class='rv-note'>Two tanh units, all to be seen:</p>")
        for name, settings in EXAMPLES.items():
            st.button(name, type="tertiary", on_click=show, args=(session, settings), key=f"flow_{name}")
        if session.experiment.hidden != 2:
            st.button(
                f"This cell with two units ({CELLS[session.experiment.cell].label}, H = 2)",
                type="tertiary",
                on_click=session.assign,
                kwargs={"hidden": 2},
                key="flow_two",
            )


def show(session: Session, settings: Mapping[str, Any]) -> None:
    """Go to one of the :data:`EXAMPLES`."""
    cells = opened.with_first(session.experiment, "rnn").cells
    session.view = replace(session.view, held=0.0, point=1)
    session.assign(cells=cells, hidden=2, signal="sine", **settings)


def _equations() -> None:
    st.html("<h2 class='rv-h2'>Fixed points</h2>")
    st.latex(
        r"\begin{gathered} s^* = F(s^*, x), \quad q(s) = \tfrac12 \lVert F(s, x) - s \rVert^2 \to 0 \\ "
        r"\delta_{t+1} \approx \frac{\partial F}{\partial s}\bigg|_{s^*} \delta_t \end{gathered}"
    )
    st.html(
        "<p class='rv-note'>s is all that a step hands on: h, or h and c. The x is held; from many starts q is made "
        "smaller until it is 0. A network goes in steps, it is a map: a small distance δ is multiplied by λ in each, "
        "so a point is <b>stable</b> where every |λ| &lt; 1 (of a flow in continuous time it would be Re λ &lt; 0), "
        "<b>unstable</b> where every |λ| &gt; 1, a <b>saddle</b> where some are; a negative λ changes sides at each "
        "step, a complex pair turns.<br><span>Sussillo &amp; Barak 2013, Neural Computation 25:626; Strogatz 2015, "
        "Nonlinear Dynamics and Chaos</span></p>"
    )
