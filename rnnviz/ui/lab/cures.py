"""The textbook cures: the same experiment with each of them, before and after."""

from __future__ import annotations

import math
from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.registry import CELLS
from rnnviz.ui import charts, findings, preload, shell
from rnnviz.ui.controls import Controls
from rnnviz.ui.once import Once

if TYPE_CHECKING:
    from torch import Tensor

    from rnnviz.cures import Comparison, Cure, Measured, Outcome

HEIGHT = 455

# The largest (9 x 5 runs of 500 steps) holds 0.2 MB.
_found: Once[Comparison] = Once(64)

_STYLE = """<style>
.rv-cures { border-collapse: collapse; width: 100%; margin: 0.3rem 0 0.6rem; font-variant-numeric: tabular-nums; }
.rv-cures caption { text-align: left; font-size: 0.875rem; opacity: 0.75; padding-bottom: 0.35rem; }
.rv-cures th { font-weight: 500; opacity: 0.7; font-size: 0.85rem; text-align: right; vertical-align: bottom; }
.rv-cures th, .rv-cures td { padding: 0.3rem 0.7rem; border: 0; border-bottom: 1px solid rgba(128,128,128,0.25); }
.rv-cures td { text-align: right; white-space: nowrap; }
.rv-cures td small { display: block; opacity: 0.6; font-size: 0.75rem; }
.rv-cures th:first-child, .rv-cures td:first-child, .rv-cures td.rv-not { text-align: left; }
.rv-cures td.rv-not { opacity: 0.65; white-space: normal; }
.rv-cures tr.rv-first td { font-weight: 600; }
.rv-scroll { overflow-x: auto; }
@media (max-width: 640px) {
  .st-key-cures_panels { overflow-x: auto; }
  .st-key-cures_panels > * { min-width: 54rem; }
}
</style>"""


def draw(controls: Controls) -> None:
    """The panels, the table under them, and what is measured in both."""
    shell.look(
        "Look at the grey line, the run as it is, and at how each cure changes it: a level line keeps the gradient."
    )
    cell, length, scale, forget, clip = st.columns(5, gap="medium")
    with cell:
        controls.cell()
    main = (controls.experiment.cell,)
    with length:
        shell.length_slider(controls)
    with scale:
        shell.scale_slider(controls, main)
    with forget:
        shell.forget_slider(controls, main)
    with clip:
        controls.slider("threshold")
    controls.keep()

    st.html(_STYLE)
    picture, slot = st.container(key="cures_panels"), st.empty()
    experiment, view = replace(controls.experiment, cells=main), controls.view
    known = CELLS[experiment.cell]
    preload.ensure()
    from rnnviz import build, cures
    from rnnviz.figures import cures as figures

    words = f"Running the {known.label} with each cure, for several seeds"
    found = _found.get(
        experiment, lambda report: cures.compare(experiment, known.name, report=report), slot, words
    )
    with picture:
        fig = figures.panels.spec(found, view.threshold, labels=build.signal(experiment).labels)
        alt = f"Norm of the gradient at each time step of the {known.label}, as it is and with each of eight cures"
        charts.mount("cures", fig, alt, view, HEIGHT, f"cures-{known.name}")
    _take_over(controls, found)
    st.html(table(found, view.threshold))

    see, formula = st.columns([1.35, 1], gap="large")
    with see:
        shell.findings(sentences(found, view.threshold))
    with formula:
        _equations(experiment.cell)


def _take_over(controls: Controls, found: Comparison) -> None:
    """Buttons that make a cure part of the experiment, where the experiment can hold it."""
    offered = [one.cure for one in found.outcomes if one.measured is not None and one.cure.change]
    if not offered:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="take_over"):
        st.html("<p class='rv-note'>Make it the experiment, for all pages:</p>", width="content")
        for cure in offered:
            there = all(getattr(found.experiment, name) == value for name, value in cure.change.items())
            label = cure.label.replace("W_hh", "$W_{hh}$")
            if st.button(label, key=f"take_{cure.name}", disabled=there):
                controls.session.assign(**cure.change)
                st.rerun()  # the whole page: the side bar shows the initialisation too


def table(found: Comparison, threshold: int | float) -> str:
    """The numbers of every panel as HTML: the median over the seeds, and the range under it."""
    matrix = f"<i>W</i><sub>{'hh' if found.weight == 'weight_hh' else 'ih'}</sub>"
    heads = (
        "",
        "verdict",
        "‖∂L/∂h<sub>1</sub>‖",
        "‖∂L/∂h<sub>T</sub>‖",
        "ratio",
        "a step back",
        f"‖∂L/∂{matrix}‖",
        "largest |h|",
    )
    rows = [_row("As it is", found.before)]
    for one in found.outcomes:
        label = escape(one.cure.label).replace("W_hh", "<i>W</i><sub>hh</sub>")
        if one.measured is None:
            reason = f"does not apply: {escape(one.reason)}".replace("W_hh", "<i>W</i><sub>hh</sub>")
            rows.append(
                f"<tr><td>{label}</td><td class='rv-not' colspan='{len(heads) - 1}'>{reason}</td></tr>"
            )
        else:
            rows.append(_row(label, one.measured, threshold if one.cure.name == "clip" else None))
    seeds = len(found.before.rate)
    caption = (
        f"Median over {seeds} seeds, from {found.experiment.seed} on, and the range under it; T is the loss step. "
        "Clipping acts on the gradient of the weights alone."
    )
    head = "".join(f"<th scope='col'>{text}</th>" for text in heads)
    return (
        f"<div class='rv-scroll'><table class='rv-cures'><caption>{caption}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(rows).replace('<tr>', '<tr class=rv-first>', 1)}</tbody></table></div>"
    )


def _row(label: str, measured: Measured, threshold: int | float | None = None) -> str:
    cells = [
        f"<b>{measured.verdict}</b><small>{_agreed(measured)}</small>",
        _numbers(measured.norms[:, 0]),
        _numbers(measured.norms[:, -1]),
        _numbers(measured.ratio),
        _numbers(measured.rate, "× "),
        _weights(measured, threshold),
        _numbers(measured.largest),
    ]
    return f"<tr><td>{label}</td>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _weights(measured: Measured, threshold: int | float | None) -> str:
    """The norms of the weight's gradient, and with a threshold what clipping makes of them."""
    if threshold is None:
        return _numbers(measured.weight)
    from rnnviz.gradients import clip

    # The norm of a clipped gradient is the clipped norm.
    after = [clip(norm[None], threshold)[0] for norm in measured.weight if bool(norm.isfinite())]
    if len(after) < len(measured.weight):
        return _numbers(measured.weight)
    middle = findings.number(float(measured.weight.median()))
    return f"{middle} → {_numbers(measured.weight.new_tensor(after))}"


def _numbers(values: Tensor, sign: str = "") -> str:
    """The median of the numbers, and under it their range."""
    middle, known = values.nanmedian().item(), values[~values.isnan()]
    if math.isnan(middle):
        return "–"
    written = [
        f"{sign}{findings.number(value)}" if math.isfinite(value) else "∞"
        for value in (middle, known.min().item(), known.max().item())
    ]
    return (
        f"{written[0]}<small>{written[1]} to {written[2]}</small>" if written[1] != written[2] else written[0]
    )


def _agreed(measured: Measured) -> str:
    """How many of the seeds say the same."""
    from rnnviz.cures import verdict_of

    alike = sum(verdict_of(change) == measured.verdict for change in measured.change.tolist())
    return f"{alike} of {len(measured.ratio)} seeds"


def sentences(found: Comparison, threshold: int | float) -> list[str]:
    """What the panels show, in measured numbers."""
    from rnnviz.cures import EXPLODED, VANISHED

    label, before = CELLS[found.cell].label, found.before
    told = [
        f"As it is, the gradient of the {label} <b>{before.verdict}</b>: at step 1 it is <b>{_ratio(before)}</b> "
        f"times what it is at the loss (median of {len(before.ratio)} seeds), <b>{_factor(before)}</b> a step back.",
        _clipping(found, threshold),
    ]
    ran = [one for one in found.outcomes if one.measured is not None and one.cure.name != "clip"]
    for verdict, words in (
        ("keeps", "It is kept"),
        ("vanishes", "It still vanishes" if before.verdict == "vanishes" else "It vanishes"),
        ("explodes", "It still explodes" if before.verdict == "explodes" else "It explodes"),
    ):
        those = [one for one in ran if one.measured is not None and one.measured.verdict == verdict]
        if those:
            told.append(f"{words} with {_listed(those)}.")
    told.append(
        f"The verdict is by the line fitted through log ‖∂L/∂h<sub>t</sub>‖: from the loss to step 1 it falls below "
        f"<b>{VANISHED:g}</b> (vanishes), rises above <b>{EXPLODED:g}</b> (explodes), or neither (keeps)."
    )
    return told


def _clipping(found: Comparison, threshold: int | float) -> str:
    norm = float(found.before.weight.median())
    matrix = f"<i>W</i><sub>{'hh' if found.weight == 'weight_hh' else 'ih'}</sub>"
    text = f"Clipping at {threshold:g} "
    if not math.isfinite(norm):
        text += f"cannot save what is not finite, as ‖∂L/∂{matrix}‖ here"
    elif norm > threshold:
        text += f"shortens ‖∂L/∂{matrix}‖ from <b>{findings.number(norm)}</b> to <b>{threshold:g}</b>"
    else:
        text += f"lets ‖∂L/∂{matrix}‖ = <b>{findings.number(norm)}</b> through as it is"
    if found.before.verdict == "vanishes":
        return (
            text + f"; at step 1 the share stays <b>{_ratio(found.before)}</b>. It never repairs vanishing."
        )
    return text + "; the way back through time stays what it was."


def _listed(outcomes: list[Outcome]) -> str:
    """The cures with their factors a step: "orthogonal W_hh (× 0.96), ..."."""
    named = []
    for one in outcomes:
        assert one.measured is not None
        label = one.cure.label[0].lower() + one.cure.label[1:]
        named.append(f"{label.replace('W_hh', '<i>W</i><sub>hh</sub>')} (<b>{_factor(one.measured)}</b>)")
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"


def _factor(measured: Measured) -> str:
    rate = measured.rate.nanmedian().item()
    return f"× {findings.number(rate)}" if math.isfinite(rate) else "no fit"


def _ratio(measured: Measured) -> str:
    middle = measured.ratio.median().item()
    return findings.number(middle) if math.isfinite(middle) else "beyond float64"


def _equations(cell: str) -> None:
    from rnnviz.cures import CURES

    st.html("<h2 class='rv-h2'>What each cure does</h2>")
    st.latex(
        r"\begin{aligned} \text{clipping} \quad & g \leftarrow \theta\, g / \lVert g \rVert \ \text{ if } "
        r"\lVert g \rVert > \theta \\ \text{chrono} \quad & b_f = \log \mathcal{U}([1, T_{\max} - 1]), \ "
        r"b_i = -b_f \\ \text{layer norm} \quad & a \leftarrow (a - \mu) / \sigma \\ \text{residual} \quad & "
        r"h_t = h_{t-1} + F(h_{t-1}, x_t), \ J = I + \partial F \end{aligned}"
    )
    notes = [_NORM.get(cell, ""), "T<sub>max</sub> is the loss step; a GRU's update gate is set likewise."]
    sources = "; ".join(f"{_plain(cure)}: {escape(cure.source)}" for cure in CURES)
    st.html(
        f"<p class='rv-note'>All runs in float64, with the weights, the input and the loss of the experiment. "
        f"{' '.join(note for note in notes if note)}<br><span>{sources}</span></p>"
    )


_NORM = {
    "lstm": "Layer norm: the layer-norm LSTM, on each product and on c.",
    "gru": "Layer norm: on each product.",
    "gru_reset_before": "Layer norm: on each product.",
} | dict.fromkeys(("rnn", "rnn_relu", "lstm_peephole"), "Layer norm: on W<sub>ih</sub>x + W<sub>hh</sub>h.")
"""How each cell is normalised, by Ba, Kiros & Hinton 2016."""


def _plain(cure: Cure) -> str:
    return escape(cure.label).replace("W_hh", "W<sub>hh</sub>").lower().replace("w<sub>", "W<sub>")
