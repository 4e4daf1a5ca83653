"""How numbers of a forecast are written: prices to as many digits as tell them apart, shares, p-values."""

from __future__ import annotations

import math

from rnnviz.prose import written

DIGITS = 5
"""Significant digits of a price or an error: RMSEs of a network and of yesterday's price differ in the fourth."""

NONE = "–"
"""What stands where there is no number."""


def price(value: int | float, digits: int = DIGITS) -> str:
    """A number on the price scale: 1.0821, 12,346, 0.00012345."""
    if not math.isfinite(value):
        return NONE
    if value == 0:
        return "0"
    size = math.floor(math.log10(abs(value)))
    if not -6 <= size < 9:
        return written(float(value))
    return _minus(f"{value:,.{max(0, digits - 1 - size)}f}")


def percent(value: int | float, digits: int = 1) -> str:
    """A share in per cent: 51.2 %."""
    return _minus(f"{100 * value:.{digits}f} %") if math.isfinite(value) else NONE


def skill(value: int | float) -> str:
    """A skill with its sign: +0.12 %, −2.40 %; 0.00 % has none."""
    if not math.isfinite(value):
        return NONE
    if value == 0:
        return "0"
    return _minus(f"{100 * value:+.2f} %" if abs(value) < 9.99995 else f"{100 * value:+,.0f} %")


def p(value: int | float) -> str:
    """A p-value alone: 0.41, < 0.001."""
    if not math.isfinite(value):
        return NONE
    return "< 0.001" if value < 0.001 else f"{value:.3f}" if value < 0.1 else f"{value:.2f}"


def _minus(text: str) -> str:
    return without_sign_of_zero(text).replace("-", "−")


def without_sign_of_zero(text: str) -> str:
    """A formatted number; one whose digits are all 0 has no sign."""
    return text if any(digit in text for digit in "123456789") else text.lstrip("+-−")
