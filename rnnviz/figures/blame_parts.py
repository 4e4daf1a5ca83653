"""What is drawn of the contributions to a weight's gradient: parts of the whole."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnviz.blame import Blame

MOST = 0.9
"""The part of all sizes whose reach is marked."""

Numbers = NDArray[np.float64]


class Parts(NamedTuple):
    """What is drawn of the contributions, each as a part of the whole: at t, k and by distance, (T, T) and (T,).

    ``of`` names the whole. NaN stands where there is nothing, or no number.
    """

    each: Numbers
    by_distance: Numbers
    of: str
    words: str


def parts(found: Blame, measure: str = "size") -> Parts:
    """The sizes over their sum, or the shares, with the reason in words where there is nothing to draw."""
    if measure not in ("size", "share"):
        raise ValueError(f"measure must be one of 'size', 'share'; got {measure!r}")
    sizes = found.size.double().cpu().numpy()
    T = len(sizes)
    if measure == "share":
        each, of = found.share.double().cpu().numpy().copy(), "the gradient"
    else:
        with np.errstate(all="ignore"):
            each, of = sizes / sizes.sum(), "all sizes"
    whole = bool(np.isfinite(each).all())
    each[np.triu_indices(T, 1)] = np.nan
    each[found.lost.cpu().numpy()] = np.nan
    if whole:
        distance = np.array([np.nansum(np.diagonal(each, -lag)) for lag in range(T)])
        return Parts(each, distance, of, "")
    words = (
        "every contribution is 0" if not sizes.any() else "beyond float64:<br>contributions without a number"
    )
    return Parts(np.full((T, T), np.nan), np.full(T, np.nan), of, words)


def reach(by_distance: Numbers, part: float = MOST) -> int | None:
    """From how many of the last steps that part comes: the least n whose first n sums reach it."""
    over = np.cumsum(by_distance) >= part * (1 - 1e-12)
    return int(over.argmax()) + 1 if over.any() else None
