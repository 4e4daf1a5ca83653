"""Numbers and templates in words: how a measured value stands in a sentence."""

from __future__ import annotations

import math
import string
from collections.abc import Mapping
from html import escape
from typing import Any

from rnnviz.prose import written


def number(value: float) -> str:
    """A number as prose has it: 0.482, 12.3, 1234, 4.1 × 10⁻¹², ∞."""
    if math.isnan(value):
        return "not a number"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    return written(value).replace("-", "−").replace(" ", "\N{NO-BREAK SPACE}")


class _Words(string.Formatter):
    """``str.format`` whose plain fields give :func:`number`, and whose results are safe in HTML."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if not format_spec and isinstance(value, float):
            return number(value)
        text = format(value, format_spec)
        if isinstance(value, int | float):
            text = text.replace("-", "−").replace("%", "\N{NO-BREAK SPACE}%")
        return escape(text)


def fill(template: str, measured: Mapping[str, Any], *, bold: bool = False) -> str:
    """The template with its fields filled from what was measured, as HTML.

    ``{name}``, ``{name[key]}`` and ``{name[0]}`` give the number as prose has it, with a format such as
    ``{name:.4f}`` exactly that. Raises ``KeyError``, ``IndexError`` or ``ValueError`` for a field that there is
    not. With ``bold`` each value stands out.
    """
    marked = _Bold() if bold else _Words()
    return marked.vformat(template, (), measured).replace(" = ", "\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}")


class _Bold(_Words):
    def format_field(self, value: Any, format_spec: str) -> str:
        return f"<b>{super().format_field(value, format_spec)}</b>"
