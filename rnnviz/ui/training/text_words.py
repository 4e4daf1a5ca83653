"""What is said in the section on text: headings, findings, equations."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.registry import CELLS
from rnnviz.training.epoch import Epoch, judged, kept
from rnnviz.ui.controls import plain
from rnnviz.ui.training import text_numbers as numbers
from rnnviz.ui.training.text_html import visible
from rnnviz.ui.training.text_numbers import Writer

if TYPE_CHECKING:
    from torch import Tensor

    from rnnviz.letters import Telling
    from rnnviz.training.epoch import Epoch

TELLING = 6
"""Units that are offered with what they follow."""

MOST_BITS = 8.0
"""The surprise that has the full colour."""


def head(title: str, one: Writer | None) -> str:
    """Over what is written: when the weights were saved, and how good they are."""
    said = "" if one is None else f" <span>{_when(one)}{bits(one.loss)}</span>"
    return f"<p class='rv-kind'><b>{escape(title)}</b>{said}</p>"


def bits(nats: float) -> str:
    """A loss in bits per character."""
    return (
        f"{nats / math.log(2):.2f} bits per character" if math.isfinite(nats) else "loss not a finite number"
    )


def next_head(prompt: str) -> str:
    """Over the most probable letters: after what."""
    end = prompt[-12:]
    shown = "".join(visible(sign) for sign in end)
    return f"<p class='rv-kind'><b>Next letter</b> <span>after</span> {'…' if len(prompt) > 12 else ''}{shown}</p>"


def passage_head(what: str, scale: str) -> str:
    """Over the passage: what its colours mean. ``scale`` is HTML."""
    return (
        f"<p class='rv-kind'><b>A passage of the test part</b>, coloured by {escape(what)}</p>"
        f"<p class='rv-scale'>{scale}</p>"
    )


def surprise_head(one: Writer) -> str:
    """Over the bars."""
    read = numbers.surprise(one)
    said = f"{read.mean:.2f} bits per character" if math.isfinite(read.mean) else "not a finite number"
    return (
        f"<p class='rv-kind'><b>Surprise</b> <span>−log₂ p of each letter, given all before it: {said} over "
        f"{len(read.text):,} characters of the test part, read without a break</span></p>"
    )


def surprise_note() -> str:
    """What the colours of the surprise mean."""
    return (
        "<p class='rv-note'>Pale letters were expected; the beginnings of words and names are mostly not. "
        "At 1 bit the network gave the letter a chance of 1 in 2, at 8 bits of 1 in 256.</p>"
    )


def telling(one: Telling) -> str:
    """A button: the unit and what it follows, in Markdown."""
    sign = "−" if one.correlation < 0 else "+"
    return f"**{one.unit}** · {plain(one.property)}  :small[r = {sign}{abs(one.correlation):.2f}]"


REACHES = (0.1, 0.2, 0.5, 1.0)
"""Ends of the colours: the last is that of tanh; a unit that hardly moves yet would be seen in none of them."""


def reach(states: Tensor) -> float:
    """Where the colours of a unit are full: the least of :data:`REACHES` that holds it, or what larger ones need."""
    finite = states[states.isfinite()].abs()
    largest = float(finite.max()) if len(finite) else 1.0
    return next((rung for rung in REACHES if largest <= rung), largest)


def yardsticks(one: Writer) -> list[tuple[float, str]]:
    """The task's yardsticks in bits, by their names."""
    return [(y.value / math.log(2), y.label) for y in one.task.yardsticks if y.metric == "loss"]


def sentences(cell: str, before: Writer, after: Writer | None, epochs: Sequence[Epoch]) -> list[str]:
    """What is measured. ``epochs`` are those of the cell."""
    label = CELLS[cell].label
    if after is None:
        return [f"The {label} has saved no weights yet: what you see is the network before training."]
    said = [
        f"{label}: from <b>{_bits(before.loss)}</b> to <b>{_bits(after.loss)}</b> bits per "
        "character on windows that it never learns from. "
        + (f"By pairs of letters alone it would be <b>{pairs:.2f}</b>." if (pairs := _pairs(after)) else "")
    ]
    said += _before(after, epochs)
    found, untrained = numbers.neurons(after, False), numbers.neurons(before, False)
    if found.telling:
        first = found.telling[0]
        same = next((one for one in untrained.telling if one.property == first.property), None)
        said.append(
            f"Unit <b>{first.unit}</b> goes with “{escape(first.property)}”: r = <b>{_signed(first.correlation)}</b> "
            f"over {len(found.text):,} characters"
            + (f"; before training the best unit had {_signed(same.correlation)}." if same else ".")
        )
    said.append(
        "A correlation is no cause: each letter that is read moves many units at once, in an untrained network too."
    )
    return said


def _before(after: Writer, epochs: Sequence[Epoch]) -> list[str]:
    """That the network was better before, if it was, and whether it has learned by heart since."""
    known, best = [epoch for epoch in epochs if math.isfinite(judged(epoch))], kept(epochs)
    if best is None or not math.isfinite(best.test_loss) or after.loss <= 1.02 * best.test_loss:
        return []
    said = (
        f"It was better before: <b>{best.test_loss / math.log(2):.2f}</b> bits at step <b>{best.step:,}</b>"
    )
    if known[-1].loss < best.loss and math.isfinite(after.loss):
        said += (
            f", while on what it learns from the loss went on falling, from {best.loss / math.log(2):.2f} to "
            f"{known[-1].loss / math.log(2):.2f}: since then it has learned by heart"
        )
    by = (
        "the windows that are tested"
        if best.validation_loss is None
        else "validation windows, not those tested"
    )
    return [said + f". “Best” shows the network of then, which had the lowest loss on {by}."]


def equations() -> None:
    """How letters are drawn, and what surprise is."""
    st.html("<h2 class='rv-h2'>How a letter is drawn</h2>")
    st.latex(
        r"\begin{aligned} p_i &= \frac{e^{y_i / \tau}}{\sum_j e^{y_j / \tau}}, \quad y = W h_t + b \\ "
        r"\text{surprise} &= -\log_2 p(\text{letter} \mid \text{all before}) \end{aligned}"
    )
    st.html(
        "<p class='rv-note'>τ is the temperature: below 1 the probable letters gain, above 1 the others. What is drawn "
        "is read next. Surprise is measured at τ = 1, from a state of zero at the start of the passage.<br>"
        "<span>Karpathy, Johnson &amp; Fei-Fei 2015, arXiv:1506.02078</span></p>"
    )


def _when(one: Writer) -> str:
    if one.step is None:
        return ""
    return f"step {one.step:,} · " if one.step else ""


def _pairs(one: Writer) -> float | None:
    return next((value for value, label in yardsticks(one) if "pairs" in label), None)


def _bits(nats: float) -> str:
    return f"{nats / math.log(2):.2f}" if math.isfinite(nats) else "no number of"


def _signed(value: float) -> str:
    text = f"{abs(value):.2f}"
    return text if text == "0.00" else f"{'−' if value < 0 else '+'}{text}"
