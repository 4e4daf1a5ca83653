"""What people type: numbers, text, and how a sentence quotes either."""

from __future__ import annotations

import re
import unicodedata

LARGEST_NUMBER = 1e30
"""Typed numbers are at most this large in size, so that float32 can hold them."""

LONGEST_INPUT = 20_000
"""So many characters of one value are looked at: 500 numbers of 40 characters."""

NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\Z")
"""A decimal number in ASCII; ``float`` alone would also take "nan", "1_000" and other scripts' digits."""

_SEPARATORS = re.compile(r"[\s,;]+")
_BIDI = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def parse_numbers(text: str, *, maximum: int = 500) -> tuple[tuple[float, ...], list[str]]:
    """Numbers separated by commas, spaces, semicolons or new lines, and a sentence for what was left out.

    Decimals take a point. Never raises. Fewer than two numbers come back as they are, with a sentence on it.
    """
    notes: list[str] = []
    if len(text) > LONGEST_INPUT:
        text = text[:LONGEST_INPUT]
        notes.append(f"Only the first {LONGEST_INPUT} characters of the numbers are read.")
    words = [word for word in _SEPARATORS.split(text.replace("\u2212", "-")) if word]
    readable = [word for word in words if NUMBER.match(word)]
    unreadable = [word for word in words if not NUMBER.match(word)]
    numbers = [float(word) + 0.0 for word in readable]
    too_large = [word for word, n in zip(readable, numbers, strict=True) if abs(n) > LARGEST_NUMBER]
    numbers = [n for n in numbers if abs(n) <= LARGEST_NUMBER]
    if unreadable:
        notes.append(f"Not read as numbers and left out: {_listed(unreadable)}.")
    if too_large:
        notes.append(f"Larger than {short(LARGEST_NUMBER)} and left out: {_listed(too_large)}.")
    if len(numbers) > maximum:
        notes.append(f"Only the first {maximum} of {len(numbers)} numbers are used.")
        numbers = numbers[:maximum]
    if len(numbers) < 2:
        notes.append(f"At least 2 numbers are needed, and {len(numbers)} could be read.")
    return tuple(numbers), notes


def cleaned(text: str) -> str:
    """The text without control characters, direction marks and lone surrogates, which no link can carry."""
    return "".join(
        char
        for char in text
        if unicodedata.category(char) not in ("Cc", "Cs", "Zl", "Zp") and char not in _BIDI
    )


def short(value: int | float) -> str:
    """The shortest text that reads back as exactly this number: 1 for 1.0, 1e-05, 0.25."""
    text = repr(value)
    return text.removesuffix(".0").replace("e+", "e")


def quoted(text: str, *, marks: bool = True) -> str:
    """What a user typed, fit to stand in a sentence: one line, at most 40 characters."""
    shown = cleaned(text[:200])
    shown = shown if len(shown) <= 40 else shown[:39] + "…"
    if not shown:
        return "nothing"
    return shown if not marks or NUMBER.match(text) else f'"{shown}"'


def _listed(words: list[str]) -> str:
    """The first three words quoted, and how many more there are."""
    shown = ", ".join(quoted(word) for word in words[:3])
    return shown if len(words) <= 3 else f"{shown} and {len(words) - 3} more"
