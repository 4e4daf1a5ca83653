"""Figures as bytes: a small JSON header and the arrays behind it, no larger than eye and hover need.

Layout of a message: two little-endian uint32 (length of the header, height in pixels to reserve), the header
as UTF-8 JSON, then the arrays one after the other, each starting at a multiple of eight bytes. In the header
an array is ``{"$a": i}``, and ``arrays[i]`` says ``[type, length, shape, low, step]``.

- Matrices of a heat map (``z``) of 256 numbers or more become uint16 between their least and greatest finite
  value: the error is at most ``(high - low) / 131068``, far below what a colour or four decimals show. 65535
  is a gap.
- Other floats become float32 where that keeps their size, else they stay float64.
- Not-a-number and infinity are gaps. On the wire they are NaN in float arrays, null in lists.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
from numpy.typing import NDArray

if TYPE_CHECKING:
    import plotly.graph_objects as go

GAP = 65535
LEVELS = 65534
QUANTISE_FROM = 256
_FLOAT32_MAX = 3.4e38
_FLOAT32_MIN = 1.2e-38  # below this float32 loses digits


class _Arrays:
    """The arrays of one message, each stored once however often the figure uses it."""

    def __init__(self) -> None:
        self.meta: list[list[Any]] = []
        self.parts: list[bytes] = []
        self._seen: dict[tuple[int, bool], int] = {}
        self._alive: list[object] = []  # an id is only good while its object lives

    def reference(self, array: NDArray[Any], *, matrix: bool) -> Any:
        """What stands in the header for this array: a reference, or a list where it holds no numbers."""
        known = self._seen.get((id(array), matrix))
        if known is not None:
            return {"$a": known}
        if array.dtype.kind == "M":
            return np.datetime_as_string(array).tolist()
        if array.dtype.kind not in "fiu" or array.size == 0:
            return array.tolist()
        low, step = None, None
        if array.dtype.kind == "f":
            if matrix and array.ndim == 2 and array.size >= QUANTISE_FROM:
                packed, low, step = quantise(array)
            else:
                packed = _floats(array)
        else:
            packed = _integers(array)
        index = len(self.meta)
        shape = list(array.shape) if array.ndim > 1 else None
        self.meta.append([packed.dtype.str[1:], packed.size, shape, low, step])
        raw = packed.tobytes()
        self.parts.append(raw + bytes(-len(raw) % 8))
        self._seen[id(array), matrix] = index
        self._alive.append(array)
        return {"$a": index}


def quantise(array: NDArray[Any]) -> tuple[NDArray[Any], float | None, float | None]:
    """``(levels as uint16, low, step)`` with ``array ~ low + step * levels``, or ``(float64, None, None)``.

    The second form is for ranges too wide for one step. NaN and infinity become ``GAP``.
    """
    low, high = float(array.min()), float(array.max())
    gaps = None
    if not (math.isfinite(low) and math.isfinite(high)):
        finite = np.isfinite(array)
        gaps = ~finite
        kept = array[finite]
        low, high = (float(kept.min()), float(kept.max())) if kept.size else (0.0, 0.0)
        array = np.where(finite, array, low)
    step = (high - low) / LEVELS
    if not math.isfinite(step) or (0 < high - low < 1e-30):
        return np.where(np.isfinite(array), array, np.nan).astype("<f8"), None, None
    if high - low > _FLOAT32_MAX:
        array = array.astype("<f8")  # else the differences overflow where the numbers do not
    scale = 1.0 / step if step else 0.0
    levels = ((array - low) * scale + 0.5).astype("<u2")
    if gaps is not None:
        levels[gaps] = GAP
    return levels, low, step


def _floats(array: NDArray[Any]) -> NDArray[Any]:
    if array.dtype.itemsize <= 4:
        return array.astype("<f4", copy=False)
    size = np.abs(array[np.isfinite(array)])
    fits = not size.size or (size.max() < _FLOAT32_MAX and not ((size < _FLOAT32_MIN) & (size > 0)).any())
    return array.astype("<f4" if fits else "<f8")


def _integers(array: NDArray[Any]) -> NDArray[Any]:
    low, high = int(array.min()), int(array.max())
    return array.astype("<i4" if low >= -(2**31) and high < 2**31 else "<f8")


def _walk(value: Any, arrays: _Arrays, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _walk(inner, arrays, key) for key, inner in value.items() if inner is not None}
    if isinstance(value, list | tuple):
        if value and isinstance(value[0], dict | np.ndarray):
            return [_walk(inner, arrays) for inner in value]
        return value
    if isinstance(value, np.ndarray):
        return arrays.reference(value, matrix=name == "z") if value.ndim else value.item()
    if not isinstance(value, str | int | float | np.generic) and hasattr(value, "__array__"):
        return arrays.reference(np.asarray(value), matrix=name == "z")
    return value


def pack(fig: go.Figure | Mapping[str, Any], head: Mapping[str, Any], reserve: int) -> bytes:
    """The message for a figure. The figure's own template is left out: the browser picks one by its theme."""
    if isinstance(fig, Mapping):
        data, layout = fig.get("data", []), fig.get("layout", {})
    else:
        # A figure's own dicts, not to_dict(): that copies all arrays and encodes them in base64.
        data, layout = fig._data, fig._layout
    arrays = _Arrays()
    header = {
        **head,
        "data": [_walk(dict(trace), arrays) for trace in data],
        "layout": _walk({key: value for key, value in layout.items() if key != "template"}, arrays),
        "arrays": arrays.meta,
    }
    # orjson writes NaN and infinity as null, which is what the browser understands as a gap.
    text = orjson.dumps(header, default=str, option=orjson.OPT_SERIALIZE_NUMPY)
    start = struct.pack("<II", len(text), reserve)
    return b"".join((start, text, bytes(-(len(text)) % 8), *arrays.parts))
