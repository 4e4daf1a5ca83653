"""What is minimised, how a gradient becomes an update, and where the yardsticks come from."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.race import FIELD, Race
from rnnviz.ui.training.words import number

if TYPE_CHECKING:
    from rnnviz.tasks import Task, Yardstick

_LOSSES = {
    "regression": (
        r"L = \frac{1}{|S|\,B\,O} \sum_{t \in S} \sum_{b,\,o} (\hat y_{tbo} - y_{tbo})^2",
        "The mean squared error over the scored steps S, the sequences and the outputs.",
    ),
    "classes": (
        r"L = -\frac{1}{|S|\,B} \sum_{t \in S} \sum_{b} \ln p_{tb}(y_{tb}), \quad p = \mathrm{softmax}(W h_t + b)",
        "The mean cross-entropy, in nats, over the scored steps S and the sequences.",
    ),
}

_UPDATES = {
    "sgd": (r"\theta \leftarrow \theta - \eta\, g", "Stochastic gradient descent."),
    "momentum": (
        r"v \leftarrow 0.9\, v + g, \quad \theta \leftarrow \theta - \eta\, v",
        "SGD with momentum as PyTorch has it (Polyak 1964; Sutskever et al. 2013).",
    ),
    "rmsprop": (
        r"s \leftarrow 0.99\, s + 0.01\, g^2, \quad \theta \leftarrow \theta - \eta\, g / (\sqrt{s} + \epsilon)",
        "RMSprop (Tieleman &amp; Hinton 2012); ε = 10⁻⁸.",
    ),
    "adam": (
        r"\begin{aligned} m &\leftarrow 0.9\, m + 0.1\, g, \quad v \leftarrow 0.999\, v + 0.001\, g^2 \\"
        r"\hat m &= m / (1 - 0.9^k), \quad \hat v = v / (1 - 0.999^k) \\"
        r"\theta &\leftarrow \theta - \eta\, \hat m / (\sqrt{\hat v} + \epsilon) \end{aligned}",
        "Adam after k steps (Kingma &amp; Ba 2015, arXiv:1412.6980); ε = 10⁻⁸.",
    ),
}

_INSIDE = {
    "profile": (
        r"\frac{\partial L}{\partial h_t} = \sum_{k \ge t,\, k \in S} \frac{\partial L}{\partial \hat y_k} "
        r"\frac{\partial \hat y_k}{\partial h_k} \prod_{j=t+1}^{k} \frac{\partial h_j}{\partial h_{j-1}}",
        "L is the loss of one sequence; its ‖∂L/∂h<sub>t</sub>‖ is measured on 16 test sequences after each epoch, and "
        "their root mean square is drawn. Of an LSTM the products run through c as well. Where every step is scored, "
        "later steps add to it; where only the last one is, this is how far back it is felt.",
    ),
    "saturation": (
        r"\sigma'(a) = \sigma(a)\,(1 - \sigma(a)), \quad \tanh'(a) = 1 - \tanh^2(a)",
        "Below 0.1 or above 0.9 a sigmoid's slope is under 0.09, against 0.25 in the middle; beyond ±0.9 a tanh's is "
        "under 0.19, against 1; a ReLU's is 0 where it is off. What is pinned holds still, and the weights behind it "
        "learn slowly (thresholds of the gates: Karpathy, Johnson &amp; Fei-Fei 2015).",
    ),
    "weights": (
        r"\lVert W \rVert_F = \sqrt{\textstyle\sum_{ij} W_{ij}^2}, \quad \rho(W_{hh}) = \max_i |\lambda_i|",
        "The spectral radius is drawn where the recurrent matrix is one square block. Below 1 a linear RNN forgets; "
        "with a non-linearity, layer norm or a residual connection it alone does not decide.",
    ),
}


def yardsticks(known: Sequence[Yardstick]) -> None:
    """Each yardstick: what it is, its value, how it comes about."""
    items = "".join(
        f"<li>{yard.metric} <b>{number(yard.value)}</b>, {escape(yard.label)}. "
        f"<span>{escape(yard.words)}</span></li>"
        for yard in known
    )
    if items:
        st.html(f"<h2 class='rv-h2'>Yardsticks</h2><ul class='rv-yards'>{items}</ul>")


def loss(kind: str) -> None:
    """What is minimised."""
    formula, words = _LOSSES[kind]
    st.html("<h2 class='rv-h2'>Loss</h2>")
    st.latex(formula)
    st.html(f"<p class='rv-note'>{words}</p>")


def update(race: Race) -> None:
    """How the race's optimiser goes a step, and what clipping does before it."""
    formula, words = _UPDATES[race.optimiser]
    st.html(f"<h2 class='rv-h2'>{escape(FIELD['optimiser'].label_of(race.optimiser))}</h2>")
    if race.clip is not None:
        st.latex(rf"g \leftarrow g \cdot \min(1,\ {race.clip:g} / \lVert g \rVert)")
        words = (
            f"g is the gradient over all weights, shortened to norm {race.clip:g} where it is longer "
            f"(Pascanu et al. 2013). {words}"
        )
    st.latex(formula)
    st.html(f"<p class='rv-note'>η = {race.rate:g} is the learning rate. {words}</p>")


def kept(task: Task) -> None:
    """Which of the weights are kept, and why by other sequences than those that are reported."""
    st.html(f"<h2 class='rv-h2'>Which weights are kept</h2><p class='rv-note'>{escape(_which(task))}</p>")


def _which(task: Task) -> str:
    race = task.race
    if race.version < 2:
        return (
            "This run is of an earlier version: it kept the weights with the lowest loss on the test sequences "
            "themselves, which makes that loss a little too good. A new run chooses by validation sequences."
        )
    count = task.validation.x.shape[1]
    apart = {
        "text": f"{count} windows of the validation part, which lies between training and test part",
        "labels": f"{count} validation sequences, new ones like those of the test",
    }.get(race.task, f"{count} validation sequences, drawn apart from training and test")
    words = (
        f"After each epoch the loss is also taken on {apart}. The weights of the epoch where it is lowest are kept "
        "(the ring); the test sequences only say how good they are. Chosen by the test, that number would be too good."
    )
    if race.task == "labels":
        words += " Other pages open the last weights all the same: what was learned by heart is what is to be seen."
    return words


def inside(picture: str, race: Race) -> None:
    """The equation behind a picture of the inside."""
    if picture not in _INSIDE:
        update(race)
        return
    formula, words = _INSIDE[picture]
    st.latex(formula)
    st.html(f"<p class='rv-note'>{words}</p>")
