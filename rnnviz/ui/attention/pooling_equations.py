"""The equations of attention, beside what is measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.attention.config import POOL_FIELD, PoolConfig
from rnnviz.ui.training import equations

if TYPE_CHECKING:
    from rnnviz.tasks import Yardstick


def draw(config: PoolConfig, yardsticks: Sequence[Yardstick]) -> None:
    """Score, softmax over time, weighted sum, answer; the entropy; and what guessing is worth."""
    cell = POOL_FIELD["cell"].label_of(config.cell)
    st.html("<h2 class='rv-h2'>Attention over time</h2>")
    st.latex(
        r"\begin{aligned} e_t &= w\, h_t, \quad \alpha_t = \frac{\exp(e_t)}{\sum_{k=1}^{T} \exp(e_k)} \\"
        r"c &= \sum_{t=1}^{T} \alpha_t h_t, \quad p = \mathrm{softmax}(W c + b) \end{aligned}"
    )
    st.html(
        f"<p class='rv-note'>h<sub>t</sub> is the state of the {cell} after input t, w a row of {config.hidden} "
        "numbers. No bias in e<sub>t</sub>: softmax would not see it. The loss is the cross-entropy of p; nobody tells "
        f"the network where to look. Adam's rate falls evenly from {config.rate:g} to 0.<br>"
        "<span>Yang et al. 2016, Hierarchical Attention Networks, equations 5 to 7, with a linear score; "
        "Bahdanau, Cho &amp; Bengio 2015, arXiv:1409.0473, equations 5 and 6</span></p>"
    )
    st.latex(r"H(\alpha) = -\sum_{t} \alpha_t \ln \alpha_t \quad \in [0,\ \ln T]")
    st.html(
        "<p class='rv-note'>The entropy in nats: 0 where one step has all the weight, ln T where all have the same.</p>"
    )
    equations.yardsticks(yardsticks)
