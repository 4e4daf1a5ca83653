"""The tables of the section by hand, as HTML: by hand, in PyTorch, and how far apart."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING

from rnnviz.prose import written
from rnnviz.ui.training.hand_numbers import Lesson, difference, digits

if TYPE_CHECKING:
    from rnnviz.scratch import Array, Weights

NAMES: dict[str, str] = {
    "W_ih": "W<sub>ih</sub>",
    "W_hh": "W<sub>hh</sub>",
    "b_ih": "b<sub>ih</sub>",
    "b_hh": "b<sub>hh</sub>",
    "W_hy": "W<sub>hy</sub>",
    "b_y": "b<sub>y</sub>",
}
"""The parameters as they are written."""

PLACES = 10
"""Digits of a loss after the point."""

LINES = 12
"""Numbers of steps that the table of the learning shows."""

_BOTH = ("by hand", "PyTorch", "difference")


def after(lesson: Lesson) -> str:
    """How many steps of learning were taken, and the loss by now."""
    steps = (
        f"{lesson.taken} step{'' if lesson.taken == 1 else 's'} taken" if lesson.taken else "Not trained yet"
    )
    return f"<p class='rv-after'>{steps} · L = <b>{digits(lesson.hand.loss)}</b></p>"


def forward(lesson: Lesson) -> str:
    """h_t at every step on both sides, and the loss."""
    one, other = lesson.hand.h, lesson.torch.h
    body = [_row(str(t + 1), _item(lesson, t), *_vectors(one[t], other[t])) for t in range(len(one))]
    return _table(
        ("t", "reads", *(f"h<sub>t</sub> {word}" for word in _BOTH[:2]), _BOTH[2]), body, _loss(lesson, 2)
    )


def loss(lesson: Lesson) -> str:
    """What is said of the next item at every step, what that costs, and the mean."""
    letters = lesson.setup.kind == "letters"
    one, other = lesson.hand.p, lesson.torch.p
    body = []
    for t in range(len(one)):
        at = int(lesson.target[t]) if letters else 0
        mine, its = float(one[t, at]), float(other[t, at])
        cost = (
            (-math.log(mine) if mine > 0 else math.inf)
            if letters
            else (mine - float(lesson.target[t, 0])) ** 2
        )
        body.append(
            _row(str(t + 1), _item(lesson, t), _item(lesson, t + 1), *_pair(mine, its), _number(cost))
        )
    said = "p" if letters else "y"
    cost_ = "−ln p" if letters else "(y − next)²"
    heads = ("t", "reads", "next", *(f"{said} {word}" for word in _BOTH[:2]), _BOTH[2], cost_)
    mean = _row("", "", "L", *_pair(lesson.hand.loss, lesson.torch.loss, 6), "mean", kind="rv-sum")
    return _table(heads, body, mean)


def backward(lesson: Lesson) -> str:
    """dL/dh_t from the last step to the first, then the gradient of every parameter, on both sides."""
    one, other = lesson.hand, lesson.torch
    body = [_row(str(t + 1), *_vectors(one.dh[t], other.dh[t])) for t in reversed(range(len(one.dh)))]
    first = _table(("t", *(f"∂L/∂h<sub>t</sub> {word}" for word in _BOTH[:2]), _BOTH[2]), body)
    rows = []
    for name, mine, its in zip(NAMES, one.g, other.g, strict=True):
        size = _pair(norm(mine), norm(its), 6)
        rows.append(_row(f"‖∂L/∂{NAMES[name]}‖", *size[:2], apart(difference(mine, its))))
    return first + _table(("gradient", *_BOTH[:2], "largest difference"), rows)


def learning(lesson: Lesson) -> str:
    """The loss after each number of steps, on both sides, and how far the weights are apart."""
    known = list(enumerate(lesson.losses))[-LINES:]
    rows = [
        _row(str(k), *_pair(mine, its, PLACES)[:2], apart(far), kind="rv-now" if k == lesson.taken else "")
        for k, (mine, its, far) in known
    ]
    heads = ("steps taken", "L by hand", "L PyTorch", "largest difference of two weights")
    return _table(heads, rows)


def check(lesson: Lesson, moved: Weights) -> str:
    """Each gradient three times: by hand, by moving each weight a little, in PyTorch."""
    rows = []
    for name, mine, near, its in zip(NAMES, lesson.hand.g, moved, lesson.torch.g, strict=True):
        norms = [_number(norm(value), 8) for value in (mine, near, its)]
        rows.append(_row(f"‖∂L/∂{NAMES[name]}‖", *norms, apart(difference(mine, near))))
    return _table(("gradient", "by hand", "by moving", "PyTorch", "hand − moving"), rows)


def parameter(lesson: Lesson, name: str) -> str:
    """One parameter: its value, and its gradient by hand and in PyTorch, entry by entry."""
    at = list(NAMES).index(name)
    value, mine, its = lesson.w[at], lesson.hand.g[at], lesson.torch.g[at]
    written_ = NAMES[name]
    return _side_by_side(
        [
            _figure(f"{written_}", grid(value, span(value))),
            _figure(f"∂L/∂{written_} by hand", grid(mine, span(mine, its))),
            _figure("PyTorch's .grad", grid(its, span(mine, its))),
        ]
    )


def itemised(lesson: Lesson) -> str:
    """The sum over the steps that is dL/dW_hh, a matrix a step, and PyTorch's gradient beside it."""
    items, whole = lesson.itemised, lesson.torch.g.W_hh
    wide = whole.shape[0] > 3 or len(items) > 6
    size = "" if not wide else "rv-small" if whole.shape[0] > 4 else "rv-middle"
    scale = span(*items, whole)
    parts: list[str] = []
    for t, item in enumerate(items):
        parts += ["<b>+</b>"] if t else []
        parts.append(_figure(f"t = {t + 1}", grid(item, scale, size)))
    parts += ["<b>=</b>", _figure("PyTorch's .grad", grid(whole, scale, size))]
    return f"<div class='rv-steps'>{''.join(parts)}</div>"


def entry(lesson: Lesson) -> str:
    """The largest entry of dL/dW_hh as a sum that can be added up by hand, as HTML."""
    import numpy as np

    whole = lesson.hand.g.W_hh
    if not np.isfinite(whole).all():
        return "The gradient has left the range of float64: there is no sum to write down."
    i, j = np.unravel_index(int(np.abs(whole).argmax()), whole.shape)
    terms = " ".join(
        f"{'−' if value < 0 else '+'} {digits(abs(float(value)))}" for value in lesson.itemised[:, i, j]
    )
    return (
        f"Its largest entry, row {i}, column {j}: <b>{terms.removeprefix('+ ')} = {digits(float(whole[i, j]))}</b>; "
        f"PyTorch has <b>{digits(float(lesson.torch.g.W_hh[i, j]))}</b>."
    )


def grid(matrix: Array, scale: float, size: str = "") -> str:
    """A matrix as coloured cells, blue above 0 and orange below, numbers in them unless ``size`` makes them small."""
    rows = []
    for row in matrix if matrix.ndim == 2 else matrix[:, None]:
        cells = []
        for value in map(float, row):
            share = 60 * min(abs(value) / scale, 1) if math.isfinite(value) else 0
            colour = "#2b87cc" if value > 0 else "#d67729"
            shade = f"background:color-mix(in srgb, {colour} {share:.0f}%, transparent)"
            cells.append(
                f"<td title='{value!r}' style='{shade}'>{'' if size else digits(value, fixed=True)}</td>"
            )
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return f"<table class='rv-grid {size}'><tbody>{''.join(rows)}</tbody></table>"


def span(*matrices: Array) -> float:
    """The largest finite size among the entries; 1 where there is none but 0."""
    import numpy as np

    return max((float(np.abs(m[np.isfinite(m)]).max(initial=0)) for m in matrices), default=0.0) or 1.0


def norm(value: Array) -> float:
    """The Euclidean norm over all entries."""
    return math.hypot(*value.flatten().tolist())  # squares could leave float64


def _item(lesson: Lesson, t: int) -> str:
    """What is read at step t + 1, to be seen and harmless."""
    value = lesson.setup.read[t]
    if lesson.setup.kind == "letters":
        shown = escape({" ": "␣"}.get(value, value))
        return f"<span class='rv-sign'>{shown}</span>"
    return _number(float(value))


def _vectors(one: Array, other: Array) -> tuple[str, str, str]:
    """Two vectors, and the largest difference between them."""
    return _vector(one), _vector(other), apart(difference(one, other))


def _vector(values: Iterable[float]) -> str:
    return "".join(f"<span title='{float(v)!r}'>{digits(float(v))}</span>" for v in values)


def _pair(one: float, other: float, places: int = 4) -> tuple[str, str, str]:
    """A number on both sides, and the difference."""
    return _number(one, places), _number(other, places), apart(difference(one, other))


def _number(value: float, places: int = 4) -> str:
    return f"<span title='{value!r}'>{digits(value, places)}</span>"


def apart(value: float) -> str:
    """A difference, in words where it is none."""
    return "0" if value == 0 else written(value) if math.isfinite(value) else "no number"


def _loss(lesson: Lesson, before: int) -> str:
    """The last row: the loss."""
    return _row("L", *[""] * (before - 1), *_pair(lesson.hand.loss, lesson.torch.loss, PLACES), kind="rv-sum")


def _row(*cells: str, kind: str = "") -> str:
    """A row; cells of several numbers may break between them."""
    tds = "".join(
        f"<td{' class=rv-many' if cell.count('<span title') > 1 else ''}>{cell}</td>" for cell in cells
    )
    return f"<tr class='{kind}'>{tds}</tr>"


def _table(heads: Sequence[str], rows: Sequence[str], *last: str) -> str:
    head = "".join(f"<th>{head}</th>" for head in heads)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}{''.join(last)}</tbody></table>"


def _figure(caption: str, body: str) -> str:
    return f"<figure><figcaption>{caption}</figcaption>{body}</figure>"


def _side_by_side(figures: Sequence[str]) -> str:
    return f"<div class='rv-steps rv-wide'>{''.join(figures)}</div>"
