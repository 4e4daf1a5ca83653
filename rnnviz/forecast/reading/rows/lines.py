"""Lines: where the lines and the values of a text begin and end, told for the whole file at once.

The text is kept as UTF-8 bytes in one array; separators, quotes and line ends are ASCII there and never part of
another letter. :func:`parted` gives the one form that all later steps read: values parted by :data:`UNIT`, a line a
row, no quotes. So no reader downstream has an opinion of its own on quoting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnviz.forecast.errors import TableError
from rnnviz.forecast.limits import LONGEST

Bytes = NDArray[np.uint8]
Flags = NDArray[np.bool_]
Places = NDArray[np.int64]

UNIT = 0x1F
"""The control character "unit separator", which parts values."""

_LF, _SPACE, _TAB, _EQUALS = 0x0A, 0x20, 0x09, 0x3D
_LONGEST_VALUE = 20
_PAIRED = 5_000


@dataclass(frozen=True, eq=False)
class Raw:
    """The bytes of a text (uint8, each line ends with LF) and its quotes.

    ``starts``, ``ends``: where each line begins and where its LF is. ``quote``: the mark that quotes values, 0 for
    none. ``inside``: for each byte, whether it stands in quotes (False throughout in a line whose quotes do not
    close), or None where nothing is quoted. ``odd``: the lines whose quotes do not close.
    """

    data: Bytes
    starts: Places
    ends: Places
    quote: int
    inside: Flags | None
    odd: Flags

    def values(self, mark: int) -> Places:
        """How many values each line has if ``mark`` parts them."""
        return _counts(self._hits(mark), self.starts) + 1

    def _hits(self, mark: int) -> Flags:
        hits: Flags = self.data == mark
        return hits if self.inside is None else hits & ~self.inside


@dataclass(frozen=True, eq=False)
class Lines:
    """Values parted by UNIT. ``numbers``: the line of the file, from 1. ``widths``: how many values a line has."""

    data: Bytes
    starts: Places
    ends: Places
    numbers: Places
    widths: Places

    def __len__(self) -> int:
        return len(self.ends)

    def cells(self, line: int) -> list[str]:
        """The values of one line, stripped."""
        return [cell.strip() for cell in self._text(line).split("\x1f")]

    def shown(self, line: int, mark: str) -> str:
        """One line as a person may look at it, at most 200 characters."""
        text = self._text(line, 1000)[:1000].replace("\x1f", mark)
        return text if len(text) <= 200 else text[:199] + "…"

    def ruled(self, line: int) -> bool:
        """Whether a line is drawn: `|---|---|`."""
        text = self._text(line, 1000)
        return bool(text.strip(" \t\x1f")) and not text.strip("-=:+_ \t\x1f")

    def blank(self) -> Flags:
        """For each line, whether it holds nothing but separators and blanks."""
        empty = (self.data == UNIT) | (self.data == _SPACE) | (self.data == _TAB)
        blank: Flags = _counts(empty, self.starts) == self.ends - self.starts
        return blank

    def only(self, keep: Flags) -> bytes:
        """The text of the lines that ``keep`` (bool) marks."""
        if keep.all():
            return self.data.tobytes()
        kept: Bytes = self.data[np.repeat(keep, self.ends + 1 - self.starts)]
        return kept.tobytes()

    def reached(self, lines: Sequence[int], width: int) -> Lines:
        """The same with ``width`` values in some lines: empty ones are added at their end, or taken away."""
        if not lines:
            return self
        texts = self.data.tobytes().split(b"\n")[:-1]
        for line in lines:
            text = texts[line].rstrip(b" \t\x1f")
            texts[line] = text + b"\x1f" * (width - 1 - text.count(b"\x1f"))
        return _indexed(np.frombuffer(b"\n".join(texts) + b"\n", np.uint8), self.numbers)

    def last_value(self, line: int) -> int:
        """How many values a line has up to the last one that is not empty."""
        return bytes(self.data[self.starts[line] : self.ends[line]]).rstrip(b" \t\x1f").count(b"\x1f") + 1

    def _text(self, line: int, most: int = -1) -> str:
        end = self.ends[line] if most < 0 else min(self.ends[line], self.starts[line] + 4 * most)
        return bytes(self.data[self.starts[line] : end]).decode("utf-8", "replace")


def raw(text: str, quote: str = '"') -> Raw:
    """The lines of a text, whatever ends them, and what stands in quotes. ``TableError`` for a line without end."""
    plain = (
        text.encode("utf-8", "replace").replace(b"\r\n", b"\n").replace(b"\r", b"\n").rstrip(b"\n") + b"\n"
    )
    data = np.frombuffer(plain, np.uint8)
    ends = np.flatnonzero(data == _LF)
    starts = np.concatenate([[0], ends[:-1] + 1])
    if (longest := int((ends - starts).max())) > LONGEST:
        raise TableError(
            f"expected the lines of a table, got a line of {longest:,} bytes; export the data as CSV"
        )
    mark = ord(quote) if quote else 0
    none = np.zeros(len(ends), bool)
    if not mark or quote.encode() not in plain:
        return Raw(data, starts, ends, 0, None, none)
    inside = np.cumsum(data == mark, dtype=np.uint8) & 1 == 1  # the sum wraps at 256, which keeps its parity
    before = np.concatenate([[False], inside[ends[:-1]]])
    odd = inside[ends] != before
    if odd.any():
        # What one line leaves open is no matter of the next: each begins anew, and an odd one is read as it stands.
        lengths = ends + 1 - starts
        inside = (inside ^ np.repeat(before, lengths)) & ~np.repeat(odd, lengths)
    return Raw(data, starts, ends, mark, inside, odd)


def parted(source: Raw, mark: int, width: int) -> Lines:
    """The lines with their values parted by UNIT and their quotes taken off.

    A value may go over several lines where its quotes say so: if the lines together have ``width`` values, they are
    one, and the line ends in the value become blanks.
    """
    numbers = np.arange(1, len(source.ends) + 1)
    if source.inside is None:
        data = source.data.copy()
        data[data == mark] = UNIT
        return _indexed(data, numbers)
    inside, joined = _closed(source, mark, width)
    hits = (source.data == mark) & ~inside
    data = source.data.copy()
    data[hits] = UNIT
    data[source.ends[joined]] = _SPACE
    quotes = source.data == source.quote
    # A quote in quotes is written twice; the first of the two closes, the second opens again: one of them stays.
    following = np.append(quotes[1:], False)
    twice = quotes & following & ~inside & np.append(inside[1:], False)
    # Excel is made to leave dates alone by ="2013-01-04".
    formula = np.append(quotes[1:], False) & (data == _EQUALS)
    formula[1:] &= (data[:-1] == UNIT) | (data[:-1] == _LF)
    kept = (~quotes | twice) & ~formula
    return _indexed(data[kept], np.delete(numbers, joined + 1))


def _closed(source: Raw, mark: int, width: int) -> tuple[Flags, Places]:
    """What stands in quotes, values over several lines included, and the lines that go on in the next one."""
    assert source.inside is not None
    odd = np.flatnonzero(source.odd)
    inside = source.inside
    if len(odd) < 2 or len(odd) > _PAIRED:
        return inside, np.empty(0, np.int64)
    inside = inside.copy()
    alone = source.values(mark)
    joined: list[Places] = []
    position = 0
    while position < len(odd) - 1:
        first, last = odd[position], odd[position + 1]
        position += 1
        if last - first > _LONGEST_VALUE or (alone[first] == width and alone[last] == width):
            continue
        span = slice(source.starts[first], source.ends[last])
        within = np.cumsum(source.data[span] == source.quote) % 2 == 1
        if np.count_nonzero((source.data[span] == mark) & ~within) + 1 == width:
            inside[span] = within
            joined.append(np.arange(first, last))
            position += 1
    return inside, np.concatenate(joined) if joined else np.empty(0, np.int64)


def _indexed(data: Bytes, numbers: Places) -> Lines:
    ends = np.flatnonzero(data == _LF)
    starts = np.concatenate([[0], ends[:-1] + 1])
    return Lines(data, starts, ends, numbers, _counts(data == UNIT, starts) + 1)


def _counts(hits: Flags, starts: Places) -> Places:
    """How many of the hits (bool, one a byte) lie in each line."""
    return np.add.reduceat(hits, starts, dtype=np.int32).astype(np.int64)
