"""The equations of the network that is looked at, with their sources."""

from __future__ import annotations

import streamlit as st

from rnnviz.attention.config import ATTENDING, PairConfig

_SCORES = {
    "bahdanau": r"e_{tj} = v^\top \tanh(W_q s_{t-1} + W_k h_j)",
    "dot": r"e_{tj} = s_t^\top h_j",
    "general": r"e_{tj} = s_t^\top W h_j",
    "concat": r"e_{tj} = v^\top \tanh(W\,[s_t; h_j])",
}

_CONTEXT = r"\alpha_{tj} = \frac{e^{e_{tj}}}{\sum_k e^{e_{tk}}}, \qquad c_t = \sum_j \alpha_{tj} h_j"

_FIXED = {
    "last": r"c = h_N",
    "learned": r"c = \tanh(W h_N + b)",
    "all": r"c = \tanh\Bigl(W\, \tfrac{1}{N}\textstyle\sum_j h_j + b\Bigr)",
}

_SAID = r"p_t = \operatorname{softmax}\bigl(W_s \tanh(W_c\,[c_t; s_t])\bigr)"

_MOVED = {
    "bahdanau": r"s_t = g(s_{t-1},\, [E' y_{t-1};\, c_t])",
    **dict.fromkeys(("dot", "general", "concat"), r"s_t = g(s_{t-1},\, E' y_{t-1})"),
    **dict.fromkeys(("last", "learned", "all"), r"s_t = g(s_{t-1},\, [E' y_{t-1};\, c])"),
}
"""The decoder's layer: with Luong's attention the context does not go into it."""

_NOTES = {
    "bahdanau": "The state before the symbol asks, s<sub>t−1</sub>, and the context goes into the decoder's layer.",
    "dot": "The state of the symbol itself asks, s<sub>t</sub>; the score has no weights of its own.",
    "general": "The state of the symbol itself asks, s<sub>t</sub>, through a matrix of its own.",
    "concat": "The same function as Bahdanau's score, but here s<sub>t</sub> asks.",
    "last": "The last state of the encoder is all that the decoder is told, at its start and at every step the same.",
    "learned": "A learned function of the last state, at every step the same.",
    "all": "A learned function of the mean of all states, at every step the same: nothing is looked at.",
}

_SOURCES = {
    "bahdanau": "Bahdanau, Cho &amp; Bengio 2015, arXiv:1409.0473, appendix A.1.2; p<sub>t</sub> as in Luong, Pham "
    "&amp; Manning 2015, arXiv:1508.04025, equations 5 and 6",
    **dict.fromkeys(
        ("dot", "general", "concat"),
        "Luong, Pham &amp; Manning 2015, arXiv:1508.04025, equations 5 to 8, without their input feeding",
    ),
    "last": "Cho et al. 2014, arXiv:1406.1078, section 2.2",
    "learned": "Cho et al. 2014, arXiv:1406.1078, appendix A.1, there without b",
    "all": "A function q of all states as in Bahdanau, Cho &amp; Bengio 2015, arXiv:1409.0473, section 2.1",
}

_ENCODERS = {
    "positions": (
        r"h_j = E\,x_j + \mathrm{PE}(j - 1)",
        "The encoder is not recurrent: a symbol and its place, in sines and cosines (Vaswani et al. 2017).",
    ),
    "one": (r"h_j = f(h_{j-1},\, E\,x_j)", ""),
    "both": (
        r"h_j = [\overrightarrow{h}_j;\, \overleftarrow{h}_j]",
        "Two layers of half the size read in either direction; h<sub>N</sub> is what each has at its end.",
    ),
}


def draw(config: PairConfig, context: str) -> None:
    """The encoder, the score or the fixed context, and what is said of it."""
    kind = "positions" if config.encoder == "positions" else "both" if config.both else "one"
    formula, about = _ENCODERS[kind]
    told = [_SCORES[context], _CONTEXT] if context in ATTENDING else [_FIXED[context]]
    said = _SAID if context in ATTENDING else _SAID.replace("c_t;", "c;")
    st.html("<h2 class='rv-h2'>How it works</h2>")
    moved = [_MOVED[context]]
    attends_before = context == "bahdanau" or context not in ATTENDING
    for line in (formula, *((*told, *moved) if attends_before else (*moved, *told)), said):
        st.latex(line)
    st.html(
        f"<p class='rv-note'>h<sub>j</sub> is what the encoder has at symbol j of N, s<sub>t</sub> the decoder's state "
        f"at its symbol t, y<sub>t−1</sub> the symbol before, at first the stop sign; s<sub>0</sub> = "
        f"tanh(W h<sub>N</sub> + b) with every context. {_NOTES[context]} {about} "
        "The loss is the cross-entropy of p with the truth fed; "
        f"Adam's rate falls evenly from {config.rate:g} to 0.<br>"
        f"<span>{_SOURCES[context]}</span></p>"
    )
