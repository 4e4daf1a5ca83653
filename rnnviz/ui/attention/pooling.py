"""One sequence: a network that looks over all of its states, and where it has learned to look."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.ui import charts, shell
from rnnviz.ui.attention import pooling_equations, pooling_take_away, pooling_words
from rnnviz.ui.attention import pooling_numbers as numbers
from rnnviz.ui.attention.pooling_numbers import AFTER, BEFORE
from rnnviz.ui.attention.shown import PoolShown
from rnnviz.ui.controls import Controls

if TYPE_CHECKING:
    from rnnviz.attention.observed import PoolSeen
    from rnnviz.figures.attention_pooling import Look, Read

HEIGHT = 464
"""Of the picture of the weights."""

SLIDER = 68
"""What stands over it, in pixels: the other one is as much taller."""


def draw(controls: Controls, shown: PoolShown) -> None:
    """What is asked, the weights before and after, how they moved, and what is measured."""
    config = shown.config
    task = numbers.task(config)
    st.html(f"<p class='rv-task'><b>{escape(task.asks)}</b> <span>{escape(task.shows)}</span></p>")
    left, right = st.columns([1.45, 1], gap="medium")
    with left:
        controls.slider("probe")
    controls.keep()
    view = controls.view

    from rnnviz.figures import attention_pooling, attention_pooling_way

    with left, st.container(key="pooling_weights"):
        spec = numbers.specs.get(
            ("weights", shown.stamp, view.probe),
            lambda: attention_pooling.weights.spec(_read(shown, view.probe), _looks(shown, view.probe)),
        )
        alt = (
            f"The input of test sequence {view.probe} and the attention weight of each of its steps, before "
            "training and after it"
        )
        charts.mount("pool_weights", spec, alt, view, HEIGHT, f"attention-{config.task}")
    with right:
        at = int(task.test.at[0])
        spec = numbers.specs.get(
            ("way", shown.stamp),
            lambda: attention_pooling_way.course.spec(shown.epochs["model"], config, at, task.yardsticks),
        )
        alt = "The weights on test sequence 0 over the training, and accuracy, entropy and loss on all test sequences"
        charts.mount("pool_way", spec, alt, view, HEIGHT + SLIDER, f"attention-way-{config.task}")

    see, formula = st.columns([1.35, 1], gap="large")
    with see:
        shell.findings(_sentences(shown, view.probe))
        pooling_take_away.draw(shown, view.probe)
    with formula:
        pooling_equations.draw(config, task.yardsticks)


def _sentences(shown: PoolShown, example: int) -> list[str]:
    """What is measured on all test sequences, and on the one that is read."""
    task = numbers.task(shown.config)
    seen = [numbers.seen(shown, which, example) for which in (BEFORE, AFTER)]
    return pooling_words.sentences(
        shown.config, shown.epochs["model"], task, *seen, final=shown.run.state == "done"
    )


def _read(shown: PoolShown, example: int) -> Read:
    """The test sequence as the picture has it."""
    from rnnviz.figures.attention_pooling import Read

    task = numbers.task(shown.config)
    answer = task.outputs[int(task.test.y[example])]
    return Read(
        task.labels(example), int(task.test.at[example]), len(answer), task.level, task.levels(example)
    )


def _looks(shown: PoolShown, example: int) -> list[Look]:
    """The weights before training, and those of now.

    While it trains those of example 0 are the newest ones, which every epoch brings along; of the others, and at the
    end, those of the network that is kept.
    """
    from rnnviz.figures.attention_pooling import Look

    before, after = (numbers.seen(shown, which, example) for which in (BEFORE, AFTER))
    epochs, at = shown.epochs["model"], int(numbers.task(shown.config).test.at[example])
    first = _look("before training", before)
    if shown.run.active and example == 0 and len(epochs) > 1:
        newest = epochs[-1]
        words = pooling_words.where(newest.weights, at)
        return [first, Look(f"after {newest.step:,} steps", words, "", newest.weights)]
    return [first, _look("after training" if after is None or shown.run.state == "done" else "so far", after)]


def _look(name: str, seen: PoolSeen | None) -> Look:
    from rnnviz.figures.attention_pooling import Look

    if seen is None:
        return Look(name, "", "", None)
    words = pooling_words.where(seen.weights.tolist(), seen.at)
    return Look(name, words, pooling_words.answer(seen), seen.weights, seen.scores)
