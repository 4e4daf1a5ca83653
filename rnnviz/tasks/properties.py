"""What can be said of each character of a text, so that it can be held against the units of a network.

Imports neither torch nor numpy.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable


def _since(text: str, starts: Callable[[str], bool]) -> list[float]:
    """How many characters ago the last one was for which ``starts`` holds, or the text began."""
    counts: list[float] = []
    for sign in text:
        counts.append(0.0 if starts(sign) else (counts[-1] + 1 if counts else 1.0))
    return counts


def _inside(text: str, pairs: str) -> list[float]:
    """1 from an opening sign on, 0 from the closing one on; a blank line closes. Equal signs open and close in turn."""
    opening, closing = pairs[::2], pairs[1::2]
    inside, before, row = "", "", []
    for sign in text:
        if inside and (sign == inside or sign == before == "\n"):
            inside = ""
        elif not inside and sign in opening:
            inside = closing[opening.index(sign)]
        before = sign
        row.append(float(bool(inside)))
    return row


def _capitals(text: str) -> list[float]:
    """1 as long as all letters of the line so far are capitals, from the first one on."""
    row: list[float] = []
    seen, all_upper = False, True
    for sign in text:
        if sign == "\n":
            seen, all_upper = False, True
        elif sign.isalpha():
            seen, all_upper = True, all_upper and sign.isupper()
        row.append(float(seen and all_upper))
    return row


def _each(test: Callable[[str], bool]) -> Callable[[str], list[float]]:
    return lambda text: [float(test(sign)) for sign in text]


PROPERTIES: dict[str, Callable[[str], list[float]]] = {
    "characters since the line began": lambda text: _since(text, lambda sign: sign == "\n"),
    "letters since the word began": lambda text: _since(text, lambda sign: not sign.isalpha()),
    "inside quotation marks": lambda text: _inside(text, '""“”«»„“'),
    "inside brackets": lambda text: _inside(text, "()[]{}"),
    "only capitals so far in the line": _capitals,
    "a vowel": _each(lambda sign: unicodedata.normalize("NFD", sign)[0].lower() in "aeiou"),
    "a capital letter": _each(str.isupper),
    "a space": _each(lambda sign: sign == " "),
    "a line break": _each(lambda sign: sign == "\n"),
    "a punctuation mark": _each(lambda sign: unicodedata.category(sign).startswith("P")),
}
"""What a unit may follow, after Karpathy et al. 2015: a number for each character, known once it has been read."""
