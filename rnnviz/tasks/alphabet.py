"""Which letters a network knows, and what is done with all other signs of a text. Imports neither torch nor numpy."""

from __future__ import annotations

import unicodedata
from collections import Counter

MOST = 96
"""The most letters of an alphabet, the replacement sign among them."""

REPLACEMENT = "\ufffd"
"""Stands for every character that is not in the alphabet; always its last letter."""

JOINERS = ("\u200c", "\u200d")
"""Invisible, but part of how a word or an emoji is written."""


def cleaned(text: str) -> tuple[str, tuple[str, ...]]:
    """The text as a network reads it, and a sentence for each thing that was done to it.

    Line ends (CR LF, CR) become line feeds; a byte order mark at the start is taken away; letters and marks are joined
    where Unicode has them in one (NFC). A mark that stays alone is a letter of its own, as is each part of an emoji
    that is made of several. What cannot be shown (control and format characters such as NUL, private ones and lone
    surrogates) becomes the replacement sign; tabs, line feeds and joiners stay.
    """
    notes: list[str] = []
    if text.startswith("\ufeff"):
        text = text[1:]
        notes.append("The byte order mark at the start was taken away.")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        notes.append("Line ends are read as one sign, whether they were written as one or two.")
    joined = unicodedata.normalize("NFC", text)
    if joined != text:
        notes.append("Letters and their accents were joined where Unicode has them in one (NFC).")
    shown, hidden = _replaced(joined, {sign for sign in set(joined) if _unseen(sign)})
    if hidden:
        notes.append(_counted(hidden, len(shown), "cannot be shown", "cannot be shown"))
    return shown, tuple(notes)


def alphabet_of(text: str) -> tuple[str, ...]:
    """The letters of a cleaned text by code point, the rarest left out beyond :data:`MOST`; then the replacement sign.

    Of equally rare ones those with the higher code point are left out.
    """
    counts = Counter(text)
    counts.pop(REPLACEMENT, None)
    kept = sorted(counts, key=lambda sign: (-counts[sign], sign))[: MOST - 1]
    return (*sorted(kept), REPLACEMENT)


def known(text: str, alphabet: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The cleaned text in letters of the alphabet alone, and what that took as sentences, as :func:`cleaned` has them.

    Raises ``ValueError`` for an alphabet that does not end in the replacement sign.
    """
    if not alphabet or alphabet[-1] != REPLACEMENT:
        raise ValueError(
            "expected an alphabet that ends in the replacement sign; take the one of the text task"
        )
    text, notes = cleaned(text)
    text, strange = _replaced(text, set(text) - set(alphabet))
    if strange:
        notes = (*notes, _counted(strange, len(text), "is not in the alphabet", "are not in the alphabet"))
    return text, notes


def indices(text: str, alphabet: tuple[str, ...]) -> list[int]:
    """The place of each character in the alphabet; the text must hold its letters alone, as :func:`known` gives it."""
    place = {letter: index for index, letter in enumerate(alphabet)}
    return [place[letter] for letter in text]


def _replaced(text: str, signs: set[str]) -> tuple[str, int]:
    """The text with each of these characters replaced, and how many they were."""
    return text.translate({ord(sign): REPLACEMENT for sign in signs}), sum(text.count(sign) for sign in signs)


def _unseen(sign: str) -> bool:
    """Whether the character cannot be shown: control, format, surrogate, private or not assigned."""
    return sign not in "\t\n" and sign not in JOINERS and unicodedata.category(sign).startswith("C")


def _counted(count: int, of: int, one: str, many: str) -> str:
    if count == 1:
        return f"1 of {of:,} characters {one} and is read as {REPLACEMENT}."
    return f"{count:,} of {of:,} characters {many} and are read as {REPLACEMENT}."
