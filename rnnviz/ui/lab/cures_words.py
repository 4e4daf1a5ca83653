"""What the cures did, in a table and in sentences that quote the numbers."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

from rnnviz.prose import listed
from rnnviz.registry import CELLS
from rnnviz.ui.findings import number

if TYPE_CHECKING:
    from torch import Tensor

    from rnnviz.cures import Comparison, Measured, Outcome

_FATE = {"vanishes": "vanishes", "keeps": "is kept", "explodes": "explodes"}
"""Each verdict as what the gradient does."""


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
    middle = number(float(measured.weight.median()))
    return f"{middle} → {_numbers(measured.weight.new_tensor(after))}"


def _numbers(values: Tensor, sign: str = "") -> str:
    """The median of the numbers, and under it their range."""
    middle, known = values.nanmedian().item(), values[~values.isnan()]
    if math.isnan(middle):
        return "–"
    written = [
        f"{sign}{number(value)}" if math.isfinite(value) else "∞"
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
    factor = _factor(before)
    told = [
        f"As it is, the gradient of the {label} <b>{_FATE[before.verdict]}</b>: at step 1 it is "
        f"<b>{_ratio(before)}</b> times what it is at the loss (median of {len(before.ratio)} seeds)"
        + (f", <b>{factor}</b> a step back." if factor.startswith("×") else "."),
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
        f"<b>{VANISHED:g}</b> (vanishes), rises above <b>{EXPLODED:g}</b> (explodes), or neither (keeps). "
        "Where nothing, or no finite number, is left at step 1, that decides."
    )
    return told


def _clipping(found: Comparison, threshold: int | float) -> str:
    norm = float(found.before.weight.median())
    matrix = f"<i>W</i><sub>{'hh' if found.weight == 'weight_hh' else 'ih'}</sub>"
    text = f"Clipping at {threshold:g} "
    if not math.isfinite(norm):
        text += f"cannot save what is not finite, as ‖∂L/∂{matrix}‖ here"
    elif norm > threshold:
        text += f"shortens ‖∂L/∂{matrix}‖ from <b>{number(norm)}</b> to <b>{threshold:g}</b>"
    else:
        text += f"lets ‖∂L/∂{matrix}‖ = <b>{number(norm)}</b> through as it is"
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
    return listed(named)


def _factor(measured: Measured) -> str:
    """The fitted factor a step back, unless most runs have nothing left at step 1: then the rest's fit tells little."""
    if measured.change.median().item() == 0:
        return "none left at step 1"
    rate = measured.rate.nanmedian().item()
    return f"× {number(rate)}" if math.isfinite(rate) else "no fit"


def _ratio(measured: Measured) -> str:
    middle = measured.ratio.median().item()
    return number(middle) if math.isfinite(middle) else "beyond float64"
