"""The forecast itself: the verdict first, then the pictures and numbers that it stands on."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.ui import preload, shell
from rnnviz.ui.controls import Controls
from rnnviz.ui.forecast import downloads, equations, pictures, tables, words
from rnnviz.ui.forecast.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.delta_generator import DeltaGenerator

    from rnnviz.forecast.result import Result
    from rnnviz.ui.view import View

HEIGHT = 330
"""Height of the first picture, the course while training and the test part after it."""

_CSS = (Path(__file__).parent / "result.css").read_text("utf-8")


def style() -> None:
    """The style of the results."""
    st.html(f"<style>{_CSS}</style>")


def draw(controls: Controls, shown: Shown) -> None:
    """What was found, or how the training stands."""
    style()
    preload.ensure()
    result = shown.result
    if result is None:
        _under_way(controls, shown)
        return
    st.html(f"<p class='rv-verdict' role='status'>{escape(result.verdict)}</p>")
    one_step(controls, shown, result)
    view = controls.view
    left, right = st.columns([1.75, 1], gap="large")
    left.html(pictures.text("metrics", shown, lambda: tables.metrics(result)))
    right.html(pictures.text("interval", shown, lambda: tables.interval(result)))
    see, formula = st.columns([1.35, 1], gap="large")
    with see:
        shell.findings(pictures.sentences.get(("test", shown.stamp), lambda: words.test(result)))
        if notes := words.notes(result, shown.table.warnings):
            items = "".join(f"<li>{note}</li>" for note in notes)
            st.html(f"<h2 class='rv-h2'>Worth knowing</h2><ul class='rv-remarks'>{items}</ul>")
        downloads.draw(shown, result)
        _residuals(shown, result, view)
    with formula:
        equations.draw(shown.config, pictures.kind(shown))
    for section in (_recursive, _future, _course):
        section(shown, result, view, *st.columns([1.7, 1], gap="large", vertical_alignment="center"))


def one_step(controls: Controls, shown: Shown, result: Result) -> None:
    """The test part, one step ahead with true history; its zoom is kept in the view."""
    from rnnviz.figures import forecast_test

    name, zoom = st.columns([2.4, 1], gap="small", vertical_alignment="center")
    with name:
        head(
            "One step ahead",
            "on rows it learned nothing from, each with the true prices up to the row before",
        )
    with zoom:
        controls.segment("zoom")
    controls.keep()
    view = controls.view
    alt = (
        f"{result.verdict} True prices, the network's forecasts and yesterday's price over the test part, with the "
        "interval"
    )
    pictures.mount(
        "test", shown, view, HEIGHT, alt, lambda: forecast_test.test.spec(result, view.zoom), view.zoom
    )


def head(name: str, rest: str) -> None:
    """The name of a picture and what it shows, in a line over it."""
    st.html(f"<p class='rv-picture'><b>{escape(name)}</b><span>{escape(rest)}</span></p>")


def _residuals(shown: Shown, result: Result, view: View) -> None:
    from rnnviz.figures import forecast_test

    head("Residuals", "how far each one-step forecast was off")
    alt = "Errors of the one-step forecasts over the test part, their interval, and how they are spread"
    pictures.mount(
        "residuals", shown, view, 230, alt, lambda: forecast_test.residuals.spec(result, view.zoom), view.zoom
    )


def _recursive(shown: Shown, result: Result, view: View, left: DeltaGenerator, right: DeltaGenerator) -> None:
    from rnnviz.figures import forecast_ahead

    with left:
        head(
            "Several steps ahead (recursive)",
            "each step fed with the one before",
        )
        if not result.recursive.empty:
            alt = (
                "Recursive forecasts of several steps from origins in the test part over the true prices, and their "
                "mean error by step"
            )
            pictures.mount("recursive", shown, view, 330, alt, lambda: forecast_ahead.recursive.spec(result))
    with right:
        _said("recursive", shown, lambda: words.recursive(result))
        if not result.recursive.empty:
            st.html(pictures.text("by step", shown, lambda: tables.by_step(result)))


def _future(shown: Shown, result: Result, view: View, left: DeltaGenerator, right: DeltaGenerator) -> None:
    from rnnviz.figures import forecast_ahead

    with left:
        count = len(result.future)
        several = f"{count} rows after the last price, each fed with the one before"
        head("The future", several if count != 1 else "the row after the last price")
        alt = "The last true prices and the forecast of the rows to come with its interval"
        pictures.mount("future", shown, view, 290, alt, lambda: forecast_ahead.future.spec(result))
    with right:
        _said("future", shown, lambda: words.future(result))
        with st.popover("The days to come, as a table", icon=":material/table:", key="forecast_days"):
            st.html(pictures.text("days", shown, lambda: tables.future(result)))


def _course(shown: Shown, result: Result, view: View, left: DeltaGenerator, right: DeltaGenerator) -> None:
    from rnnviz.figures import forecast_course

    level = pictures.unchanged(shown)
    with left:
        head("Training", "mean squared error of what is modelled, scaled")
        pictures.mount(
            "course",
            shown,
            view,
            260,
            "Errors on the training and the validation part over the epochs of the training",
            lambda: forecast_course.course.spec(
                result.epochs, result.config, kept=result.kept, unchanged=level
            ),
        )
    with right:
        _said("course", shown, lambda: words.course(result.epochs, result.kept, result.seconds))


def _under_way(controls: Controls, shown: Shown) -> None:
    """The course of a training that goes on, in the place of the picture to come; or that it ended without a result."""
    from rnnviz.figures import forecast_course

    controls.keep()
    said = {
        "stopped": "Stopped before its end: without a result. Continue goes on from there, Train begins anew.",
        "failed": "Interrupted by a fault: without a result.",
        "done": "It is through, but its numbers cannot be read just now: look again in a moment.",
        "paused": "At rest: what the forecast is worth stands here once training is through.",
    }.get(shown.run.state, "Training. What the forecast is worth stands here once it is through.")
    st.html(f"<p class='rv-verdict rv-wait' role='status'>{escape(said)}</p>")
    with st.container(
        height=32, border=False, vertical_alignment="center"
    ):  # as high as the row with the zoom
        head("Training", "mean squared error of what is modelled, scaled")
    level = pictures.unchanged(shown)
    pictures.mount(
        "course",
        shown,
        controls.view,
        HEIGHT,
        "Errors on the training and the validation part over the epochs so far",
        lambda: forecast_course.course.spec(shown.epochs, shown.config, unchanged=level),
    )
    see, formula = st.columns([1.35, 1], gap="large")
    with see:
        shell.findings(words.under_way(shown.epochs, shown.config))
    with formula:
        equations.draw(shown.config, pictures.kind(shown))


def _said(name: str, shown: Shown, make: Callable[[], list[str]]) -> None:
    """Sentences beside a picture."""
    found = pictures.sentences.get((name, shown.stamp), make)
    st.html("".join(f"<p class='rv-note rv-said'>{sentence}</p>" for sentence in found))
