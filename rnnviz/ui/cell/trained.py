"""A trained network inside the cell: at work on an example of its task, and its weights with the head that reads it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.ui import charts, compute, opened, opened_charts, opened_words, shell
from rnnviz.ui.cell import live, weights, weights_words, words
from rnnviz.ui.controls import Controls
from rnnviz.ui.opened_kind import NAMES, Opened

if TYPE_CHECKING:
    from rnnviz.ui.opened_kind import Seen

STACKED = (
    "The head reads the top layer of this network, not the one that is shown: it stands in no picture here."
)


def draw(controls: Controls, found: Opened) -> None:
    """The section that is chosen."""
    found = opened.settings(controls, found)
    SECTIONS.get(controls.view.within, at_work)(controls, found)


def at_work(controls: Controls, found: Opened) -> None:
    """The cell at work, after training, before, or one over the other."""
    view = controls.view
    runs = opened_charts.observed(found, view)
    for which, run in runs.items():
        if len(runs) > 1:
            st.html(f"<h2 class='rv-h2'>{NAMES[which]}</h2>")
        readout = found.readout(which, run)
        live.picture(
            run,
            compute.inside(run),
            view,
            key="cell" if which == next(iter(runs)) else f"cell_{which}",
            told=f", {NAMES[which].lower()}",
            above=live.ABOVE + STRIP if len(runs) == 1 else 0,
            names=weights.names(run, "rnn.", "head"),
            readout={"weight": readout.weight, "bias": readout.bias} if readout and readout.each else None,
        )

    see, formula = st.columns([1.35, 1], gap="large")
    with see:
        shell.findings([found.answers(opened_charts.compared(found, view)), *_said(runs)])
        with st.container(horizontal=True, vertical_alignment="center", key="cell_take_away"):
            opened_charts.take_away(found, view)
            which, run = next(iter(runs.items()))
            live.download(compute.inside(run), run.signal.labels, name=f"-{which}-training")
            live.onward(controls)
    with formula:
        opened_charts.equation(found)


def matrices(controls: Controls, found: Opened) -> None:
    """The weights after training, before, or side by side, before at the left."""
    view = controls.view
    runs = dict(reversed(opened_charts.observed(found, view).items()))
    readouts = {which: found.readout(which, run) for which, run in runs.items()}
    least = weights.reaches([(compute.inside(run), readouts[which]) for which, run in runs.items()])
    places = st.columns(len(runs), gap="medium") if len(runs) > 1 else [st.container()]
    for place, (which, run) in zip(places, runs.items(), strict=True):
        with place:
            if len(runs) > 1:
                st.html(f"<h2 class='rv-h2'>{NAMES[which]}</h2>")
            weights.picture(
                run,
                compute.inside(run),
                view,
                key=f"cell_weights_{which}",
                told=f", {NAMES[which].lower()}",
                readout=readouts[which],
                trained=True,
                least=least,
                beside=len(runs) > 1,
            )

    see, formula = st.columns([1.35, 1], gap="large")
    with see:
        for which, run in runs.items():
            st.html(weights.table(compute.inside(run), NAMES[which] if len(runs) > 1 else ""))
        seen = compute.inside(next(iter(runs.values())))
        shell.findings(weights_words.licence(seen) or weights_words.scaled(seen, 1))
        opened_charts.take_away(found, view)
    with formula:
        readout = next(iter(readouts.values()))
        weights.letters(readout.words if readout else STACKED)
        opened_charts.equation(found)


SECTIONS: dict[str, Callable[[Controls, Opened], None]] = {"live": at_work, "weights": matrices}
"""The sections of a trained network."""

STRIP = 64
"""Height in pixels of what stands over the picture besides: the strip is higher than a row of settings by that much."""


def _said(runs: dict[str, Seen]) -> list[str]:
    """What the picture shows of each network, and how its gradient comes back."""
    sentences = []
    for which, run in runs.items():
        found = words.cell(compute.inside(run), run.trace.layers[0])
        sentences += [f"{NAMES[which]}: {said}" if len(runs) > 1 else said for said in found]
    norms = {which: pair for which, run in runs.items() if (pair := charts.norms_of(run, "h"))}
    one = next(iter(runs.values()))
    return [*sentences, opened_words.gradient("Backwards", norms, one.scored[-1], "h")]
