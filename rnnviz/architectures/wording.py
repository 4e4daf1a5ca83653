"""What each architecture is for, what to look for, its equation, and where it comes from. Imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Words:
    """``use``: one sentence that says what it is for. ``look``: one that says what to look for in its pictures.

    ``equation`` is LaTeX without dollar signs; ``source`` says who it is from, ``address`` where to read it.
    """

    use: str
    look: str
    equation: str
    source: str
    address: str


def words(kind: str, cell: str = "lstm") -> Words:
    """Those of an architecture; layer norm acts in each cell in its own way.

    ``ValueError`` for an unknown one.
    """
    if kind not in _WORDS:
        raise ValueError(
            f"expected an architecture out of {', '.join(_WORDS)}, got {kind!r}; choose one of them"
        )
    return _NORMED.get(cell, _WORDS[kind]) if kind == "layernorm" else _WORDS[kind]


_LN = r"\mathrm{LN}(a) = g \odot \frac{a - \mathrm{mean}(a)}{\mathrm{std}(a)} + b, \qquad "

_WORDS: dict[str, Words] = {
    "n_to_n": Words(
        "Says something at every step: the next letter, a label for each word, a running mean.",
        "Every step has a loss of its own: gradient enters everywhere, and early states serve all later answers.",
        r"h_t = f(x_t, h_{t-1}), \qquad \hat y_t = W h_t + b, \qquad t = 1, \dots, N",
        "Elman 1990, Finding structure in time",
        "https://doi.org/10.1207/s15516709cog1402_1",
    ),
    "n_to_1": Words(
        "Reads to the end and says one thing: a class, a mood, a forecast.",
        "All gradient comes in at the last step and has to walk back from there: the strip shows how far it gets.",
        r"h_t = f(x_t, h_{t-1}), \qquad \hat y = W h_N + b",
        "Hochreiter & Schmidhuber 1997, Long short-term memory",
        "https://doi.org/10.1162/neco.1997.9.8.1735",
    ),
    "one_to_n": Words(
        "Makes a sequence out of one thing, read once, as a caption is made from an image.",
        "From step 2 on the input is zero: what was read lives on in the states alone.",
        r"h_1 = f(x, 0), \qquad h_t = f(0, h_{t-1}), \qquad \hat y_t = W h_t + b",
        "Vinyals et al. 2015, Show and tell",
        "https://arxiv.org/abs/1411.4555",
    ),
    "one_to_n_each": Words(
        "Makes a sequence out of one thing that is told again at every step.",
        "The same problem as with the input read once, but it need not be kept: compare losses and early gradients.",
        r"h_t = f(x, h_{t-1}), \qquad \hat y_t = W h_t + b",
        "Mao et al. 2015, Deep captioning with multimodal recurrent neural networks",
        "https://arxiv.org/abs/1412.6632",
    ),
    "n_to_m": Words(
        "Reads one sequence and says another of its own length: translation, or a wave and how it goes on.",
        "Besides x_N all that the decoder knows passes through one state, and so does all gradient of the encoder.",
        r"h_t = f(x_t, h_{t-1}), \qquad s_0 = h_N, \;\; \hat y_0 = x_N, \qquad s_m = g(\hat y_{m-1}, s_{m-1}), \qquad "
        r"\hat y_m = W s_m + b",
        "Sutskever, Vinyals & Le 2014, Sequence to sequence learning",
        "https://arxiv.org/abs/1409.3215",
    ),
    "bidirectional": Words(
        "Answers at every step with past and future at hand, where the whole sequence is there to be read.",
        "At each step one direction knows what came before and the other what comes after; an answer needs both.",
        r"\overrightarrow{h}_t = f(x_t, \overrightarrow{h}_{t-1}), \qquad \overleftarrow{h}_t = f'(x_t, "
        r"\overleftarrow{h}_{t+1}), \qquad \hat y_t = W [\overrightarrow{h}_t; \overleftarrow{h}_t] + b",
        "Schuster & Paliwal 1997, Bidirectional recurrent neural networks",
        "https://doi.org/10.1109/78.650093",
    ),
    "stacked": Words(
        "Layers on top of each other: each reads the states of the one below as its input.",
        "Gradient comes in at the top and reaches the lower layers through every layer above them.",
        r"h^{(l)}_t = f^{(l)}(h^{(l-1)}_t, h^{(l)}_{t-1}), \qquad h^{(0)}_t = x_t, \qquad \hat y_t = W h^{(L)}_t + b",
        "Graves, Mohamed & Hinton 2013, Speech recognition with deep recurrent neural networks",
        "https://arxiv.org/abs/1303.5778",
    ),
    "hierarchical": Words(
        "Long sequences made of short ones, as a text of sentences: one network reads each, another one their ends.",
        "A step of the upper clock is a whole short sequence: its way back is short, and the lower clock starts anew.",
        r"h_t = f(x_t, h_{t-1}) \text{ in short sequence } s, \qquad u_s = g(h_{\mathrm{end}(s)}, u_{s-1}), "
        r"\qquad \hat y_s = W u_s + b",
        "Sordoni et al. 2015, A hierarchical recurrent encoder-decoder",
        "https://arxiv.org/abs/1507.02221",
    ),
    "residual": Words(
        "Many layers that still learn: each only adds to what it reads, here from layer to layer, not over time.",
        "The Jacobian of a layer is I + dF: gradient reaches the lowest layer also past all others, as it came in.",
        r"r^{(l)}_t = r^{(l-1)}_t + f^{(l)}(r^{(l-1)}_t, h^{(l)}_{t-1}), \qquad "
        r"\frac{\partial r^{(l)}}{\partial r^{(l-1)}} = I + \frac{\partial F^{(l)}}{\partial r^{(l-1)}}",
        "He et al. 2016, Deep residual learning; over recurrent layers Wu et al. 2016",
        "https://arxiv.org/abs/1609.08144",
    ),
    "layernorm": Words(
        "Keeps what the gates see at one size, however loud the input is and however long the sequence.",
        "A quiet and a loud sequence give alike states: of a single input the norm leaves little more than its sign.",
        _LN + r"[i, f, g, o]_t = [\sigma, \sigma, \tanh, \sigma]\left(\mathrm{LN}(W_{ih} x_t) + "
        r"\mathrm{LN}(W_{hh} h_{t-1})\right), \qquad h_t = o_t \odot \tanh\left(\mathrm{LN}(c_t)\right)",
        "Ba, Kiros & Hinton 2016, Layer normalization",
        "https://arxiv.org/abs/1607.06450",
    ),
    "attention": Words(
        "Reads to the end and says one thing, but looks back at all states instead of the last one alone.",
        "Gradient enters at every step at once, by its weight: a far step is as near as the last one.",
        r"\alpha_t = \frac{e^{w \cdot h_t}}{\sum_s e^{w \cdot h_s}}, \qquad c = \sum_t \alpha_t h_t, \qquad "
        r"\hat y = W c + b",
        "Yang et al. 2016, Hierarchical attention networks; Bahdanau, Cho & Bengio 2015",
        "https://arxiv.org/abs/1409.0473",
    ),
    "contexts": Words(
        "What the decoder is told of the input: the last state, a learned function of it, or of all states.",
        "The oldest numbers are asked for last: h_N has to keep them, a function of all states sees where each came.",
        r"c = h_N, \qquad c = g(h_N), \qquad c = g(h_1, \dots, h_N), \qquad s_m = f([\hat y_{m-1}; c], s_{m-1}), "
        r"\qquad s_0 = 0, \;\; \hat y_0 = 0",
        "Cho et al. 2014, Learning phrase representations; of all states Bahdanau, Cho & Bengio 2015, section 2.1",
        "https://arxiv.org/abs/1406.1078",
    ),
}

_NORMED = {
    "gru": replace(
        _WORDS["layernorm"],
        equation=_LN
        + r"[r, z]_t = \sigma\left(\mathrm{LN}(W_{ih} x_t) + \mathrm{LN}(W_{hh} h_{t-1})\right), \qquad "
        r"n_t = \tanh\left(\mathrm{LN}(W_{in} x_t) + r_t \odot \mathrm{LN}(W_{hn} h_{t-1})\right)",
    ),
    "rnn": replace(
        _WORDS["layernorm"],
        use="Keeps what tanh sees at one size, however loud the input is and however long the sequence.",
        look="The norm sees the sum of input and state: a loud input drowns the state, and with it what came before.",
        equation=_LN + r"h_t = \tanh\left(\mathrm{LN}(W_{ih} x_t + W_{hh} h_{t-1})\right)",
    ),
}
"""Layer norm in the other cells: see :mod:`rnnviz.variants`."""
