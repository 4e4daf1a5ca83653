"""How numbers and lists are written in a sentence."""

from __future__ import annotations

from collections.abc import Sequence


def written(value: int | float) -> str:
    """A finite number to two or three digits: 0.482, 12.3, 1234, 4.1 × 10⁻¹²."""
    if 999.5 <= abs(value) < 10_000:
        return f"{value:.0f}"
    if value == 0 or 0.001 <= abs(value) < 1000:
        return f"{value:.3g}"
    mantissa, exponent = f"{value:.1e}".split("e")
    raised = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{mantissa} × 10{raised}"


def listed(words: Sequence[str]) -> str:
    """One after the other: "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
