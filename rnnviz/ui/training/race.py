"""The race: how the losses fall, and what the networks answer."""

from __future__ import annotations

from html import escape

import streamlit as st

from rnnviz.race import FIELD
from rnnviz.ui import charts, shell
from rnnviz.ui.controls import Controls
from rnnviz.ui.training import equations, pictures, take_away, words
from rnnviz.ui.training.shown import Shown

HEIGHT = 372

WIDE = 24
"""Scored steps from which on the answer gets nearly half of the page."""


def draw(controls: Controls, shown: Shown) -> None:
    """The curves, one answer beside them, and what is measured in both."""
    race, run = shown.race, shown.run
    task = pictures.task(race)
    label = FIELD["task"].label_of(race.task)
    st.html(
        f"<p class='rv-task'><b>{escape(label)}.</b> {escape(task.asks)} <span>{escape(task.shows)}</span></p>"
    )
    # Answers at many steps, letter by letter, need room.
    wide = len(task.test.scored) > WIDE
    left, right = st.columns([1.1 if wide else 1.7, 1], gap="medium")
    with right:
        controls.slider("epoch", maximum=race.epochs)
    controls.keep()
    view = controls.view
    number = shown.newest if view.epoch is None else min(view.epoch, max(shown.newest, 0))

    from rnnviz.figures import training_answer, training_race

    with left:
        spec = pictures.specs.get(
            ("race", shown.stamp), lambda: training_race.race.spec(shown.epochs, race, task.yardsticks)
        )
        alt = f"Loss of each cell over the training steps of the task {label}, with the yardsticks"
        charts.mount("train_race", spec, alt, view, HEIGHT, f"training-{race.task}")
    with right:
        spec = pictures.specs.get(
            ("answer", shown.stamp, number),
            lambda: training_answer.answer.spec(shown.epochs, pictures.task_view(race), max(number, 0)),
        )
        alt = f"What each cell answers to one test sequence after epoch {max(number, 0)}, beside the truth"
        with st.container(key="answer_wide" if wide else "answer_plain"):
            charts.mount("train_answer", spec, alt, view, HEIGHT - 74, f"answer-{race.task}")

    see, formula = st.columns([1.35, 1], gap="large")
    with see:
        final = run.state == "done"
        shell.findings(
            pictures.sentences.get(
                ("race", shown.stamp, final),
                lambda: words.race(race, task.yardsticks, shown.epochs, final=final, right=task.right),
            )
        )
        if task.notes:
            st.html(f"<p class='rv-note'>{' '.join(escape(note) for note in task.notes)}</p>")
        take_away.draw(shown)
    with formula:
        equations.yardsticks(task.yardsticks)
        equations.loss(task.kind)
        equations.update(race)
        equations.kept(task)
